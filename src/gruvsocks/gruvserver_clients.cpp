// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvserver_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/handlerpool_p.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <utility>

void GruvServerPrivate::accept(qintptr descriptor)
{
    const auto keep = shared_from_this();
    QHostAddress address;
    ConnectionGuard::Ticket ticket;
    const auto verdict = Acceptor::admit(descriptor, guard.get(), &ticket, &address);
    if (verdict != ConnectionGuard::Verdict::Admitted) {
        rejected(address, verdict);
        return;
    }
    if (threadCount > 0) {
        if (!m_connectionPool)
            setThreadCount(threadCount);
        m_connectionPool->take(descriptor, ticket, options, handler);
        return;
    }
    auto *socket = new GruvSocket(q);
    socket->setOptions(options);
    if (!GruvSocketPrivate::of(socket)->adopt(descriptor)) {
        NativeSocket::close(descriptor);
        delete socket;
        return;
    }
    introduce(socket, ticket);
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
        m_connectionPool = std::make_shared<ConnectionPool>(this, m_tasks, count);
        if (q->isSignalConnected(QMetaMethod::fromSignal(&GruvServer::messageReceived)))
            m_connectionPool->relayMessages();
    }
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

void GruvServerPrivate::pooledConnected(quint64 id, GruvSocket *socket)
{
    if (!isInPool(id))
        return;
    clients.insert(id, { socket, {}, true, true, true });
    ++m_pooledClients;
    trace(QStringLiteral("%1 connected").arg(id));
    Q_EMIT q->clientConnected(socket);
}

void GruvServerPrivate::pooledMessage(quint64 id, GruvSocket *socket, const QByteArray &message)
{
    if (clients.contains(id) && isInPool(id))
        Q_EMIT q->messageReceived(socket, message);
}

void GruvServerPrivate::pooledDisconnected(quint64 id, GruvSocket *socket)
{
    const auto keep = shared_from_this();
    const bool isKnown = clients.contains(id);
    pooledGone(id);
    trace(QStringLiteral("%1 disconnected").arg(id));
    m_endsBeingTold.append(id);
    if (isKnown && isInPool(id))
        Q_EMIT q->clientDisconnected(socket);
    m_endsBeingTold.removeLast();
}

// They are deleted when the slot that is told of them has returned: stop() in it must not wait.
int GruvServerPrivate::endsBeingTold() const
{
    return int(std::count_if(m_endsBeingTold.begin(), m_endsBeingTold.end(),
                             [this](quint64 id) { return isInPool(id); }));
}

void GruvServerPrivate::pooledGone(quint64 id)
{
    m_pooledClients -= int(clients.remove(id));
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
void GruvServerPrivate::endClients(std::chrono::milliseconds drain)
{
    if (drain.count() > 0)
        waitInEventLoop(QDeadlineTimer(drain),
                        [this] { return !q || connectionCount() <= endsBeingTold(); });
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

// Aborts what lives in other threads, emits what that tells, and ends the threads.
void GruvServerPrivate::endPool()
{
    const std::shared_ptr<ConnectionPool> pool = m_connectionPool;
    const QDeadlineTimer deadline(HandlerPool::StopLimit);
    pool->table().close();
    pool->table().stopAll();
    waitInEventLoop(deadline,
                    [this, &pool] { return !q || pool->connectionCount() <= endsBeingTold(); });
    if (!q)
        return; // destroy() has ended it
    runTasks(); // what the last of them has told
    if (q && m_connectionPool == pool)
        forgetPool(deadline);
}

void GruvServerPrivate::forgetPool(QDeadlineTimer deadline)
{
    if (m_connectionPool && !ConnectionPool::end(m_connectionPool, deadline))
        qCWarning(gruvServerLog, "GruvServer: a slot does not return; its thread goes on");
    m_connectionPool.reset();
}
