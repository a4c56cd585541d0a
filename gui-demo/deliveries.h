// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DELIVERIES_H
#define DELIVERIES_H

#include "message.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qhash.h>
#include <QtCore/qobject.h>

#include <deque>
#include <functional>

// What becomes of each message: it waits in the client's queue, its last byte is written, its
// answer comes, the connection ends before that, or it is told as dropped. The wire has no numbers,
// so answers are matched by order and content.
class Deliveries : public QObject
{
    Q_OBJECT

public:
    using Send = std::function<quint64(const QByteArray &)>; // returns the number, 0: refused
    static constexpr qint64 MaximumKept = 64 * 1024 * 1024;  // bytes for a retry, and for a match

    explicit Deliveries(QObject *parent = nullptr);

    void setSend(const Send &send);
    bool send(quint64 uid, const QByteArray &message);
    bool retry(quint64 uid); // of one that was not sent
    QList<quint64> unsent() const;
    int waitingForAnswer() const;
    void abandon(); // the client is gone: nothing of what is under way will be told any more

    // What the client tells.
    void comeOnline();
    void goOffline();
    void writeBytes(qint64 wireBytes);
    quint64 receive(const QByteArray &message); // the message it answers; 0: none
    void drop(quint64 id);

Q_SIGNALS:
    void changed(quint64 uid, Message::Delivery delivery, std::chrono::microseconds roundTrip);
    void progressed(quint64 uid, qint64 bytes, qint64 total); // of the frame that is being written

private:
    struct Entry
    {
        quint64 uid = 0;
        quint64 id = 0;
        QByteArray message;
        QElapsedTimer sent;
    };

    void settle();
    void written(const Entry &entry);
    void giveBack(const Entry &entry);
    void forgetAnswersBefore(std::deque<Entry>::const_iterator end);
    void endUnanswered(const std::deque<Entry> &entries);
    void keep(quint64 uid, const QByteArray &message);

    Send m_send;
    std::deque<Entry> m_unwritten;       // the first of them is partly written
    std::deque<Entry> m_unanswered;      // written, in order
    QHash<quint64, Entry> m_doubtful;    // by id: written to the connection that has ended
    QHash<quint64, QByteArray> m_unsent; // by uid
    std::deque<quint64> m_unsentOrder;
    qint64 m_unsentBytes = 0;
    qint64 m_unansweredBytes = 0;
    qint64 m_writtenBytes = 0; // of the first of m_unwritten
    quint64 m_droppedEarly = 0;
};

#endif // DELIVERIES_H
