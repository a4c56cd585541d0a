// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef HANDLERTHREADS_P_H
#define HANDLERTHREADS_P_H

#include <QtCore/qdeadlinetimer.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

class QThread;

// Runs tasks, each in a thread that it has for itself; those beyond the maximum wait. Thread-safe.
class HandlerThreads
{
public:
    class Task
    {
    public:
        virtual ~Task() = default;
        virtual void run() = 0;
        virtual bool isOver() = 0; // asked while it waits: whether it needs no thread any more
    };

    explicit HandlerThreads(int maximum)
        : m_maximum(maximum)
    {}
    ~HandlerThreads(); // waits for every task that has begun

    void setMaximum(int count);
    void start(std::unique_ptr<Task> task);
    bool lookAfterWaiting();
    void forgetWaiting();
    bool waitForDone(QDeadlineTimer deadline);

private:
    class Thread;
    using Tasks = std::deque<std::unique_ptr<Task>>;

    void startThreads();
    void run(Thread *thread);
    bool waitForTask(std::unique_lock<std::mutex> *lock);

    std::mutex m_mutex;
    std::condition_variable m_came; // a task, or the end
    std::condition_variable m_done;
    Tasks m_waiting;
    std::vector<std::unique_ptr<QThread>> m_threads;
    int m_maximum;
    int m_running = 0; // threads
    int m_busy = 0;    // those with a task
    bool m_isEnding = false;
};

#endif // HANDLERTHREADS_P_H
