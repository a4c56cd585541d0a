// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DELIVERYLOG_P_H
#define DELIVERYLOG_P_H

#include <gruvsocks/offlinequeue_p.h>

#include <deque>

// Which messages one connection has accepted, to know at its end which may not have reached the
// peer. It counts bytes on the wire.
class DeliveryLog
{
public:
    // With their bytes, so that they can be sent again.
    void setKeepsMessages(bool on) { m_keepsMessages = on; }

    void accepted(const OfflineQueue::Entry &entry);
    void refused();                 // the one that was accepted last
    void written(qint64 wireBytes); // the system has taken so many more
    // Those of which some of the last bytes are; empties the log.
    QList<OfflineQueue::Entry> takeLast(qint64 wireBytes);

private:
    struct Record
    {
        OfflineQueue::Entry entry;
        qint64 end = 0; // of its bytes, counted from the beginning of the connection
    };

    std::deque<Record> m_records;
    qint64 m_accepted = 0;
    qint64 m_written = 0;
    bool m_keepsMessages = false;
};

#endif // DELIVERYLOG_P_H
