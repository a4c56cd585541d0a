// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DELIVERYLOG_P_H
#define DELIVERYLOG_P_H

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/offlinequeue_p.h>

#include <vector>

// Which messages one connection has accepted, to know at its end which may not have reached the
// peer. It counts bytes on the wire.
class DeliveryLog
{
public:
    // For a connection that begins. With their bytes they can be sent again.
    void begin(bool keepsMessages);
    bool keepsMessages() const { return m_keepsMessages; }

    // Waited: in the queue before, in ms.
    void accepted(quint64 id, const QByteArray &message, qint64 waited = 0);
    void written(qint64 wireBytes) { m_written += wireBytes; } // the system has taken so many more
    // Whether it is time to ask the system, which is a system call.
    bool isLong() const
    {
        return m_records.size() - m_first >= m_longFrom
               || (m_keepsMessages && m_written >= m_largeFrom);
    }
    // The peer has had all but so many of what was written; -1: the system does not tell.
    void unacknowledged(qint64 wireBytes);
    // Those of which some of the last bytes are; empties the log.
    QList<OfflineQueue::Entry> takeLast(qint64 wireBytes, qint64 now);

private:
    struct Record
    {
        quint64 id = 0;
        qint64 end = 0; // of its bytes, counted from the beginning of the connection
    };
    struct Kept
    {
        QByteArray message;
        qint64 waited = 0;
    };
    static constexpr size_t Long = 1024;
    static constexpr qint64 Large = 1024 * 1024;

    void shrink();

    std::vector<Record> m_records; // from m_first on
    std::vector<Kept> m_kept;      // of the same ones, or none
    size_t m_first = 0;
    size_t m_longFrom = Long;
    qint64 m_largeFrom = Large; // so many written: a system call for each Large is little
    qint64 m_accepted = 0;
    qint64 m_written = 0;
    bool m_keepsMessages = false;
};

// For each message.
inline void DeliveryLog::accepted(quint64 id, const QByteArray &message, qint64 waited)
{
    m_accepted += message.size() + FrameCodec::HeaderSize;
    m_records.push_back({ id, m_accepted });
    if (m_keepsMessages)
        m_kept.push_back({ message, waited });
}

#endif // DELIVERYLOG_P_H
