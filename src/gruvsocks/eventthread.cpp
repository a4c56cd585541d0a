// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/epolldispatcher_p.h>
#include <gruvsocks/eventthread_p.h>

#include <QtCore/qabstracteventdispatcher.h>

#include <memory>

// The object in whose thread tasks run.
class EventThread::Home : public QObject
{
public:
    explicit Home(TaskQueue *tasks)
        : m_tasks(tasks)
    {}

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != TaskQueue::tasksEvent())
            return QObject::event(event);
        m_tasks->runAll();
        return true;
    }

private:
    TaskQueue *const m_tasks;
};

EventThread::EventThread(const QString &name, const void *owner)
    : m_owner(owner)
{
    setObjectName(name);
    if (QAbstractEventDispatcher *dispatcher = EpollDispatcher::create())
        setEventDispatcher(dispatcher);
    start();
}

EventThread::~EventThread()
{
    quit();
    wait();
    const std::lock_guard lock(m_runs); // ThreadSanitizer does not see through wait()
}

void EventThread::run()
{
    const std::lock_guard lock(m_runs);
    const auto home = std::make_unique<Home>(&m_tasks);
    m_home = home.get();
    m_tasks.open(m_home);
    exec();
    m_tasks.close();
}

void EventThread::post(const std::function<void(QObject *)> &task)
{
    m_tasks.post([this, task] { task(m_home); });
}

bool EventThread::isCurrentOneOf(const void *owner)
{
    const auto *current = dynamic_cast<EventThread *>(QThread::currentThread());
    return current && current->m_owner == owner;
}

void EventThread::leaveSeat()
{
    if (--m_seatsTaken == 0 && m_isRetiring)
        quit();
}

void EventThread::retire()
{
    m_isRetiring = true;
    if (m_seatsTaken == 0)
        quit();
}
