// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/deliverylog_p.h>
#include <gruvsocks/framecodec_p.h>

#include <utility>

namespace {

// More than a system keeps of what a peer has not acknowledged (Linux: tcp_wmem, 4 MiB at first).
constexpr qint64 MostUnacknowledged = 8 * 1024 * 1024;

} // namespace

void DeliveryLog::accepted(const OfflineQueue::Entry &entry)
{
    m_accepted += entry.message.size() + FrameCodec::HeaderSize;
    m_records.push_back({ { entry.id, m_keepsMessages ? entry.message : QByteArray(), entry.since },
                          m_accepted });
}

void DeliveryLog::refused()
{
    m_records.pop_back();
    m_accepted = m_records.empty() ? m_written : m_records.back().end;
}

void DeliveryLog::written(qint64 wireBytes)
{
    m_written += wireBytes;
    while (!m_records.empty() && m_records.front().end <= m_written - MostUnacknowledged)
        m_records.pop_front();
}

QList<OfflineQueue::Entry> DeliveryLog::takeLast(qint64 wireBytes)
{
    QList<OfflineQueue::Entry> last;
    for (Record &record : std::exchange(m_records, {})) {
        if (record.end > m_accepted - wireBytes)
            last.append(std::move(record.entry));
    }
    m_accepted = m_written = 0;
    return last;
}
