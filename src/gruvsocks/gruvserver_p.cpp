// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/deadlinequeue_p.h>
#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvserver_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/handlerpool_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <future>
#include <utility>

namespace {

// The kernel lowers it to net.core.somaxconn; QTcpServer's 50 drops a burst of connects.
constexpr int Backlog = 4096;
// What may wait for the server's event loop to be told.
constexpr int MostRejectionsPosted = 64;

GruvServer::Error listenError(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::AddressInUseError:
        return GruvServer::Error::AddressInUse;
    case QAbstractSocket::SocketAccessError:
        return GruvServer::Error::PermissionDenied;
    case QAbstractSocket::SocketAddressNotAvailableError:
        return GruvServer::Error::AddressNotAvailable;
    case QAbstractSocket::SocketResourceError:
        return GruvServer::Error::ResourceExhausted;
    default:
        return GruvServer::Error::NetworkError;
    }
}

} // namespace

GruvServerPrivate::GruvServerPrivate(GruvServer *server)
    : q(server)
    , guard(std::make_shared<ConnectionGuard>(&DeadlineQueue::now))
{
    q->setListenBacklogSize(Backlog);
    m_tasks->open(q);
}

void GruvServerPrivate::trace(const QString &step) const
{
    if (options.debug)
        qCDebug(gruvServerLog).noquote() << step;
}

bool GruvServerPrivate::refuse(Error refusal, const QString &text)
{
    trace(text);
    error = refusal;
    errorString = text;
    Q_EMIT q->errorOccurred(refusal, text);
    return false;
}

bool GruvServerPrivate::listen(const QHostAddress &address, quint16 port, bool inLoop)
{
    const auto keep = shared_from_this();
    if (m_listening == m_stopRequestedFor)
        closeListening(); // what another thread's stop() posted has not come yet
    if (!q)
        return false;
    const QString place = address.toString() + u':' + QString::number(port);
    if (q->isListening()) {
        return refuse(Error::AlreadyListening,
                      QStringLiteral("cannot listen on %1: already listening on %2:%3, call stop() "
                                     "first")
                              .arg(place, q->serverAddress().toString())
                              .arg(q->serverPort()));
    }
    if (address.isNull()) { // QTcpServer takes it for "all addresses"
        return refuse(
                Error::AddressNotAvailable,
                QStringLiteral("cannot listen: no valid address was given (a host name has to "
                               "be looked up first)"));
    }
    if (!q->QTcpServer::listen(address, port)) {
        const Error reason = listenError(q->serverError());
        const QString text = q->QTcpServer::errorString();
        q->QTcpServer::close();
        return refuse(reason, QStringLiteral("cannot listen on %1: %2").arg(place, text));
    }
    error = Error::NoError;
    errorString.clear();
    {
        const QMutexLocker lock(&m_mutex);
        m_descriptor = q->socketDescriptor();
        ++m_listening;
    }
    m_servesInLoop = m_servesInLoop || inLoop;
    trace(QStringLiteral("listening on %1:%2")
                  .arg(q->serverAddress().toString())
                  .arg(q->serverPort()));
    return true;
}

bool GruvServerPrivate::accepts(const GruvServer::BlockingHandler &blockingHandler)
{
    return blockingHandler
           || refuse(Error::NoHandler, QStringLiteral("cannot start: the handler is empty"));
}

void GruvServerPrivate::startAccepting()
{
    if (!NativeSocket::isSupported())
        return; // QTcpServer accepts by itself
    q->pauseAccepting();
    m_acceptor = new Acceptor(
            q->socketDescriptor(),
            [this](qintptr descriptor) { q->incomingConnection(descriptor); },
            [this](const QString &text) { cannotAccept(text); });
    m_acceptor->setParent(q);
}

void GruvServerPrivate::cannotAccept(const QString &text)
{
    refuse(Error::ResourceExhausted, QStringLiteral("cannot accept connections: ") + text);
}

// Lets handlers serve what the listening socket accepts; the server's own notifier rests.
bool GruvServerPrivate::startHandlers(const GruvServer::BlockingHandler &blockingHandler)
{
    q->pauseAccepting();
    const qintptr copy = NativeSocket::duplicate(q->socketDescriptor());
    if (copy < 0) {
        forgetDescriptor();
        q->QTcpServer::close();
        return refuse(Error::ResourceExhausted,
                      QStringLiteral("cannot start: no descriptor for the accepting thread"));
    }
    HandlerPool::Setup setup;
    setup.handler = blockingHandler;
    setup.guard = guard;
    setup.rejected = [this](const QHostAddress &address, ConnectionGuard::Verdict verdict) {
        if (m_rejectionsPosted >= MostRejectionsPosted)
            return; // this thread runs no event loop, or is busy
        ++m_rejectionsPosted;
        m_tasks->post([this, address, verdict] {
            --m_rejectionsPosted;
            rejected(address, verdict);
        });
    };
    setup.acceptFailed = [this](const QString &text) {
        m_tasks->post([this, text] { cannotAccept(text); });
    };
    setup.options = options;
    setup.maximumThreads = maximumHandlerThreads;
    const QMutexLocker lock(&m_mutex);
    m_pools.push_back(std::make_shared<HandlerPool>(setup, copy));
    return true;
}

