// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/epolldispatcher_p.h>
#include <gruvsocks/handlerthreads_p.h>

#include <QtCore/qthread.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace {

constexpr std::chrono::seconds IdleTime{ 30 }; // then a thread without a task ends

} // namespace

class HandlerThreads::Thread final : public QThread
{
public:
    explicit Thread(HandlerThreads *threads)
        : m_threads(threads)
    {
        setObjectName(QStringLiteral("GruvServer handler"));
    }

    // A task that calls quit() means its own loops; Qt would end those of the next one at once too,
    // until an exec() has taken notice.
    void forgetQuit()
    {
        exit();
        exec(); // returns at once
    }

protected:
    void run() override { m_threads->run(this); }

private:
    HandlerThreads *const m_threads;
};

/*
    QThreadPool was used first and left: each of its threads makes one of Qt's own event loops, and
    that ends the program where there is no descriptor for it (Qt 6.4: "Creating pipes for GWakeup:
    Too many open files", signal 5). So 64 clients could end a server with 64 descriptors.
*/
HandlerThreads::~HandlerThreads()
{
    forgetWaiting();
    {
        std::unique_lock lock(m_mutex);
        m_isEnding = true;
        m_came.notify_all();
        m_done.wait(lock,
                    [this] { return m_running == 0; }); // ThreadSanitizer sees no QThread::wait()
    }
    for (const auto &thread : m_threads)
        thread->wait();
}

void HandlerThreads::setMaximum(int count)
{
    const std::lock_guard lock(m_mutex);
    m_maximum = count;
    startThreads();
    m_came.notify_all();
}

void HandlerThreads::start(std::unique_ptr<Task> task)
{
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(task));
    startThreads();
    m_came.notify_one();
}

/*
    Takes out those that are over; returns whether any waits on. They are asked under the lock, so
    that no thread begins one meanwhile.
*/
bool HandlerThreads::lookAfterWaiting()
{
    Tasks over; // goes when the lock is free again
    const std::lock_guard lock(m_mutex);
    const auto firstOver = std::stable_partition(m_waiting.begin(), m_waiting.end(),
                                                 [](const auto &task) { return !task->isOver(); });
    std::move(firstOver, m_waiting.end(), std::back_inserter(over));
    m_waiting.erase(firstOver, m_waiting.end());
    m_done.notify_all();
    startThreads();
    return !m_waiting.empty();
}

// As many as there are tasks that no idle thread will take. Where the system has no thread to give,
// they wait for one that there is, or for the next look.
void HandlerThreads::startThreads()
{
    const auto ended = [](const auto &thread) { return thread->isFinished(); };
    m_threads.erase(std::remove_if(m_threads.begin(), m_threads.end(), ended), m_threads.end());
    while (m_running < m_maximum && m_running - m_busy < int(m_waiting.size())) {
        auto thread = std::make_unique<Thread>(this);
        if (!EpollDispatcher::start(thread.get()))
            return;
        ++m_running;
        m_threads.push_back(std::move(thread));
    }
}

// A thread that a task has asked to be interrupted remains so: another one takes its place.
void HandlerThreads::run(Thread *thread)
{
    std::unique_lock lock(m_mutex);
    while (!thread->isInterruptionRequested() && waitForTask(&lock)) {
        std::unique_ptr<Task> task = std::move(m_waiting.front());
        m_waiting.pop_front();
        ++m_busy;
        lock.unlock();
        task->run();
        task.reset();
        thread->forgetQuit();
        lock.lock();
        --m_busy;
        m_done.notify_all();
    }
    --m_running;
    startThreads();
    m_done.notify_all();
}

// Returns false if this thread is one too many.
bool HandlerThreads::waitForTask(std::unique_lock<std::mutex> *lock)
{
    const auto isOver = [this] { return m_isEnding || m_running > m_maximum; };
    m_came.wait_for(*lock, IdleTime, [&] { return isOver() || !m_waiting.empty(); });
    return !isOver() && !m_waiting.empty();
}

// Those that have not begun.
void HandlerThreads::forgetWaiting()
{
    Tasks waiting;
    const std::lock_guard lock(m_mutex);
    waiting.swap(m_waiting);
}

// Returns whether no task is left. The deadline has an end.
bool HandlerThreads::waitForDone(QDeadlineTimer deadline)
{
    std::unique_lock lock(m_mutex);
    return m_done.wait_for(lock, std::chrono::milliseconds(deadline.remainingTime()),
                           [this] { return m_busy == 0 && m_waiting.empty(); });
}
