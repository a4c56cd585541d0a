// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSERVER_P_H
#define GRUVSERVER_P_H

#include <gruvsocks/acceptor_p.h>
#include <gruvsocks/connectionguard_p.h>
#include <gruvsocks/connectionpool_p.h>
#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocketoptions.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qhash.h>
#include <QtCore/qmutex.h>

#include <atomic>
#include <functional>
#include <utility>
#include <vector>

class HandlerPool;
class QSslSocket;
class QEventLoop;

class GruvServerPrivate final : public std::enable_shared_from_this<GruvServerPrivate>,
                                public ConnectionPool::Listener
{
public:
    using Error = GruvServer::Error;
    using Pools = std::vector<std::shared_ptr<HandlerPool>>;

    explicit GruvServerPrivate(GruvServer *server);

    bool listen(const QHostAddress &address, quint16 port, bool inLoop);
    bool accepts(const GruvServer::BlockingHandler &handler);
    bool startHandlers(const GruvServer::BlockingHandler &handler);
    void runUntilStopped();
    static QDeadlineTimer drainUntil(std::chrono::milliseconds drain);
    void stop(QDeadlineTimer drain);
    void stopFromOtherThread(QDeadlineTimer drain);
    void stopFromHandler(QDeadlineTimer drain);
    void closeListening();
    void destroy();

    void startAccepting();
    void accept(qintptr descriptor);
    void setLimit(int ConnectionGuard::Limits::*limit, int value);
    void relayMessages();
    void setThreadCount(int count);
    bool beginThreads();
    void runTasks();
    Pools pools() const;
    const std::shared_ptr<ConnectionPool> &connectionPool() const { return m_connectionPool; }

    GruvServer *q; // null once the GruvServer is being destroyed
    GruvSocketOptions options;
    Tls::Configuration tls;
    const std::shared_ptr<ConnectionGuard> guard;
    GruvServer::ConnectionHandler handler;
    int threadCount = 0;
    int maximumHandlerThreads = 64;
    Error error = Error::NoError;
    QString errorString;

    struct Client
    {
        GruvSocket *socket;
        ConnectionGuard::Ticket ticket; // of one that is not pooled
        bool announced = false;         // clientConnected() was emitted
        bool relayed = false;           // its messages go to messageReceived()
        bool pooled = false;            // it lives in a thread of the pool
    };
    QHash<quint64, Client> clients;

private:
    bool refuse(Error refusal, const QString &text);
    bool cannotStart(const QString &text);
    void trace(const QString &step) const;
    static GruvServer::RejectReason reasonOf(ConnectionGuard::Verdict verdict);
    void rejected(const QHostAddress &address, GruvServer::RejectReason reason);
    void handshakeFailed(const QHostAddress &address, const QString &why);
    void tellRejected(const QHostAddress &address, GruvServer::RejectReason reason,
                      const QString &text);
    QString textOf(GruvServer::RejectReason reason) const;
    void leftWhileWaiting(const QHostAddress &address);
    void logTurnedAway(const QString &line);
    void postTurnedAway(const std::function<void()> &tell);
    void acceptForThreads(qintptr descriptor, const ConnectionPool::Newcomer &newcomer);
    void handshakeDone(QSslSocket *encrypted, const QHostAddress &address, const QString &failure);
    GruvSocket *newClient();
    int connectionCount() const;
    void introduce(GruvSocket *socket, const ConnectionGuard::Ticket &ticket);
    void pooledConnected(quint64 id, GruvSocket *socket) override;
    void pooledMessage(quint64 id, GruvSocket *socket, const QByteArray &message) override;
    void pooledDisconnected(quint64 id, GruvSocket *socket) override;
    void pooledGone(quint64 id) override;
    void pooledRefused(const QHostAddress &address, ConnectionGuard::Verdict verdict) override;
    void pooledHandshakeFailed(const QHostAddress &address, const QString &why) override;
    bool isInPool(quint64 id) const;
    template<typename Emission>
    void tell(quint64 id, const Emission &emission);
    int endedBeingTold() const;
    void endLeavingPools();
    void relay(Client *client);
    void clientEnded(quint64 id);
    std::pair<quint32, Pools> requestStop();
    void enlist(const std::shared_ptr<HandlerPool> &pool);
    void cannotAccept(const QString &text);
    void forgetDescriptor();
    void stopAcceptor();
    void endClients(QDeadlineTimer drain);
    void endPool();
    void end(const std::shared_ptr<ConnectionPool> &pool, QDeadlineTimer deadline);
    void stopPools(const Pools &stopped, QDeadlineTimer drain);
    void forgetPoolsOver();

    std::shared_ptr<ConnectionPool> m_connectionPool;            // since it was needed first
    std::vector<std::shared_ptr<ConnectionPool>> m_leavingPools; // stopped in a slot
    QList<quint64> m_told;       // of the pool, to a slot just now; the last one is innermost
    int m_pooledClients = 0;     // of those in clients
    bool m_lacksThreads = false; // as was told; a spell is reported once
    const std::shared_ptr<TaskQueue> m_tasks = std::make_shared<TaskQueue>(); // of other threads
    Acceptor *m_acceptor = nullptr; // of listen(); start() has one in its pool
    mutable QMutex m_mutex;         // for the next two and the counts, for stop() of other threads
    Pools m_pools;                  // the last one accepts, the others have handlers still running
    qintptr m_descriptor = -1;
    std::atomic<quint32> m_listening{ 1 };        // counts listen() and start()
    std::atomic<quint32> m_stopRequestedFor{ 0 }; // by another thread
    std::atomic<int> m_rejectionsPosted{ 0 };
    std::atomic<bool> m_failurePosted{ false };
    int m_rejectionsUnlogged = 0;
    qint64 m_rejectionLoggedAt = -1;
    std::atomic<bool> m_servesInLoop{ false }; // listen() was called since the last stop()
    QEventLoop *m_blockingLoop = nullptr;
};

#endif // GRUVSERVER_P_H
