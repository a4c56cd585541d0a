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
#include <vector>

class HandlerPool;
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
    void stop(std::chrono::milliseconds drain);
    void stopFromOtherThread(std::chrono::milliseconds drain);
    void closeListening();
    void destroy();

    void startAccepting();
    void accept(qintptr descriptor);
    void setLimit(int ConnectionGuard::Limits::*limit, int value);
    void relayMessages();
    void setThreadCount(int count);
    void runTasks();
    Pools pools() const;
    const std::shared_ptr<ConnectionPool> &connectionPool() const { return m_connectionPool; }

    GruvServer *q; // null once the GruvServer is being destroyed
    GruvSocketOptions options;
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
    void trace(const QString &step) const;
    void rejected(const QHostAddress &address, ConnectionGuard::Verdict verdict);
    void logRejection(const QHostAddress &address, GruvServer::RejectReason reason);
    int connectionCount() const;
    void introduce(GruvSocket *socket, const ConnectionGuard::Ticket &ticket);
    void pooledConnected(quint64 id, GruvSocket *socket) override;
    void pooledMessage(quint64 id, GruvSocket *socket, const QByteArray &message) override;
    void pooledDisconnected(quint64 id, GruvSocket *socket) override;
    void pooledGone(quint64 id) override;
    bool isInPool(quint64 id) const;
    int endsBeingTold() const;
    void relay(Client *client);
    void clientEnded(quint64 id);
    void cannotAccept(const QString &text);
    void forgetDescriptor();
    void stopAcceptor();
    void endClients(std::chrono::milliseconds drain);
    void endPool();
    void forgetPool(QDeadlineTimer deadline);
    void stopPools(std::chrono::milliseconds drain);

    std::shared_ptr<ConnectionPool> m_connectionPool; // since it was needed first
    QList<quint64> m_endsBeingTold;                   // of the pool; the last one is innermost
    int m_pooledClients = 0;                          // of those in clients
    const std::shared_ptr<TaskQueue> m_tasks = std::make_shared<TaskQueue>(); // of other threads
    Acceptor *m_acceptor = nullptr; // of listen(); start() has one in its pool
    mutable QMutex m_mutex;         // for the next two and the counts, for stop() of other threads
    Pools m_pools;                  // the last one accepts, the others have handlers still running
    qintptr m_descriptor = -1;
    std::atomic<quint32> m_listening{ 1 };        // counts listen() and start()
    std::atomic<quint32> m_stopRequestedFor{ 0 }; // by another thread
    std::atomic<int> m_rejectionsPosted{ 0 };
    int m_rejectionsUnlogged = 0;
    qint64 m_rejectionLoggedAt = -1;
    std::atomic<bool> m_servesInLoop{ false }; // listen() was called since the last stop()
    QEventLoop *m_blockingLoop = nullptr;
};

#endif // GRUVSERVER_P_H
