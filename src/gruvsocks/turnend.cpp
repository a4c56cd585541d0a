// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/turnend_p.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qeventloop.h>

#include <utility>

/*
    The dispatcher itself tells where a turn ends: aboutToBlock() before it waits, and awake() at
    the beginning of each processEvents(), for a loop that never waits. A zero timer or a posted
    event was weighed: each is an allocation, a wake-up and a second wait, for every turn in which
    something was sent.
*/
TurnEnd::TurnEnd()
{
    const auto *dispatcher = QAbstractEventDispatcher::instance();
    connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, &TurnEnd::tellAll);
    connect(dispatcher, &QAbstractEventDispatcher::awake, this, &TurnEnd::tellAll);
}

// A thread that was not started by Qt has no dispatcher before its first event loop.
static void ensureEventDispatcher()
{
    if (!QAbstractEventDispatcher::instance())
        QEventLoop givesTheThreadADispatcher;
}

std::shared_ptr<TurnEnd> TurnEnd::ofThisThread()
{
    thread_local std::weak_ptr<TurnEnd> current;
    std::shared_ptr<TurnEnd> turnEnd = current.lock();
    if (!turnEnd) {
        ensureEventDispatcher();
        turnEnd = std::make_shared<TurnEnd>();
        current = turnEnd;
    }
    return turnEnd;
}

void TurnEnd::add(Client *client)
{
    if (std::exchange(client->m_waits, true))
        return;
    client->m_place = m_clients.size();
    m_clients.push_back(client);
}

void TurnEnd::remove(Client *client)
{
    if (std::exchange(client->m_waits, false))
        m_clients[client->m_place] = nullptr;
}

/*
    Who is told may do anything: remove others, or run an event loop, which comes here again and
    goes on where this call is. Who adds itself again is told in the next turn, which is to come at
    once.
*/
void TurnEnd::tellAll()
{
    if (m_clients.empty())
        return;
    const std::shared_ptr<TurnEnd> self = ofThisThread(); // the last client may go below
    m_end = m_clients.size();
    while (m_next < m_end) {
        Client *const client = m_clients[m_next++];
        if (!client)
            continue;
        client->m_waits = false;
        client->turnEnded();
    }
    m_clients.erase(m_clients.begin(), m_clients.begin() + ptrdiff_t(m_end));
    m_next = m_end = 0;
    for (size_t place = 0; place < m_clients.size(); ++place) {
        if (m_clients[place])
            m_clients[place]->m_place = place;
    }
    if (!m_clients.empty())
        QAbstractEventDispatcher::instance()->wakeUp();
}
