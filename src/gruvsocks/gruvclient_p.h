// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVCLIENT_P_H
#define GRUVCLIENT_P_H

#include <gruvsocks/backoff_p.h>
#include <gruvsocks/deliverylog_p.h>
#include <gruvsocks/gruvclient.h>
#include <gruvsocks/offlinequeue_p.h>

#include <QtCore/qtimer.h>

#include <memory>

/*
      Offline --connectToServers()--> Connecting --connected--> Online
         ^                             |     ^                    |
         |      the last one failed    v     | timer              | ended
      give up <--------------------- Waiting <--------------------+

    Whoever emits holds a shared_ptr to this, and looks at q and m_run afterwards: another number
    means that a slot has begun something else, or ended it.
*/
class GruvClientPrivate : public std::enable_shared_from_this<GruvClientPrivate>
{
public:
    using State = GruvClient::State;
    using DropReason = GruvClient::DropReason;

    explicit GruvClientPrivate(GruvClient *client);
    void begin(const QList<GruvClient::Server> &wanted);
    void end();
    void reconnectNow();
    quint64 send(const QByteArray &message);
    void setServers(const QList<GruvClient::Server> &wanted);
    void dropOld();
    void destroy();

    GruvClient *q; // null once the GruvClient is being destroyed
    std::unique_ptr<GruvSocket> socket;
    QList<GruvClient::Server> servers;
    qsizetype current = -1; // of servers
    Backoff backoff;
    OfflineQueue queue;
    GruvClient::Redelivery redelivery = GruvClient::Redelivery::AtMostOnce;
    State state = State::Offline;

private:
    static qint64 now();
    void watchSocket();
    void setState(State to);
    void tryFirst();
    void tryNext();
    void cameUp();
    void socketEnded();
    void attemptFailed();
    void connectionEnded();
    void schedule();
    void giveUp();
    void sendQueued();
    bool fits(const QByteArray &message) const;
    quint64 enqueue(const OfflineQueue::Entry &entry);
    bool refuse(GruvSocket::Error error, const QString &text);
    void drop(const QList<quint64> &ids, DropReason reason);

    QList<GruvClient::Server> m_next; // for the next round
    DeliveryLog m_log;
    QTimer m_retry;
    QTimer m_expiry;
    quint64 m_lastId = 0;
    quint64 m_run = 0; // counts what was begun and ended
    qint64 m_onlineSince = 0;
    bool m_isWanted = false; // a connection
    bool m_isSending = false;
};

#endif // GRUVCLIENT_P_H
