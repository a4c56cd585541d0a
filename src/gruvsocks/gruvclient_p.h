// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVCLIENT_P_H
#define GRUVCLIENT_P_H

#include <gruvsocks/backoff_p.h>
#include <gruvsocks/deliverylog_p.h>
#include <gruvsocks/gruvclient.h>
#include <gruvsocks/offlinequeue_p.h>
#include <gruvsocks/signalqueue_p.h>

#include <QtCore/qtimer.h>

#include <atomic>
#include <memory>

/*
      Offline --connectToServers()--> Connecting --connected--> Online
         ^                             |     ^                    |
         |      the last one failed    v     | timer              | ended
      give up <--------------------- Waiting <--------------------+

    A round tries the servers one after the other. Whatever happens, the state, the timers and the
    queue are brought to where they belong first, and what is to be told of it waits in m_signals;
    then it is told. So there is nothing left to do after a slot, whatever that does. Who emits
    holds a shared_ptr to this.
*/
class GruvClientPrivate : public std::enable_shared_from_this<GruvClientPrivate>
{
public:
    using State = GruvClient::State;
    using DropReason = GruvClient::DropReason;

    explicit GruvClientPrivate(GruvClient *client);
    void setOptions(const GruvSocketOptions &options);
    void begin(const QList<GruvClient::Server> &wanted);
    void end();
    void reconnectNow();
    void setServers(const QList<GruvClient::Server> &wanted);
    GruvClient::Server currentServer() const { return m_server; }
    void destroy();

    // gruvclient_send.cpp
    quint64 send(const QByteArray &message);
    void setQueueLimits(const OfflineQueue::Limits &limits);
    bool isWritable() const;

    GruvClient *q; // null once the GruvClient is being destroyed
    std::unique_ptr<GruvSocket> socket;
    QList<GruvClient::Server> servers; // for the next round
    Backoff backoff;
    OfflineQueue queue;
    GruvClient::Redelivery redelivery = GruvClient::Redelivery::AtMostOnce;
    State state = State::Offline;

private:
    static qint64 now();
    void watchSocket();
    void setState(State to);
    void tell();
    void tryNext();
    void connectSocket();
    void cameUp();
    void socketEnded();
    bool isRefused() const;
    void connectionEnded();
    void schedule();
    void giveUp();
    void refuse(GruvSocket::Error error, const QString &text);

    // gruvclient_send.cpp
    bool goesOut() const;
    quint64 queueOrRefuse(const QByteArray &message);
    bool hasRoomFor(const QByteArray &message) const;
    void refuseTooLarge(const QByteArray &message);
    quint64 enqueue(const OfflineQueue::Entry &entry);
    void drop(const QList<quint64> &ids, DropReason reason);
    void dropOld();
    void watchAge();
    void sendQueued();
    void wrote(qint64 wireBytes);
    void tellWritable();

    SignalQueue m_signals;
    QList<GruvClient::Server> m_round;
    qsizetype m_next = 0; // of m_round
    GruvClient::Server m_server;
    DeliveryLog m_log;
    QTimer m_retry;
    QTimer m_start; // of an attempt that was asked for in a slot
    QTimer m_expiry;
    // Our thread, while there is a connection that takes messages; else null.
    std::atomic<Qt::HANDLE> m_sender{ nullptr };
    quint64 m_lastId = 0;
    qint64 m_onlineSince = 0;
    qint64 m_largestMessage = 0;
    qint64 m_writeBufferLimit = 0;
    bool m_isWanted = false; // a connection
    bool m_hasNewServers = false;
    bool m_isRefusedByAll = false; // of this round, so far
    bool m_isRefusing = false;
    bool m_isWritable = false; // as it was told, or as it was when it came up
};

#endif // GRUVCLIENT_P_H
