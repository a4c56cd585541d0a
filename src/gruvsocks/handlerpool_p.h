// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef HANDLERPOOL_P_H
#define HANDLERPOOL_P_H

#include <gruvsocks/connectionguard_p.h>
#include <gruvsocks/connectiontable_p.h>
#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/handlerthreads_p.h>
#include <gruvsocks/tls_p.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qpointer.h>
#include <QtCore/qthread.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

class GruvSocketPrivate;
class QSslSocket;
class QTimer;

// GruvServer::start(): accepts in a thread of its own and runs each handler in one. Thread-safe.
class HandlerPool
{
public:
    // How long a server that stops waits for what was told to end, before it gives it up.
    static constexpr int StopLimit = 10'000; // ms

    struct Setup
    {
        GruvServer::BlockingHandler handler;
        std::shared_ptr<ConnectionGuard> guard;
        // Called in the accepting thread.
        std::function<void(const QHostAddress &, ConnectionGuard::Verdict)> rejected;
        std::function<void(const QHostAddress &)> waitedTooLong; // for a thread
        std::function<void(const QHostAddress &)> leftWhileWaiting;
        std::function<void(const QHostAddress &, const QString &)> handshakeFailed;
        std::function<void(const QString &)> acceptFailed;
        GruvSocketOptions options;
        Tls::Configuration tls;
        int maximumThreads = 0;
    };

    using Token = std::shared_ptr<const void>; // its deleter acts when the last pool lets go

    explicit HandlerPool(const Setup &setup);
    ~HandlerPool();

    bool accept(qintptr listeningDescriptor);
    void begin(); // nobody is accepted before

    void setOptions(const GruvSocketOptions &options);
    void setTls(const Tls::Configuration &tls);
    void setMaximumThreads(int count) { m_threads.setMaximum(count); }

    int connectionCount() const { return m_count; }
    int broadcast(const QByteArray &frame) { return m_table->broadcast(frame); }
    bool disconnectClient(quint64 id) { return m_table->disconnectClient(id); }

    void stopAccepting();
    bool stop(QDeadlineTimer drain, QDeadlineTimer limit);
    void stopLater(QDeadlineTimer drain, const Token &over);
    bool isCallersOwn() const;
    bool isOver();

private:
    class Connection;

    void awaitBeginning();
    void acceptUntilQuit(qintptr listeningDescriptor);
    void awaitEnd();
    bool lookAfterWaiting(std::unique_lock<std::mutex> *lock);
    void endDrain(std::unique_lock<std::mutex> *lock);
    void stopAll();
    void left();
    void admit(qintptr descriptor, QObject *home);
    void handshakeDone(QSslSocket *encrypted, const QHostAddress &address, const QString &failure);
    void start(std::unique_ptr<Connection> connection);
    void serve(const std::function<bool(GruvSocketPrivate *)> &adopt);
    void runHandler(const QPointer<GruvSocket> &socket);
    GruvSocketOptions options();
    Tls::Configuration tls();

    const Setup m_setup;
    std::atomic<int> m_count{ 0 }; // served and waiting
    std::mutex m_mutex;            // for the next eight
    std::condition_variable m_changed;
    GruvSocketOptions m_options;
    Tls::Configuration m_tls;
    bool m_hasBegun = false;
    bool m_isAccepting = true;
    bool m_isEnding = false;
    std::vector<Token> m_over; // of each stop() in a handler, while it has a drain
    QDeadlineTimer m_drain{ QDeadlineTimer::Forever }; // of the soonest such stop()
    const std::shared_ptr<ConnectionTable> m_table = std::make_shared<ConnectionTable>();
    HandlerThreads m_threads;
    QTimer *m_look = nullptr; // of the accepting thread: at those who wait
    std::unique_ptr<QThread> m_acceptThread;
};

#endif // HANDLERPOOL_P_H
