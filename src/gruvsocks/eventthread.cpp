// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/epolldispatcher_p.h>
#include <gruvsocks/eventthread_p.h>

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
}

std::shared_ptr<EventThread> EventThread::begin(const QString &name, const void *owner)
{
    auto thread = std::make_shared<EventThread>(name, owner);
    return EpollDispatcher::start(thread.get()) ? thread : nullptr;
}

EventThread::~EventThread()
{
    m_seats->forgetThread();
    end();
    wait();
    const std::lock_guard lock(m_runs); // ThreadSanitizer does not see through wait()
}

// A slot that calls QThread::quit() ends no more than the loop it stands in: others live here.
void EventThread::run()
{
    const std::lock_guard lock(m_runs);
    const auto home = std::make_unique<Home>(&m_tasks);
    m_home = home.get();
    m_tasks.open(m_home);
    while (!m_isEnding)
        exec();
    m_tasks.close();
}

void EventThread::end()
{
    m_isEnding = true; // first: the loop that quit() ends is not begun again
    quit();
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

void EventThread::Seats::leave()
{
    const std::lock_guard lock(m_mutex);
    if (--m_taken == 0 && m_isRetiring && m_thread)
        m_thread->end();
}

void EventThread::Seats::retire()
{
    const std::lock_guard lock(m_mutex);
    m_isRetiring = true;
    if (m_taken == 0 && m_thread)
        m_thread->end();
}

void EventThread::Seats::forgetThread()
{
    const std::lock_guard lock(m_mutex);
    m_thread = nullptr;
}
