// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "echoroom.h"

#include <gruvsocks/gruvsocket.h>

EchoRoom::EchoRoom(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &EchoRoom::answerDue);
}

std::chrono::milliseconds EchoRoom::delay() const
{
    return m_delay;
}

void EchoRoom::setDelay(std::chrono::milliseconds delay)
{
    m_delay = delay;
}

void EchoRoom::setDropping(bool dropping)
{
    m_isDropping = dropping;
}

bool EchoRoom::isReadingPaused() const
{
    return m_isReadingPaused;
}

void EchoRoom::setReadingPaused(bool paused)
{
    m_isReadingPaused = paused;
    regulateAll();
}

void EchoRoom::enter(GruvSocket *socket)
{
    const quint64 id = socket->connectionId();
    m_guests[id].socket = socket;
    regulate(id);
    connect(socket, &GruvSocket::writableChanged, this, [this, id] { answer(id); });
}

void EchoRoom::leave(GruvSocket *socket)
{
    socket->disconnect(this);
    m_guests.remove(socket->connectionId());
}

void EchoRoom::receive(GruvSocket *socket, const QByteArray &message)
{
    const quint64 id = socket->connectionId();
    const auto guest = m_guests.find(id);
    if (guest == m_guests.end())
        return;
    if (++guest->received % DropInterval == 0 && m_isDropping) {
        Q_EMIT answerDropped(socket);
        return;
    }
    guest->waiting.push_back({ QDeadlineTimer(m_delay, Qt::PreciseTimer), message });
    guest->waitingBytes += costOf(message);
    answer(id);
}

// An empty message takes room, too.
qint64 EchoRoom::costOf(const QByteArray &message)
{
    return message.size() + qint64(sizeof(Answer));
}

bool EchoRoom::canAnswer(const Guest &guest)
{
    return guest.socket && guest.socket->isWritable() && !guest.waiting.empty();
}

bool EchoRoom::isAnswerDue(const Guest &guest)
{
    return canAnswer(guest) && guest.waiting.front().due.hasExpired();
}

// In order: a later one with a shorter delay waits for those before it. Each call of the socket may
// end the connection, so the guest is looked up again.
void EchoRoom::answer(quint64 id)
{
    for (auto guest = m_guests.find(id); guest != m_guests.end() && isAnswerDue(*guest);
         guest = m_guests.find(id)) {
        const QByteArray message = guest->waiting.front().message;
        guest->waiting.pop_front();
        guest->waitingBytes -= costOf(message);
        guest->socket->sendMessage(message);
    }
    regulate(id);
    schedule(id);
}

void EchoRoom::answerDue()
{
    const QList<quint64> ids = m_guests.keys();
    for (const quint64 id : ids)
        answer(id);
}

// Who sends faster than it takes its answers is not read on: TCP slows it.
void EchoRoom::regulate(quint64 id)
{
    const auto guest = m_guests.constFind(id);
    GruvSocket *const socket = guest == m_guests.constEnd() ? nullptr : guest->socket.data();
    if (!socket)
        return;
    const bool pauses = m_isReadingPaused || guest->waitingBytes > MaximumWaiting
                        || (!guest->waiting.empty() && !socket->isWritable());
    if (pauses && !socket->isReadingPaused())
        socket->pauseReading();
    else if (!pauses && socket->isReadingPaused())
        socket->resumeReading();
}

void EchoRoom::regulateAll()
{
    const QList<quint64> ids = m_guests.keys();
    for (const quint64 id : ids)
        regulate(id);
}

// What waits for room is sent by writableChanged(). What has become due since answer() looked needs
// the timer as well, or nothing would wake it.
void EchoRoom::schedule(quint64 id)
{
    const auto guest = m_guests.constFind(id);
    if (guest == m_guests.constEnd() || !canAnswer(*guest))
        return;
    const std::chrono::milliseconds remaining(guest->waiting.front().due.remainingTime());
    if (!m_timer.isActive() || remaining < m_timer.remainingTimeAsDuration())
        m_timer.start(remaining);
}
