// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/epolldispatcher_p.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qsystemdetection.h>
#include <QtCore/qthread.h>

#if defined(Q_OS_LINUX)

#include <gruvsocks/epollset_p.h>
#include <gruvsocks/timerheap_p.h>

#include <QtCore/qcoreapplication.h>

#include <atomic>
#include <utility>

namespace {

/*
    Qt's own dispatchers hand every descriptor to poll() on every turn. This one asks epoll; in all
    else it does what the unix dispatcher of Qt 6.4 does (qeventdispatcher_unix.cpp), and
    tests/auto/eventdispatcher runs the same rows on both.

    It needs no private header of Qt: what QThreadData::canWait tells that one (events were posted
    while events were sent) is told to this one too, by the wakeUp() of each postEvent().
*/
class Dispatcher final : public QAbstractEventDispatcher
{
public:
    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;

    void registerSocketNotifier(QSocketNotifier *notifier) override { m_set.add(notifier); }
    void unregisterSocketNotifier(QSocketNotifier *notifier) override { m_set.remove(notifier); }

    void registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object) override
    {
        m_timers.insert(id, interval, type, object, TimerHeap::now());
    }
    bool unregisterTimer(int id) override { return m_timers.remove(id); }
    bool unregisterTimers(QObject *object) override { return m_timers.removeAll(object); }
    QList<TimerInfo> registeredTimers(QObject *object) const override
    {
        return m_timers.timersOf(object);
    }
    int remainingTime(int id) override { return m_timers.remainingTime(id, TimerHeap::now()); }

    void wakeUp() override;
    void interrupt() override;

private:
    int waitTime(bool mayBlock, bool withTimers) const;

    EpollSet m_set;
    TimerHeap m_timers;
    std::atomic<Qt::HANDLE> m_thread{ nullptr }; // the one that runs it; null: not known yet
    bool m_isAwake = false;                      // woken by its own thread, which is no system call
    std::atomic<bool> m_isInterrupted{ false };
};

bool Dispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    m_thread.store(QThread::currentThreadId(), std::memory_order_relaxed);
    m_isInterrupted = false;
    m_set.reopenAfterFork();
    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();

    const bool withTimers = !(flags & QEventLoop::X11ExcludeTimers);
    const bool withNotifiers = !(flags & QEventLoop::ExcludeSocketNotifiers);
    const bool mayBlock = (flags & QEventLoop::WaitForMoreEvents) && !m_isAwake && !m_isInterrupted;
    if (mayBlock)
        Q_EMIT aboutToBlock();
    if (m_isInterrupted)
        return false;

    const int time = waitTime(mayBlock, withTimers);
    int events = std::exchange(m_isAwake, false) ? 1 : 0;
    events += (withNotifiers ? m_set.wait(time) : m_set.waitForWakeUp(time)) ? 1 : 0;
    if (withNotifiers)
        events += m_set.activateReady();
    if (withTimers && !m_timers.isEmpty())
        events += m_timers.fire(TimerHeap::now());
    return events > 0;
}

// For how long, in milliseconds; -1: until something happens.
int Dispatcher::waitTime(bool mayBlock, bool withTimers) const
{
    if (!mayBlock || m_isAwake)
        return 0;
    return withTimers && !m_timers.isEmpty() ? m_timers.timeUntilNext(TimerHeap::now()) : -1;
}

void Dispatcher::wakeUp()
{
    if (m_thread.load(std::memory_order_relaxed) == QThread::currentThreadId())
        m_isAwake = true;
    else
        m_set.wakeUp();
}

void Dispatcher::interrupt()
{
    m_isInterrupted = true;
    wakeUp();
}

} // namespace

QAbstractEventDispatcher *EpollDispatcher::create()
{
    return new Dispatcher;
}

#else

QAbstractEventDispatcher *EpollDispatcher::create()
{
    return nullptr;
}

#endif

/*
    Returns false if the system has no thread to give, which QThread::start() keeps to itself. A
    dispatcher belongs to the run of its thread: that of one which never runs is nobody's, and the
    thread is good for nothing but to be deleted then.
*/
bool EpollDispatcher::start(QThread *thread)
{
    QAbstractEventDispatcher *const dispatcher = create();
    if (dispatcher)
        thread->setEventDispatcher(dispatcher);
    thread->start();
    const bool runs = thread->isRunning() || thread->isFinished();
    if (!runs)
        delete dispatcher;
    return runs;
}
