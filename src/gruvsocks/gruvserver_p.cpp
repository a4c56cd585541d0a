// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/deadlinequeue_p.h>
#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvserver_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/handlerpool_p.h>
#include <gruvsocks/tlsentrance_p.h>

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
// With an end, for QDeadlineTimer takes the largest number, and one below 0, for "for ever".
constexpr std::chrono::hours LongestDrain(24);

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

    stopAcceptor(); // where QTcpServer::close() was called
    q->pauseAccepting();
    const qintptr listening = q->socketDescriptor();
    m_acceptor = new Acceptor(
            listening, [this, listening] { return q->socketDescriptor() == listening; },
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
    forgetPoolsOver();
    q->pauseAccepting();
    const qintptr copy = NativeSocket::duplicate(q->socketDescriptor());
    if (copy < 0)
        return cannotStart(QStringLiteral("no descriptor for the accepting thread"));
    HandlerPool::Setup setup;
    setup.handler = blockingHandler;
    setup.guard = guard;
    setup.rejected = [this](const QHostAddress &address, ConnectionGuard::Verdict verdict) {
        postTurnedAway([=] { rejected(address, reasonOf(verdict)); });
    };
    setup.waitedTooLong = [this](const QHostAddress &address) {
        postTurnedAway([=] { rejected(address, GruvServer::RejectReason::WaitedTooLong); });
    };
    setup.leftWhileWaiting = [this](const QHostAddress &address) {
        postTurnedAway([=] { leftWhileWaiting(address); });
    };
    setup.handshakeFailed = [this](const QHostAddress &address, const QString &why) {
        postTurnedAway([=] { handshakeFailed(address, why); });
    };
    setup.acceptFailed = [this](const QString &text) {
        if (m_failurePosted.exchange(true))
            return; // this thread runs no event loop, or is busy
        m_tasks->post([this, text] {
            m_failurePosted = false;
            cannotAccept(text);
        });
    };
    setup.options = options;
    setup.tls = tls;
    setup.maximumThreads = maximumHandlerThreads;
    const auto pool = std::make_shared<HandlerPool>(setup);
    if (!pool->accept(copy)) // which may log: not with the lock held
        return cannotStart(QStringLiteral("the system has no thread to give"));
    trace(QStringLiteral("handlers serve from here on"));
    enlist(pool);
    return true;
}

// Nobody is served before: a handler may stop the server, which has to find it in this pool.
// Another thread may have stopped the server before it could see the pool.
void GruvServerPrivate::enlist(const std::shared_ptr<HandlerPool> &pool)
{
    QMutexLocker lock(&m_mutex);
    m_pools.push_back(pool);
    const bool isStopped = m_stopRequestedFor == m_listening;
    lock.unlock();
    if (isStopped)
        stopPools({ pool }, {});
    pool->begin();
}

// Where it listens already.
bool GruvServerPrivate::cannotStart(const QString &text)
{
    forgetDescriptor();
    q->QTcpServer::close();
    return refuse(Error::ResourceExhausted, QStringLiteral("cannot start: ") + text);
}

// For who was turned away in another thread.
void GruvServerPrivate::postTurnedAway(const std::function<void()> &tell)
{
    if (m_rejectionsPosted >= MostRejectionsPosted)
        return; // this thread runs no event loop, or is busy
    ++m_rejectionsPosted;
    m_tasks->post([this, tell] {
        --m_rejectionsPosted;
        tell();
    });
}

void GruvServerPrivate::runUntilStopped()
{
    QEventLoop loop;
    const auto outer = std::exchange(m_blockingLoop, &loop);
    const quint32 listening = m_listening;
    loop.exec();
    if (q)
        m_blockingLoop = outer;
    if (q && q->isListening() && m_listening == listening) // QCoreApplication::exit() ended it
        stop({});
    if (outer && (!q || !q->isListening()))
        outer->quit(); // whoever stopped the server saw this loop only
}

GruvServerPrivate::Pools GruvServerPrivate::pools() const
{
    const QMutexLocker lock(&m_mutex);
    return m_pools;
}

QDeadlineTimer GruvServerPrivate::drainUntil(std::chrono::milliseconds drain)
{
    return QDeadlineTimer(std::clamp<std::chrono::milliseconds>(drain, {}, LongestDrain));
}

