// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "exchange.h"

#include <gruvsocks/gruvsocket.h>

using namespace Qt::StringLiterals;

Exchange::Exchange(const Traffic &outgoing, const Traffic &incoming,
                   QCryptographicHash::Algorithm algorithm, Closer closer)
    : m_outgoing(outgoing)
    , m_incoming(incoming)
    , m_closer(closer)
    , m_sent(algorithm)
    , m_received(algorithm)
{}

void Exchange::attach(GruvSocket *socket)
{
    m_socket = socket;
    connect(socket, &GruvSocket::messageReceived, this, &Exchange::take);
    connect(socket, &GruvSocket::connected, this, &Exchange::pump);
    connect(socket, &GruvSocket::writableChanged, this, &Exchange::pump);
    connect(socket, &GruvSocket::disconnected, this, &Exchange::ended);
    connect(socket, &GruvSocket::errorOccurred, this,
            [this](GruvSocket::Error, const QString &description) { m_problems += description; });
    if (socket->state() == QAbstractSocket::ConnectedState)
        pump();
}

void Exchange::pump()
{
    while (m_socket && m_socket->isWritable() && !hasSentAll() && m_problems.isEmpty())
        sendNext(*m_socket);
    closeWhenComplete();
}

void Exchange::sendNext(GruvSocket &socket)
{
    const int index = m_sent.count();
    const QByteArray message = m_outgoing.message(index);
    m_sent.add(message);
    if (!socket.sendMessage(message))
        m_problems += u"message %1 was refused: %2"_s.arg(index).arg(socket.errorString());
}

void Exchange::take(const QByteArray &message)
{
    const int index = m_received.count();
    m_received.add(message);
    if (index >= m_incoming.count() || message != m_incoming.message(index))
        m_problems +=
                u"message %1 (%2 bytes) is another one than sent"_s.arg(index).arg(message.size());
    closeWhenComplete();
}

void Exchange::closeWhenComplete()
{
    if (m_closing || m_closer == Closer::Peer || !m_socket || !hasSentAll() || !hasReceivedAll())
        return;
    m_closing = true;
    m_socket->disconnectFromHost(); // with its own last messages still on the way out
}

void Exchange::converse(GruvSocket &socket)
{
    while (m_problems.isEmpty() && !(hasSentAll() && hasReceivedAll())) {
        if (!hasSentAll())
            sendNext(socket);
        if (!hasReceivedAll())
            readNext(socket);
        if (!socket.isWritable() && !socket.waitForMessagesWritten())
            m_problems += u"not written: "_s + socket.errorString();
    }
    if (m_closer == Closer::Us)
        socket.disconnectFromHost();
    if (!socket.waitForDisconnected())
        m_problems += u"not disconnected: "_s + socket.errorString();
}

void Exchange::readNext(GruvSocket &socket)
{
    const auto [status, data] = socket.read();
    if (status == GruvSocket::ReadStatus::Ok)
        take(data);
    else
        m_problems += u"read failed: "_s + socket.errorString();
}
