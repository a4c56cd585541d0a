// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvserver_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/handlerpool_p.h>
#include <gruvsocks/tlsentrance_p.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qset.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qsslsocket.h>

#include <algorithm>
#include <utility>

void GruvServerPrivate::accept(qintptr descriptor)
{
    const auto keep = shared_from_this();
    ConnectionPool::Newcomer newcomer{ {}, {}, options, tls, handler };
    const bool isPlain = !tls;
    const auto verdict = Acceptor::admit(descriptor, guard.get(),
                                         isPlain ? &newcomer.ticket : nullptr, &newcomer.address);
    if (verdict != ConnectionGuard::Verdict::Admitted) {
        rejected(newcomer.address, reasonOf(verdict));
    } else if (threadCount > 0) {
        acceptForThreads(descriptor, newcomer);
    } else if (!isPlain) {
        TlsEntrance::of(q)->admit(
                descriptor, tls, options.connectTimeout,
                [this, address = newcomer.address](QSslSocket *encrypted, const QString &failure) {
                    handshakeDone(encrypted, address, failure);
                });
    } else if (GruvSocket *socket = newClient(); GruvSocketPrivate::of(socket)->adopt(descriptor)) {
        introduce(socket, newcomer.ticket);
    } else {
        NativeSocket::close(descriptor);
        delete socket;
    }
}

GruvSocket *GruvServerPrivate::newClient()
{
    auto *socket = new GruvSocket(q);
    socket->setOptions(options);
    return socket;
}

void GruvServerPrivate::handshakeDone(QSslSocket *encrypted, const QHostAddress &address,
                                      const QString &failure)
{
    const auto keep = shared_from_this();
    ConnectionGuard::Ticket ticket;
    if (!encrypted) {
        handshakeFailed(address, failure);
    } else if (const auto verdict = guard->enter(address, &ticket);
               verdict != ConnectionGuard::Verdict::Admitted) {
        delete encrypted;
        rejected(address, reasonOf(verdict));
    } else {
        GruvSocket *socket = newClient();
        GruvSocketPrivate::of(socket)->adopt(encrypted);
        introduce(socket, ticket);
    }
}

// Who comes while not one thread is to be had is closed: a handler of theirs may block.
void GruvServerPrivate::acceptForThreads(qintptr descriptor,
                                         const ConnectionPool::Newcomer &newcomer)
{
    if (!m_connectionPool || !m_connectionPool->hasThreads())
        setThreadCount(threadCount);
    if (m_connectionPool->hasThreads()) {
        m_lacksThreads = false;
        m_connectionPool->take(descriptor, newcomer);
        return;
    }
    NativeSocket::close(descriptor);
    if (!std::exchange(m_lacksThreads, true))
        cannotAccept(QStringLiteral("the system has no thread to give"));
}

int GruvServerPrivate::connectionCount() const
{
    const int pooled = m_connectionPool ? m_connectionPool->connectionCount() : 0;
    return int(clients.size()) - m_pooledClients + pooled;
}

void GruvServerPrivate::setThreadCount(int count)
{
    threadCount = count;
    if (m_connectionPool) {
        m_connectionPool->setThreadCount(count);
    } else if (count > 0) {
        m_connectionPool = std::make_shared<ConnectionPool>(this, m_tasks, guard, count);
        if (q->isSignalConnected(QMetaMethod::fromSignal(&GruvServer::messageReceived)))
            m_connectionPool->relayMessages();
    }
}

// For listen(), which needs one of them at least. It tries again for those that were not to be had.
bool GruvServerPrivate::beginThreads()
{
    setThreadCount(threadCount);
    return threadCount == 0 || m_connectionPool->hasThreads()
           || refuse(Error::ResourceExhausted,
                     QStringLiteral("cannot listen: the system has no thread to give"));
}

void GruvServerPrivate::runTasks()
{
    const auto keep = shared_from_this();
    m_tasks->runAll();
}

// A slot in its thread may have deleted it.
bool GruvServerPrivate::isInPool(quint64 id) const
{
    return m_connectionPool && m_connectionPool->table().use(id, [](GruvSocket *) {});
}

/*
    Emits what is told of a connection of the pool. A slot may run an event loop, in which the end
   of the same connection is told, or stop the server: the socket, and the threads, stay until the
    outermost slot that was given it has returned.
*/
template<typename Emission>
void GruvServerPrivate::tell(quint64 id, const Emission &emission)
{
    const auto keep = shared_from_this();
    m_told.append(id);
    emission();
    m_told.removeLast();
    if (q && m_connectionPool && !clients.contains(id) && !m_told.contains(id))
        m_connectionPool->table().use(id, [](GruvSocket *ended) { ended->deleteLater(); });
    if (m_told.isEmpty())
        endLeavingPools();
}

void GruvServerPrivate::endLeavingPools()
{
    for (const auto &pool : std::exchange(m_leavingPools, {}))
        end(pool, QDeadlineTimer(HandlerPool::StopLimit));
}

void GruvServerPrivate::pooledConnected(quint64 id, GruvSocket *socket)
{
    if (!isInPool(id))
        return;
    clients.insert(id, { socket, {}, true, true, true });
    ++m_pooledClients;
    trace(QStringLiteral("%1 connected").arg(id));
    tell(id, [&] { Q_EMIT q->clientConnected(socket); });
}

