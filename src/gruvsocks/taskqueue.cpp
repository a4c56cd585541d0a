// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/taskqueue_p.h>

#include <QtCore/qcoreapplication.h>

#include <utility>

QEvent::Type TaskQueue::tasksEvent()
{
    static const auto type = QEvent::Type(QEvent::registerEventType());
    return type;
}

void TaskQueue::open(QObject *owner)
{
    const std::lock_guard lock(m_mutex);
    m_owner = owner;
    wakeOwner();
}

void TaskQueue::close()
{
    std::deque<Task> left; // destroyed without the lock
    const std::lock_guard lock(m_mutex);
    m_owner = nullptr;
    m_isClosed = true;
    left.swap(m_tasks);
}

void TaskQueue::post(Task task)
{
    const std::lock_guard lock(m_mutex);
    if (m_isClosed)
        return;
    m_tasks.push_back(std::move(task));
    wakeOwner();
}

// With the lock held.
void TaskQueue::wakeOwner()
{
    if (!m_owner || m_tasks.empty() || std::exchange(m_isEventOnItsWay, true))
        return;
    QCoreApplication::postEvent(m_owner, new QEvent(tasksEvent()));
}

/*
    What comes meanwhile has its turn after the event loop's. An event loop inside a task goes on
    with the others: there is an event for that, too.
*/
void TaskQueue::runAll()
{
    size_t count = 0;
    {
        const std::lock_guard lock(m_mutex);
        m_isEventOnItsWay = false;
        count = m_tasks.size();
        if (count > 1)
            wakeOwner();
    }
    for (Task task; count > 0 && take(&task); --count)
        task();
}

bool TaskQueue::take(Task *task)
{
    const std::lock_guard lock(m_mutex);
    if (m_tasks.empty())
        return false;
    *task = std::move(m_tasks.front());
    m_tasks.pop_front();
    return true;
}
