// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef HANDLERPOOL_P_H
#define HANDLERPOOL_P_H

#include <gruvsocks/connectionguard_p.h>
#include <gruvsocks/connectiontable_p.h>
#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qthread.h>
#include <QtCore/qthreadpool.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

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
        std::function<void(const QString &)> acceptFailed;
        GruvSocketOptions options;
        int maximumThreads = 0;
    };

    HandlerPool(const Setup &setup, qintptr listeningDescriptor);
    ~HandlerPool();

    void setOptions(const GruvSocketOptions &options);
    void setMaximumThreads(int count) { m_threads.setMaxThreadCount(count); }

    int connectionCount() const { return m_count; }
    int broadcast(const QByteArray &frame) { return m_table->broadcast(frame); }
    bool disconnectClient(quint64 id) { return m_table->disconnectClient(id); }

    void stopAccepting();
    bool stop(std::chrono::milliseconds drain);
    bool isCallersOwn() const;

private:
    class Connection;

    void acceptUntilQuit(qintptr listeningDescriptor);
    void admit(qintptr descriptor);
    void serve(qintptr descriptor);
    void runHandler(GruvSocket *socket);
    GruvSocketOptions options();

    const Setup m_setup;
    std::atomic<int> m_count{ 0 }; // served and waiting
    std::mutex m_mutex;
    GruvSocketOptions m_options;
    const std::shared_ptr<ConnectionTable> m_table = std::make_shared<ConnectionTable>();
    QThreadPool m_threads;
    std::unique_ptr<QThread> m_acceptThread;
};

#endif // HANDLERPOOL_P_H
