// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/deliverylog_p.h>

#include <algorithm>
#include <utility>

namespace {

// Where the system does not tell: more than it keeps of what a peer has not acknowledged (Linux:
// tcp_wmem, 4 MiB at first).
constexpr qint64 MostUnacknowledged = 8 * 1024 * 1024;

} // namespace

void DeliveryLog::begin(bool keepsMessages)
{
    *this = DeliveryLog();
    m_keepsMessages = keepsMessages;
}

void DeliveryLog::unacknowledged(qint64 wireBytes)
{
    const qint64 acknowledged = m_written - (wireBytes < 0 ? MostUnacknowledged : wireBytes);
    while (m_first < m_records.size() && m_records[m_first].end <= acknowledged) {
        if (m_keepsMessages)
            m_kept[m_first].message.clear();
        ++m_first;
    }
    if (m_first > m_records.size() / 2)
        shrink();
    m_longFrom = std::max(Long, 2 * (m_records.size() - m_first));
    m_largeFrom = m_written + Large;
}

void DeliveryLog::shrink()
{
    m_records.erase(m_records.begin(), m_records.begin() + ptrdiff_t(m_first));
    if (m_keepsMessages)
        m_kept.erase(m_kept.begin(), m_kept.begin() + ptrdiff_t(m_first));
    m_first = 0;
}

QList<OfflineQueue::Entry> DeliveryLog::takeLast(qint64 wireBytes, qint64 now)
{
    QList<OfflineQueue::Entry> last;
    for (size_t i = m_first; i < m_records.size(); ++i) {
        if (m_records[i].end <= m_accepted - wireBytes)
            continue;
        OfflineQueue::Entry entry{ m_records[i].id, {}, now };
        if (m_keepsMessages) {
            entry.message = std::move(m_kept[i].message);
            entry.since = now - m_kept[i].waited;
        }
        last.append(std::move(entry));
    }
    begin(m_keepsMessages);
    return last;
}
