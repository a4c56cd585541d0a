// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef OFFLINEQUEUE_P_H
#define OFFLINEQUEUE_P_H

#include <gruvsocks/gruvclient.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>

#include <deque>

// Messages that wait for a connection, in order, bounded in bytes and age. It knows no clock: times
// are the caller's, in ms.
class OfflineQueue
{
public:
    struct Entry
    {
        quint64 id = 0;
        QByteArray message;
        qint64 since = 0;
    };
    struct Limits
    {
        qint64 bytes = 8 * 1024 * 1024;
        qint64 age = 30'000; // ms; 0: for ever
        GruvClient::QueuePolicy policy = GruvClient::QueuePolicy::Refuse;
    };
    enum class Verdict { Queued, Refused, Dropped };

    void setLimits(const Limits &limits) { m_limits = limits; }
    const Limits &limits() const { return m_limits; }

    bool isEmpty() const { return m_entries.empty(); }
    qint64 bytes() const { return m_bytes; }
    // Those that had to make room are in dropped.
    Verdict add(const Entry &entry, QList<quint64> *dropped);
    void putBack(const QList<Entry> &entries); // in front
    const Entry &first() const { return m_entries.front(); }
    Entry takeFirst();
    QList<quint64> takeOlderThan(qint64 now); // those whose time is over
    qint64 nextExpiry() const;                // -1: none
    QList<quint64> takeAll();

private:
    static qint64 sizeOf(const QByteArray &message);

    Limits m_limits;
    std::deque<Entry> m_entries;
    qint64 m_bytes = 0;
};

#endif // OFFLINEQUEUE_P_H
