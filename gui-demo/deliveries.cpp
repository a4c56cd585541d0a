// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "deliveries.h"

#include <algorithm>
#include <utility>

namespace {

constexpr qint64 HeaderSize = 4;
constexpr qint64 EntrySize = 64; // an empty message takes memory, too

qint64 costOf(const QByteArray &message)
{
    return message.size() + EntrySize;
}

template<typename Entries>
auto findId(Entries &entries, quint64 id)
{
    return std::find_if(entries.begin(), entries.end(),
                        [id](const auto &entry) { return entry.id == id; });
}

} // namespace

Deliveries::Deliveries(QObject *parent)
    : QObject(parent)
{}

void Deliveries::setSend(const Send &send)
{
    m_send = send;
}

// A refused one is kept for a retry, too.
bool Deliveries::send(quint64 uid, const QByteArray &message)
{
    QElapsedTimer sent;
    sent.start();
    const quint64 id = m_send ? m_send(message) : 0;
    const Entry entry{ uid, id, message, sent };
    if (id == 0 || id == std::exchange(m_droppedEarly, 0)) {
        giveBack(entry);
        return false;
    }
    m_unwritten.push_back(entry);
    Q_EMIT changed(uid, Message::Delivery::Queued, std::chrono::microseconds(-1));
    settle();
    return true;
}

bool Deliveries::retry(quint64 uid)
{
    const auto found = m_unsent.find(uid);
    if (found == m_unsent.end())
        return false;
    const QByteArray message = *found;
    m_unsent.erase(found);
    m_unsentBytes -= message.size();
    m_unsentOrder.erase(std::find(m_unsentOrder.begin(), m_unsentOrder.end(), uid));
    return send(uid, message);
}

QList<quint64> Deliveries::unsent() const
{
    return QList<quint64>(m_unsentOrder.begin(), m_unsentOrder.end());
}

int Deliveries::waitingForAnswer() const
{
    return int(m_unwritten.size() + m_unanswered.size());
}

void Deliveries::abandon()
{
    for (const Entry &entry : std::exchange(m_unwritten, {}))
        giveBack(entry);
    const std::deque<Entry> ended = std::exchange(m_unanswered, {});
    m_unansweredBytes = 0;
    m_doubtful.clear();
    m_writtenBytes = 0;
    endUnanswered(ended);
}

// The wait for a connection is no part of a round trip.
void Deliveries::comeOnline()
{
    m_doubtful.clear();
    m_writtenBytes = 0;
    for (Entry &entry : m_unwritten)
        entry.sent.start();
}

// Answers to what that connection had written will not come; which of it did not arrive either is
// told by drop().
void Deliveries::goOffline()
{
    const std::deque<Entry> ended = std::exchange(m_unanswered, {});
    m_unansweredBytes = 0;
    for (const Entry &entry : ended)
        m_doubtful.insert(entry.id, entry);
    m_writtenBytes = 0;
    endUnanswered(ended);
}

void Deliveries::endUnanswered(const std::deque<Entry> &entries)
{
    for (const Entry &entry : entries)
        Q_EMIT changed(entry.uid, Message::Delivery::Unanswered, std::chrono::microseconds(-1));
}

void Deliveries::writeBytes(qint64 wireBytes)
{
    m_writtenBytes += wireBytes;
    settle();
}

void Deliveries::settle()
{
    while (!m_unwritten.empty()) {
        const qint64 frameSize = m_unwritten.front().message.size() + HeaderSize;
        if (m_writtenBytes < frameSize) {
            Q_EMIT progressed(m_unwritten.front().uid, m_writtenBytes, frameSize);
            break;
        }
        m_writtenBytes -= frameSize;
        const Entry entry = std::move(m_unwritten.front());
        m_unwritten.pop_front();
        written(entry);
    }
}

void Deliveries::written(const Entry &entry)
{
    m_unanswered.push_back(entry);
    m_unansweredBytes += costOf(entry.message);
    while (m_unansweredBytes > MaximumKept && m_unanswered.size() > 1) // a peer that never answers
        forgetAnswersBefore(m_unanswered.begin() + 1);
    const qint64 frameSize = entry.message.size() + HeaderSize;
    Q_EMIT progressed(entry.uid, frameSize, frameSize);
    Q_EMIT changed(entry.uid, Message::Delivery::Written, std::chrono::microseconds(-1));
}

void Deliveries::forgetAnswersBefore(std::deque<Entry>::const_iterator end)
{
    for (auto entry = m_unanswered.cbegin(); entry != end; ++entry)
        m_unansweredBytes -= costOf(entry->message);
    m_unanswered.erase(m_unanswered.cbegin(), end);
}

// Answers keep the order of what they answer, so those before the match will get none.
quint64 Deliveries::receive(const QByteArray &message)
{
    const auto match =
            std::find_if(m_unanswered.begin(), m_unanswered.end(),
                         [&message](const Entry &entry) { return entry.message == message; });
    if (match == m_unanswered.end())
        return 0;
    const quint64 uid = match->uid;
    const auto roundTrip = std::chrono::nanoseconds(match->sent.nsecsElapsed());
    forgetAnswersBefore(match + 1);
    Q_EMIT changed(uid, Message::Delivery::Echoed,
                   std::chrono::duration_cast<std::chrono::microseconds>(roundTrip));
    return uid;
}

void Deliveries::drop(quint64 id)
{
    if (const auto found = findId(m_unwritten, id); found != m_unwritten.end()) {
        const Entry entry = *found;
        m_unwritten.erase(found);
        giveBack(entry);
    } else if (m_doubtful.contains(id)) {
        giveBack(m_doubtful.take(id));
    } else {
        m_droppedEarly = id; // send() does not know its number yet
    }
}

void Deliveries::giveBack(const Entry &entry)
{
    keep(entry.uid, entry.message);
    Q_EMIT changed(entry.uid, Message::Delivery::NotSent, std::chrono::microseconds(-1));
}

void Deliveries::keep(quint64 uid, const QByteArray &message)
{
    m_unsent.insert(uid, message);
    m_unsentOrder.push_back(uid);
    m_unsentBytes += message.size();
    while (m_unsentBytes > MaximumKept && m_unsentOrder.size() > 1) {
        m_unsentBytes -= m_unsent.take(m_unsentOrder.front()).size();
        m_unsentOrder.pop_front();
    }
}
