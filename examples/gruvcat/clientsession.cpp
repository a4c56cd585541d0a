// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "clientsession.h"

static constexpr qint64 FrameHeaderSize = 4;

ClientSession::ClientSession(const Options &options)
    : Session(options)
{
    connect(&m_socket, &GruvSocket::connected, this, &ClientSession::begin);
    connect(&m_socket, &GruvSocket::writableChanged, this,
            [this] { setInputRunning(m_socket.isWritable()); }); // not while it closes, too
    connect(&m_socket, &GruvSocket::bytesWritten, this,
            [this](qint64 wireBytes) { m_unwritten -= wireBytes; });
    connect(&m_socket, &GruvSocket::messageReceived, this, &ClientSession::receive);
    connect(&m_socket, &GruvSocket::disconnected, this, &ClientSession::conclude);
    connect(&m_socket, &GruvSocket::errorOccurred, this,
            [this](GruvSocket::Error, const QString &description) { fail(description); });
}

void ClientSession::start()
{
    m_socket.connectToHost(options().host, options().port);
}

void ClientSession::begin()
{
    if (!options().file)
        return setInputRunning(m_socket.isWritable());
    send(*options().file);
    inputEnded();
}

void ClientSession::send(const QByteArray &message)
{
    m_unwritten += FrameHeaderSize + message.size();
    m_socket.sendMessage(message); // a refusal arrives as errorOccurred()
}

void ClientSession::close()
{
    if (m_socket.state() == QAbstractSocket::ConnectedState)
        return m_socket.disconnectFromHost();
    closed();
}

void ClientSession::conclude()
{
    if (isFinishing())
        return closed();
    if (options().count > 0)
        return fail(QStringLiteral("the peer closed before --count was reached"));
    if (isInputWaiting() || m_unwritten > 0)
        return fail(QStringLiteral("the peer closed before everything was sent"));
    finish(Success);
}
