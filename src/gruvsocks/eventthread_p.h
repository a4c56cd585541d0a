// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef EVENTTHREAD_P_H
#define EVENTTHREAD_P_H

#include <gruvsocks/taskqueue_p.h>

#include <QtCore/qthread.h>

#include <atomic>
#include <functional>
#include <mutex>

// A thread with an event loop (EpollDispatcher where there is one) that runs tasks, and knows how
// many seats in it are taken.
class EventThread : public QThread
{
public:
    EventThread(const QString &name, const void *owner);
    ~EventThread() override;

    // From any thread. home lives as long as the loop; a task that is not run is destroyed.
    void post(const std::function<void(QObject *home)> &task);
    static bool isCurrentOneOf(const void *owner);

    int seatsTaken() const { return m_seatsTaken; }
    void takeSeat() { ++m_seatsTaken; }
    void leaveSeat();
    void retire(); // ends when the last seat is left

protected:
    void run() override;

private:
    class Home;

    const void *const m_owner; // just its address
    QObject *m_home = nullptr;
    TaskQueue m_tasks;
    std::atomic<int> m_seatsTaken{ 0 };
    std::atomic<bool> m_isRetiring{ false };
    std::mutex m_runs;
};

#endif // EVENTTHREAD_P_H