void GruvServerPrivate::runUntilStopped()
{
    QEventLoop loop;
    const auto outer = std::exchange(m_blockingLoop, &loop);
    loop.exec();
    if (!q)
        return;
    m_blockingLoop = outer;
    if (q->isListening()) // QCoreApplication::exit() ended it
        stop({});
}

GruvServerPrivate::Pools GruvServerPrivate::pools() const
{
    const QMutexLocker lock(&m_mutex);
    return m_pools;
}

void GruvServerPrivate::stop(std::chrono::milliseconds drain)
{
    const auto keep = shared_from_this();
    m_servesInLoop = false;
    const QDeadlineTimer deadline(drain);
    closeListening();
    stopPools(drain);
    if (q)
        endClients(std::chrono::milliseconds(deadline.remainingTime()));
    if (q && m_blockingLoop)
        m_blockingLoop->quit();
}

void GruvServerPrivate::stopFromOtherThread(std::chrono::milliseconds drain)
{
    const Pools running = pools();
    if (ConnectionPool::isCallersOwn(this)) {
        m_tasks->post([this, drain] { stop(drain); });
        return;
    }
    const bool inHandler = std::any_of(running.begin(), running.end(),
                                       [](const auto &pool) { return pool->isCallersOwn(); });
    if (m_servesInLoop && !inHandler) {
        const auto stopped = std::make_shared<std::promise<void>>();
        std::future<void> isStopped = stopped->get_future();
        m_tasks->post([this, drain, stopped] {
            stop(drain);
            stopped->set_value();
        });
        isStopped.wait();
        return;
    }
    quint32 listening = 0;
    {
        const QMutexLocker lock(&m_mutex);
        listening = m_listening;
        m_stopRequestedFor = listening;
        if (m_descriptor >= 0)
            NativeSocket::shutDown(m_descriptor); // nobody shall wait for a server that is gone
    }
    stopPools(drain);
    m_tasks->post([this, listening] {
        if (m_listening == listening) // else it has been started again meanwhile
            stop({});
    });
}

// Before it is closed: its number may be another socket's soon.
void GruvServerPrivate::forgetDescriptor()
{
    const QMutexLocker lock(&m_mutex);
    m_descriptor = -1;
}

void GruvServerPrivate::closeListening()
{
    forgetDescriptor();
    for (const auto &pool : pools())
        pool->stopAccepting();
    stopAcceptor();
    if (!q->isListening())
        return;
    q->QTcpServer::close();
    trace(QStringLiteral("no longer listening"));
    Q_EMIT q->listeningChanged(false);
}

// It may be the one that called.
void GruvServerPrivate::stopAcceptor()
{
    if (Acceptor *acceptor = std::exchange(m_acceptor, nullptr)) {
        acceptor->stop();
        acceptor->deleteLater();
    }
}

void GruvServerPrivate::stopPools(std::chrono::milliseconds drain)
{
    const QDeadlineTimer deadline(drain);
    for (const auto &pool : pools()) {
        const bool ended = pool->stop(std::chrono::milliseconds(deadline.remainingTime()));
        if (pool->isCallersOwn())
            continue; // the next stop() finds it ended
        if (!ended) {
            new std::shared_ptr<HandlerPool>(pool); // for as long as its handlers run
            qCWarning(gruvServerLog, "GruvServer: a handler does not return; its thread goes on");
        }
        const QMutexLocker lock(&m_mutex);
        m_pools.erase(std::remove(m_pools.begin(), m_pools.end(), pool), m_pools.end());
    }
}

void GruvServerPrivate::destroy()
{
    for (const auto &pool : pools())
        pool->stopAccepting();
    stopAcceptor();
    forgetDescriptor();
    GruvServer *server = std::exchange(q, nullptr);
    server->QTcpServer::close();
    stopPools({});
    m_tasks->close(); // nothing more is told
    forgetPool(QDeadlineTimer(HandlerPool::StopLimit));
    const auto remaining = std::exchange(clients, {});
    for (const Client &client : remaining) {
        if (client.pooled)
            continue; // its thread has ended with it
        client.socket->disconnect(server);
        delete client.socket;
    }
    if (m_blockingLoop)
        m_blockingLoop->quit();
}
