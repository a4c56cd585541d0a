// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/deadlinequeue_p.h>

#include <algorithm>
#include <chrono>
#include <iterator>

/*
    The queue lives as long as a connection of its thread holds it. A client is in it once, with
    the earliest time at which it has something to look at; activity that only moves a deadline
    later costs nothing, for the client looks again when the old time comes.
*/
std::shared_ptr<DeadlineQueue> DeadlineQueue::ofThisThread()
{
    thread_local std::weak_ptr<DeadlineQueue> current;
    std::shared_ptr<DeadlineQueue> queue = current.lock();
    if (!queue) {
        queue = std::make_shared<DeadlineQueue>();
        current = queue;
    }
    return queue;
}

qint64 DeadlineQueue::now()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// Has client looked at when due comes, or before. 0: in the next turn of the event loop.
void DeadlineQueue::schedule(Client *client, qint64 due)
{
    if (client->m_due >= 0 && client->m_due <= due)
        return;
    remove(client);
    client->m_due = due;
    m_queue.emplace(due, client);
    arm();
}

void DeadlineQueue::cancel(Client *client)
{
    if (client->m_due < 0)
        return;
    remove(client);
    arm();
}

void DeadlineQueue::remove(Client *client)
{
    if (client->m_due >= 0)
        m_queue.erase({ client->m_due, client });
    client->m_due = -1;
}

void DeadlineQueue::arm()
{
    if (m_queue.empty()) {
        m_timer.stop();
        return;
    }
    const qint64 due = m_queue.begin()->first;
    if (m_timer.isActive() && m_armedFor == due)
        return;
    m_armedFor = due;
    m_timer.start(int(std::clamp<qint64>(due - now(), 0, 60'000)), Qt::CoarseTimer, this);
}

void DeadlineQueue::timerEvent(QTimerEvent *)
{
    const std::shared_ptr<DeadlineQueue> self = ofThisThread(); // the last client may go below
    m_timer.stop();
    const qint64 time = now();
    // A client that is due again at once has its turn after the event loop's.
    auto due = std::distance(m_queue.begin(), m_queue.lower_bound({ time + 1, nullptr }));
    for (; due > 0 && !m_queue.empty() && m_queue.begin()->first <= time; --due) {
        Client *client = m_queue.begin()->second;
        remove(client);
        arm();                     // for an event loop that runs in there
        client->deadlineReached(); // may do anything, so the queue is looked at anew
    }
    arm();
}