void GruvServerPrivate::pooledMessage(quint64 id, GruvSocket *socket, const QByteArray &message)
{
    if (clients.contains(id) && isInPool(id))
        tell(id, [&] { Q_EMIT q->messageReceived(socket, message); });
}

void GruvServerPrivate::pooledDisconnected(quint64 id, GruvSocket *socket)
{
    const bool isKnown = clients.contains(id);
    pooledGone(id);
    trace(QStringLiteral("%1 disconnected").arg(id));
    tell(id, [&] {
        if (isKnown && isInPool(id))
            Q_EMIT q->clientDisconnected(socket);
    });
}

// They stay until the slots that were given them have returned: stop() in one must not wait.
int GruvServerPrivate::endedBeingTold() const
{
    const QSet<quint64> told(m_told.begin(), m_told.end());
    return int(std::count_if(told.begin(), told.end(),
                             [this](quint64 id) { return !clients.contains(id) && isInPool(id); }));
}

void GruvServerPrivate::pooledGone(quint64 id)
{
    m_pooledClients -= int(clients.remove(id));
}

void GruvServerPrivate::pooledRefused(const QHostAddress &address, ConnectionGuard::Verdict verdict)
{
    rejected(address, reasonOf(verdict));
}

void GruvServerPrivate::pooledHandshakeFailed(const QHostAddress &address, const QString &why)
{
    handshakeFailed(address, why);
}

void GruvServerPrivate::introduce(GruvSocket *socket, const ConnectionGuard::Ticket &ticket)
{
    const quint64 id = socket->connectionId();
    Client &client = clients.insert(id, { socket, ticket }).value();
    QObject::connect(socket, &GruvSocket::disconnected, q, [this, id] { clientEnded(id); });
    QObject::connect(socket, &QObject::destroyed, q, [this, id] { clients.remove(id); });
    if (q->isSignalConnected(QMetaMethod::fromSignal(&GruvServer::messageReceived)))
        relay(&client);
    trace(QStringLiteral("%1 connected from %2:%3")
                  .arg(id)
                  .arg(socket->peerAddress().toString())
                  .arg(socket->peerPort()));
    if (const auto function = handler)
        function(socket);
    const auto found = q ? clients.find(id) : clients.end();
    if (found == clients.end())
        return;
    found->announced = true;
    Q_EMIT q->clientConnected(socket);
}

// Somebody connected to messageReceived(): from now on every client's messages go there.
void GruvServerPrivate::relayMessages()
{
    if (q->thread() != QThread::currentThread()) {
        m_tasks->post([this] { relayMessages(); });
        return;
    }
    for (Client &client : clients)
        relay(&client);
    if (m_connectionPool)
        m_connectionPool->relayMessages();
}

void GruvServerPrivate::relay(Client *client)
{
    if (std::exchange(client->relayed, true))
        return;
    GruvSocket *socket = client->socket;
    QObject::connect(socket, &GruvSocket::messageReceived, q,
                     [server = q, socket](const QByteArray &message) {
                         Q_EMIT server->messageReceived(socket, message);
                     });
}

void GruvServerPrivate::clientEnded(quint64 id)
{
    const auto keep = shared_from_this();
    Client client = clients.take(id);
    if (!client.socket)
        return;
    client.ticket.reset();
    const QPointer<GruvSocket> socket = client.socket;
    trace(QStringLiteral("%1 disconnected").arg(id));
    if (client.announced)
        Q_EMIT q->clientDisconnected(client.socket);
    if (socket)
        socket->deleteLater();
}

// Lets the clients come to their end for drain, then ends them.
void GruvServerPrivate::endClients(QDeadlineTimer drain)
{
    TlsEntrance::endAll(q);
    if (m_connectionPool)
        m_connectionPool->endHandshakes();
    if (!drain.hasExpired())
        waitInEventLoop(drain, [this] { return !q || connectionCount() <= endedBeingTold(); });
    const QList<quint64> ids = q ? clients.keys() : QList<quint64>();
    for (quint64 id : ids) {
        const Client client = clients.value(id);
        if (client.socket && !client.pooled)
            GruvSocketPrivate::of(client.socket)->ask(Mailbox::Request::Stop);
        if (!q)
            return;
    }
    if (q && m_connectionPool)
        endPool();
}

// Aborts what lives in other threads, emits what that tells, and ends the threads. A slot of that
// may stop the server too: then it is done there.
void GruvServerPrivate::endPool()
{
    const std::shared_ptr<ConnectionPool> pool = m_connectionPool;
    const QDeadlineTimer deadline(HandlerPool::StopLimit);
    pool->table().close();
    pool->table().stopAll();
    waitInEventLoop(deadline, [this, &pool] {
        return !q || m_connectionPool != pool || pool->connectionCount() <= endedBeingTold();
    });
    if (!q)
        return; // destroy() has ended it
    runTasks(); // what the last of them has told
    if (!q || m_connectionPool != pool)
        return;
    m_connectionPool.reset();
    if (m_told.isEmpty())
        end(pool, deadline);
    else
        m_leavingPools.push_back(pool);
}

void GruvServerPrivate::end(const std::shared_ptr<ConnectionPool> &pool, QDeadlineTimer deadline)
{
    if (!ConnectionPool::end(pool, deadline))
        qCWarning(gruvServerLog, "GruvServer: a slot does not return; its thread goes on");
}