void GruvServerPrivate::stop(QDeadlineTimer drain)
{
    const auto keep = shared_from_this();
    const Pools running = pools(); // a slot of listeningChanged() may start another one
    m_servesInLoop = false;
    closeListening();
    stopPools(running, drain);
    if (q)
        endClients(drain);
    if (q && m_blockingLoop)
        m_blockingLoop->quit();
}

void GruvServerPrivate::stopFromOtherThread(QDeadlineTimer drain)
{
    const Pools running = pools();
    const auto stopThis = [this, drain, listening = m_listening.load()] {
        if (m_listening == listening) // else it has been started again meanwhile
            stop(drain);
    };
    if (ConnectionPool::isCallersOwn(this)) {
        m_tasks->post(stopThis);
    } else if (std::any_of(running.begin(), running.end(),
                           [](const auto &pool) { return pool->isCallersOwn(); })) {
        stopFromHandler(drain);
    } else if (m_servesInLoop) {
        const auto stopped = std::make_shared<std::promise<void>>();
        std::future<void> isStopped = stopped->get_future();
        m_tasks->post([stopThis, stopped] {
            stopThis();
            stopped->set_value();
        });
        isStopped.wait();
    } else {
        const auto [listening, stopped] = requestStop();
        stopPools(stopped, drain);
        m_tasks->post([this, listening = listening] {
            if (m_listening == listening)
                stop({});
        });
    }
}

// It waits for nothing, and neither does the server's thread, before the drain is over in each
// pool: that of an earlier start() may have nobody left to wait for.
void GruvServerPrivate::stopFromHandler(QDeadlineTimer drain)
{
    const auto [listening, stopped] = requestStop();
    m_tasks->post([this, listening = listening] {
        if (m_listening == listening)
            closeListening();
    });
    const auto finish = [this, drain, listening = listening, tasks = m_tasks](const void *) {
        tasks->post([this, drain, listening] {
            if (m_listening == listening)
                stop(drain);
        });
    };
    const HandlerPool::Token over(this, finish); // the last pool that lets go of it finishes
    for (const auto &pool : stopped)
        pool->stopLater(drain, over);
}

// Of what listens now; returns its number, and the pools that are to stop.
std::pair<quint32, GruvServerPrivate::Pools> GruvServerPrivate::requestStop()
{
    const QMutexLocker lock(&m_mutex);
    m_stopRequestedFor = m_listening.load();
    if (m_descriptor >= 0)
        NativeSocket::shutDown(m_descriptor); // nobody shall wait for a server that is gone
    return { m_listening.load(), m_pools };
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
    forgetPoolsOver();
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

// All of them come to their end at the same time.
void GruvServerPrivate::stopPools(const Pools &stopped, QDeadlineTimer drain)
{
    const QDeadlineTimer limit(drain.remainingTime() + HandlerPool::StopLimit);
    for (const auto &pool : stopped)
        pool->stopLater(drain, {});
    for (const auto &pool : stopped) {
        if (!pool->stop(drain, limit)) {
            new std::shared_ptr<HandlerPool>(pool); // for as long as its handlers run
            qCWarning(gruvServerLog, "GruvServer: a handler does not return; its thread goes on");
        }
        const QMutexLocker lock(&m_mutex);
        m_pools.erase(std::remove(m_pools.begin(), m_pools.end(), pool), m_pools.end());
    }
}

// Each has a thread and descriptors, and a server may be closed and started for as long as it runs.
void GruvServerPrivate::forgetPoolsOver()
{
    Pools over; // they go when the lock is free again
    const QMutexLocker lock(&m_mutex);
    const auto firstOver = std::stable_partition(m_pools.begin(), m_pools.end(),
                                                 [](const auto &pool) { return !pool->isOver(); });
    over.assign(firstOver, m_pools.end());
    m_pools.erase(firstOver, m_pools.end());
}

void GruvServerPrivate::destroy()
{
    for (const auto &pool : pools())
        pool->stopAccepting();
    stopAcceptor();
    forgetDescriptor();
    TlsEntrance::endAll(q);
    GruvServer *server = std::exchange(q, nullptr);
    server->QTcpServer::close();
    stopPools(pools(), {});
    m_tasks->close(); // nothing more is told
    if (m_connectionPool)
        m_leavingPools.push_back(std::exchange(m_connectionPool, nullptr));
    endLeavingPools();
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
