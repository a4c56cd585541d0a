// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef EVENTTHREAD_P_H
#define EVENTTHREAD_P_H

#include <gruvsocks/taskqueue_p.h>

#include <QtCore/qthread.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

// A thread with an event loop (EpollDispatcher where there is one) that runs tasks, and knows how
// many seats in it are taken.
class EventThread : public QThread
{
public:
    EventThread(const QString &name, const void *owner); // for begin()
    static std::shared_ptr<EventThread> begin(const QString &name, const void *owner); // or null
    ~EventThread() override;

    // From any thread. home lives as long as the loop; a task that is not run is destroyed.
    void post(const std::function<void(QObject *home)> &task);
    void end(); // from any thread; wait() for it
    static bool isCurrentOneOf(const void *owner);

    // Thread-safe. A seat may be left when its thread is gone: a connection that has ended can be
    // moved to another one.
    class Seats
    {
    public:
        explicit Seats(EventThread *thread)
            : m_thread(thread)
        {}
        int taken() const { return m_taken; }
        void take() { ++m_taken; }
        void leave();

    private:
        friend class EventThread;
        void retire();
        void forgetThread();

        std::mutex m_mutex; // for the next two
        EventThread *m_thread;
        bool m_isRetiring = false;
        std::atomic<int> m_taken{ 0 };
    };

    const std::shared_ptr<Seats> &seats() const { return m_seats; }
    void retire() { m_seats->retire(); } // ends when the last seat is left

protected:
    void run() override;

private:
    class Home;

    const void *const m_owner; // just its address
    QObject *m_home = nullptr;
    TaskQueue m_tasks;
    const std::shared_ptr<Seats> m_seats = std::make_shared<Seats>(this);
    std::atomic<bool> m_isEnding{ false };
    std::mutex m_runs;
};

#endif // EVENTTHREAD_P_H
