// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/acceptor_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/handlerpool_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace {

constexpr qint64 LongestDrain = 24 * 3600 * 1000; // ms

thread_local const HandlerPool *poolOfThisThread = nullptr;

} // namespace

// An accepted descriptor on its way to a thread; closed if it never gets there.
class HandlerPool::Connection
{
public:
    Connection(HandlerPool *pool, qintptr descriptor, ConnectionGuard::Ticket ticket)
        : m_ticket(std::move(ticket))
        , m_pool(pool)
        , m_descriptor(descriptor)
    {
        ++m_pool->m_count;
    }
    ~Connection()
    {
        if (m_descriptor >= 0)
            NativeSocket::close(m_descriptor);
        m_ticket.reset(); // first, for who counts may connect
        --m_pool->m_count;
    }
    void serve() { m_pool->serve(std::exchange(m_descriptor, -1)); }

private:
    Q_DISABLE_COPY_MOVE(Connection)
    ConnectionGuard::Ticket m_ticket;
    HandlerPool *const m_pool;
    qintptr m_descriptor;
};

/*
    Threads come from a QThreadPool, whose queue is what lets connections beyond the bound wait. The
    listening descriptor, which it owns from here on, is accepted from in a thread of its own, for
    the thread of the GruvServer may run no event loop.
*/
HandlerPool::HandlerPool(const Setup &setup, qintptr listeningDescriptor)
    : m_setup(setup)
    , m_options(setup.options)
{
    m_threads.setMaxThreadCount(setup.maximumThreads);
    m_acceptThread.reset(
            QThread::create([this, listeningDescriptor] { acceptUntilQuit(listeningDescriptor); }));
    m_acceptThread->setObjectName(QStringLiteral("GruvServer accept"));
    m_acceptThread->start();
}

void HandlerPool::acceptUntilQuit(qintptr listeningDescriptor)
{
    {
        const Acceptor acceptor(
                listeningDescriptor, [this](qintptr descriptor) { admit(descriptor); },
                m_setup.acceptFailed);
        QEventLoop().exec();
    }
    NativeSocket::close(listeningDescriptor);
}

HandlerPool::~HandlerPool()
{
    stop({});
}

void HandlerPool::setOptions(const GruvSocketOptions &options)
{
    const std::lock_guard lock(m_mutex);
    m_options = options;
}

GruvSocketOptions HandlerPool::options()
{
    const std::lock_guard lock(m_mutex);
    return m_options;
}

void HandlerPool::admit(qintptr descriptor)
{
    QHostAddress address;
    ConnectionGuard::Ticket ticket;
    const auto verdict = Acceptor::admit(descriptor, m_setup.guard.get(), &ticket, &address);
    if (verdict != ConnectionGuard::Verdict::Admitted) {
        m_setup.rejected(address, verdict);
        return;
    }
    const auto connection = std::make_shared<Connection>(this, descriptor, std::move(ticket));
    m_threads.start([connection] { connection->serve(); });
}

void HandlerPool::serve(qintptr descriptor)
{
    poolOfThisThread = this;
    {
        GruvSocket socket;
        if (!GruvSocketPrivate::of(&socket)->adopt(descriptor)) {
            NativeSocket::close(descriptor);
        } else {
            socket.setOptions(options());
            if (m_table->add(&socket))
                runHandler(&socket);
        }
    }
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete); // no loop would do it
}

void HandlerPool::runHandler(GruvSocket *socket)
{
    const GruvPeer peer{ socket->peerAddress(), socket->peerPort() };
    try {
        m_setup.handler(peer, *socket);
        socket->disconnectFromHost();
        socket->waitForDisconnected();
    } catch (const std::exception &exception) {
        qCWarning(gruvServerLog) << "the handler of" << peer << "threw:" << exception.what();
        socket->abort();
    } catch (...) {
        qCWarning(gruvServerLog) << "the handler of" << peer << "threw";
        socket->abort();
    }
}

// Whether the caller is one of this pool's handlers, which cannot wait for itself.
bool HandlerPool::isCallersOwn() const
{
    return poolOfThisThread == this;
}

void HandlerPool::stopAccepting()
{
    m_acceptThread->quit();
    m_acceptThread->wait();
}

/*
    Connections that no handler has begun to serve are closed; the others have drain to come to
    their end and are aborted then. Returns whether every handler has returned.
*/
bool HandlerPool::stop(std::chrono::milliseconds drain)
{
    stopAccepting();
    m_threads.clear();
    const int wait = int(std::clamp<qint64>(drain.count(), 0, LongestDrain));
    if (!isCallersOwn() && wait > 0 && m_threads.waitForDone(wait))
        return true;
    m_table->close();
    m_table->stopAll();
    return !isCallersOwn() && m_threads.waitForDone(StopLimit);
}
