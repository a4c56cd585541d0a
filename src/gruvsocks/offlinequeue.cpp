// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/offlinequeue_p.h>

#include <utility>

namespace {

constexpr qint64 EntrySize = 64; // what one takes beside its bytes, about

} // namespace

qint64 OfflineQueue::sizeOf(const QByteArray &message)
{
    return message.size() + EntrySize;
}

OfflineQueue::Verdict OfflineQueue::add(const Entry &entry, QList<quint64> *dropped)
{
    const qint64 size = sizeOf(entry.message);
    const bool fits = m_bytes + size <= m_limits.bytes;
    if (!fits && m_limits.policy == GruvClient::QueuePolicy::Refuse)
        return Verdict::Refused;
    if (!fits && m_limits.policy == GruvClient::QueuePolicy::DropNewest)
        return Verdict::Dropped;
    if (size > m_limits.bytes)
        return Verdict::Dropped; // it has no room even alone
    while (m_bytes + size > m_limits.bytes)
        dropped->append(takeFirst().id);
    m_entries.push_back(entry);
    m_bytes += size;
    return Verdict::Queued;
}

// They were accepted once, so they have their place.
void OfflineQueue::putBack(const QList<Entry> &entries)
{
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        m_entries.push_front(*entry);
        m_bytes += sizeOf(entry->message);
    }
}

OfflineQueue::Entry OfflineQueue::takeFirst()
{
    Entry entry = std::move(m_entries.front());
    m_entries.pop_front();
    m_bytes -= sizeOf(entry.message);
    return entry;
}

qint64 OfflineQueue::nextExpiry() const
{
    return m_entries.empty() || m_limits.age == 0 ? -1 : m_entries.front().since + m_limits.age;
}

QList<quint64> OfflineQueue::takeOlderThan(qint64 now)
{
    QList<quint64> old;
    while (nextExpiry() >= 0 && nextExpiry() <= now)
        old.append(takeFirst().id);
    return old;
}

QList<quint64> OfflineQueue::takeAll()
{
    QList<quint64> all;
    while (!isEmpty())
        all.append(takeFirst().id);
    return all;
}
