// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/taskqueue_p.h>

#include <QtCore/qcoreapplication.h>

#include <utility>

// Then sockets and timers have their turn.
constexpr int MostOfATurn = 1024;

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
    What comes meanwhile, and what is beyond a turn's share, has its turn after the event loop's. An
    event posted for it would be delivered in the same turn: whoever posts without end would have
    the event loop for himself. So while there are tasks a zero timer wakes, in an event loop inside
    a task, too.
*/
void TaskQueue::runAll()
{
    if (!m_rest) {
        m_rest = new QTimer(m_owner);
        QObject::connect(m_rest, &QTimer::timeout, m_owner, [owner = m_owner] {
            QEvent event(tasksEvent());
            QCoreApplication::sendEvent(owner, &event);
        });
    }
    m_rest->start(0);
    int count = MostOfATurn;
    for (Task task; count > 0 && take(&task); --count)
        task();
    const std::lock_guard lock(m_mutex);
    if (!m_tasks.empty() || !m_owner)
        return;
    m_isEventOnItsWay = false;
    m_rest->stop();
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
