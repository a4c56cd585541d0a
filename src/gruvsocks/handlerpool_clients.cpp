// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/acceptor_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/handlerpool_p.h>
#include <gruvsocks/tlsentrance_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qsslsocket.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace {

thread_local const HandlerPool *poolOfThisThread = nullptr;

// Whoever is to send, or to be sent something, within a time does not wait longer for a thread.
std::chrono::milliseconds longestWait(const GruvSocketOptions &options)
{
    auto longest = std::chrono::milliseconds::max();
    for (const auto limit : { options.firstMessageTimeout, options.idleTimeout }) {
        if (limit.count() > 0)
            longest = std::min(longest, limit);
    }
    return longest;
}

} // namespace

// An accepted descriptor, or an encrypted connection, on its way to a thread; closed if it never
// gets there.
class HandlerPool::Connection final : public HandlerThreads::Task
{
public:
    Connection(HandlerPool *pool, qintptr descriptor, const QHostAddress &address,
               ConnectionGuard::Ticket ticket)
        : m_ticket(std::move(ticket))
        , m_pool(pool)
        , m_address(address)
        , m_descriptor(descriptor)
    {
        ++m_pool->m_count;
    }
    Connection(HandlerPool *pool, QSslSocket *encrypted, const QHostAddress &address,
               ConnectionGuard::Ticket ticket)
        : Connection(pool, encrypted->socketDescriptor(), address, std::move(ticket))
    {
        m_encrypted = encrypted;
        encrypted->flush(); // the last of a handshake of TLS 1.2, for which the peer waits
        encrypted->moveToThread(nullptr); // for whoever takes it
    }
    ~Connection() override
    {
        if (m_encrypted)
            delete takeEncrypted();
        else if (m_descriptor >= 0)
            NativeSocket::close(m_descriptor);
        m_ticket.reset(); // first, for who counts may connect
        if (m_tell)
            (*m_tell)(m_address);
        m_pool->left();
    }
    void run() override
    {
        m_pool->serve([this](GruvSocketPrivate *socket) {
            return m_encrypted ? socket->adopt(takeEncrypted())
                               : socket->adopt(std::exchange(m_descriptor, -1));
        });
    }
    bool isOver() override;

private:
    Q_DISABLE_COPY_MOVE(Connection)
    QSslSocket *takeEncrypted()
    {
        m_encrypted->moveToThread(QThread::currentThread());
        m_descriptor = -1;
        return std::exchange(m_encrypted, nullptr);
    }
    // Whether the peer has ended and nothing that it sent is left; reads what has come meanwhile.
    bool encryptedIsDeserted()
    {
        m_encrypted->moveToThread(QThread::currentThread());
        m_encrypted->setReadBufferSize(64 * 1024);
        if (m_encrypted->bytesAvailable() == 0)
            m_encrypted->waitForReadyRead(0);
        const bool ended = m_encrypted->state() != QAbstractSocket::ConnectedState
                           || m_encrypted->error() == QAbstractSocket::RemoteHostClosedError;
        const bool deserted = ended && m_encrypted->bytesAvailable() == 0;
        m_encrypted->moveToThread(nullptr);
        return deserted;
    }
    ConnectionGuard::Ticket m_ticket;
    HandlerPool *const m_pool;
    const QHostAddress m_address; // a peer that is gone has none any more
    qintptr m_descriptor;
    QSslSocket *m_encrypted = nullptr; // whose descriptor it is; in no thread
    const std::function<void(const QHostAddress &)> *m_tell = nullptr; // of why it is over
    const qint64 m_since = DeadlineQueue::now();
    bool m_watched = false; // by the system, for a peer that is gone without a word
};

bool HandlerPool::Connection::isOver()
{
    const GruvSocketOptions options = m_pool->options();
    if (!std::exchange(m_watched, true))
        NativeSocket::setDeadPeerTimeout(m_descriptor, options.deadPeerTimeout);
    if (m_encrypted ? encryptedIsDeserted() : NativeSocket::isDeserted(m_descriptor))
        m_tell = &m_pool->m_setup.leftWhileWaiting;
    else if (DeadlineQueue::now() - m_since >= longestWait(options).count())
        m_tell = &m_pool->m_setup.waitedTooLong;
    return m_tell;
}

// A handshake takes no handler's thread: who is silent in it would keep others from being served.
void HandlerPool::admit(qintptr descriptor, QObject *home)
{
    const Tls::Configuration configuration = tls();
    const bool isPlain = !configuration;
    QHostAddress address;
    ConnectionGuard::Ticket ticket;
    const auto verdict =
            Acceptor::admit(descriptor, m_setup.guard.get(), isPlain ? &ticket : nullptr, &address);
    if (verdict != ConnectionGuard::Verdict::Admitted)
        m_setup.rejected(address, verdict);
    else if (isPlain)
        start(std::make_unique<Connection>(this, descriptor, address, std::move(ticket)));
    else
        TlsEntrance::of(home)->admit(
                descriptor, configuration, options().connectTimeout,
                [this, address](QSslSocket *encrypted, const QString &failure) {
                    handshakeDone(encrypted, address, failure);
                });
}

void HandlerPool::handshakeDone(QSslSocket *encrypted, const QHostAddress &address,
                                const QString &failure)
{
    ConnectionGuard::Ticket ticket;
    if (!encrypted) {
        m_setup.handshakeFailed(address, failure);
    } else if (const auto verdict = m_setup.guard->enter(address, &ticket);
               verdict != ConnectionGuard::Verdict::Admitted) {
        delete encrypted;
        m_setup.rejected(address, verdict);
    } else {
        start(std::make_unique<Connection>(this, encrypted, address, std::move(ticket)));
    }
}

void HandlerPool::start(std::unique_ptr<Connection> connection)
{
    m_threads.start(std::move(connection));
    if (!m_look->isActive())
        m_look->start();
}

static void abortIfThere(GruvSocket *socket)
{
    if (socket)
        socket->abort();
}

// On the heap, for a slot of the handler may delete the socket, as any slot may.
void HandlerPool::serve(const std::function<bool(GruvSocketPrivate *)> &adopt)
{
    poolOfThisThread = this;
    const QPointer<GruvSocket> socket = new GruvSocket;
    if (adopt(GruvSocketPrivate::of(socket))) {
        socket->setOptions(options());
        if (m_table->add(socket))
            runHandler(socket);
    }
    delete socket;
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete); // no loop would do it
}

void HandlerPool::runHandler(const QPointer<GruvSocket> &socket)
{
    const GruvPeer peer{ socket->peerAddress(), socket->peerPort() };
    try {
        m_setup.handler(peer, *socket);
        if (socket)
            GruvSocketPrivate::of(socket)->closeAndWait();
    } catch (const std::exception &exception) {
        qCWarning(gruvServerLog) << "the handler of" << peer << "threw:" << exception.what();
        abortIfThere(socket);
    } catch (...) {
        qCWarning(gruvServerLog) << "the handler of" << peer << "threw";
        abortIfThere(socket);
    }
}

// Whether the caller is one of this pool's handlers, which cannot wait for itself.
bool HandlerPool::isCallersOwn() const
{
    return poolOfThisThread == this;
}
