// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef WITNESS_H
#define WITNESS_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qobject.h>

#include <functional>
#include <vector>

#include "parser.h"

// Sees what a connection tells and holds it to the contracts of delivery and of endings.
class Witness : public QObject
{
public:
    enum class Receiver { None, Signal, Handler };

    Witness(GruvSocket *socket, qint64 maximum, const std::function<void()> &inSlot);

    void peerWrote(const char *bytes, qsizetype size);
    void setReceiver(Receiver receiver);
    void read();
    void calls(bool on) { m_calls += on ? 1 : -1; } // a call may be refused now

    bool isOver() const { return m_disconnected; }
    bool hasReceiver() const { return m_receiver != Receiver::None; }
    bool hasReadAll() const { return m_hasReadAll; }
    GruvSocket::Error fault() const { return m_fault; }
    const Parsed &parsed() const { return m_parsed; }
    size_t delivered() const { return m_delivered; }
    qsizetype undeliveredBytes() const;

private:
    void told(GruvSocket::Error error);
    void received(const QByteArray &message);
    void deliver(const QByteArray &message);
    void stateChanged(QAbstractSocket::SocketState state);
    void ended();

    GruvSocket *m_socket; // null once it is deleted
    const qint64 m_maximum;
    const std::function<void()> m_inSlot;
    std::vector<char> m_stream; // of the peer
    Parsed m_parsed;
    Receiver m_receiver = Receiver::None;
    QMetaObject::Connection m_signal;
    size_t m_delivered = 0;
    int m_calls = 0;
    GruvSocket::Error m_fault = GruvSocket::Error::NoError;
    QAbstractSocket::SocketState m_state = QAbstractSocket::ConnectedState;
    bool m_disconnected = false;
    bool m_hasReadAll = false;
};

#endif // WITNESS_H
