// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONNECTIONPOOL_P_H
#define CONNECTIONPOOL_P_H

#include <gruvsocks/connectionguard_p.h>
#include <gruvsocks/connectiontable_p.h>
#include <gruvsocks/eventthread_p.h>
#include <gruvsocks/gruvserver.h>
#include <gruvsocks/taskqueue_p.h>
#include <gruvsocks/tls_p.h>

#include <QtCore/qdeadlinetimer.h>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

class GruvSocketPrivate;
class QSslSocket;

// GruvServer::setThreadCount(): threads with an event loop each, and who lives where. Its functions
// belong to the server's thread.
class ConnectionPool
{
public:
    // Told in the server's thread, in the order of each connection.
    class Listener
    {
    public:
        virtual void pooledConnected(quint64 id, GruvSocket *socket) = 0;
        virtual void pooledMessage(quint64 id, GruvSocket *socket, const QByteArray &message) = 0;
        virtual void pooledDisconnected(quint64 id, GruvSocket *socket) = 0;
        virtual void pooledGone(quint64 id) = 0; // its object has been deleted
        virtual void pooledRefused(const QHostAddress &address,
                                   ConnectionGuard::Verdict verdict) = 0;
        virtual void pooledHandshakeFailed(const QHostAddress &address, const QString &why) = 0;

    protected:
        ~Listener() = default;
    };

    struct Newcomer
    {
        ConnectionGuard::Ticket ticket; // null: it gets one when it has shown that it speaks TLS
        QHostAddress address;
        GruvSocketOptions options;
        Tls::Configuration tls;
        GruvServer::ConnectionHandler handler;
    };

    // The tasks run in the server's thread, while listener is there.
    ConnectionPool(Listener *listener, const std::shared_ptr<TaskQueue> &tasks,
                   const std::shared_ptr<ConnectionGuard> &guard, int threads);
    static bool isCallersOwn(const Listener *listener); // whether a thread of its pool calls

    void setThreadCount(int count);
    bool hasThreads() const { return !m_threads.empty(); } // else it can take nobody
    void take(qintptr descriptor, const Newcomer &newcomer);
    void endHandshakes();
    int connectionCount() const; // on their way to a thread, connected, or not yet deleted
    void relayMessages();
    ConnectionTable &table() { return *m_shared->table; }
    static bool end(const std::shared_ptr<ConnectionPool> &pool, QDeadlineTimer deadline);

private:
    class Reporter;
    class Seat;
    struct Backlog;
    using Threads = std::vector<std::shared_ptr<EventThread>>;

    // What its threads know of it.
    struct Shared
    {
        Listener *const listener; // for tasks
        const std::shared_ptr<TaskQueue> tasks;
        const std::shared_ptr<ConnectionGuard> guard;
        const std::shared_ptr<ConnectionTable> table = std::make_shared<ConnectionTable>();
        std::atomic<bool> relays{ false }; // messages go to the server too
    };

    using Adopt = std::function<bool(GruvSocketPrivate *)>;
    static void shakeHands(const std::shared_ptr<Shared> &shared, const std::shared_ptr<Seat> &seat,
                           const Newcomer &newcomer, QObject *home);
    static void handshakeFailed(const std::shared_ptr<Shared> &shared,
                                const std::shared_ptr<Seat> &seat, const QHostAddress &address,
                                const QString &failure);
    static void enter(const std::shared_ptr<Shared> &shared, const std::shared_ptr<Seat> &seat,
                      const Newcomer &newcomer, QSslSocket *encrypted, QObject *home);
    static void open(const std::shared_ptr<Shared> &shared, const std::shared_ptr<Seat> &seat,
                     const Newcomer &newcomer, const Adopt &adopt, QObject *home);
    void postToAll(const std::function<void(QObject *home)> &task);
    static void relayMessagesOf(QObject *home);
    std::shared_ptr<EventThread> leastLoaded() const;
    void forgetEnded();

    const std::shared_ptr<Shared> m_shared;
    Threads m_threads;
    Threads m_retired; // those that end with their last connection
    int m_lastNumber = 0;
};

#endif // CONNECTIONPOOL_P_H
