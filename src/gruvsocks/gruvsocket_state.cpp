// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qmetaobject.h>

/*! \property GruvSocket::state
    \brief the state of the connection, as QAbstractSocket names it. */
QAbstractSocket::SocketState GruvSocket::state() const
{
    return d->state;
}

/*! Returns whether the socket is connected and a sender need not stop: the last writableChanged()
    said so, or there was none since it came up with fewer than writeHighWatermark bytes waiting. */
bool GruvSocket::isWritable() const
{
    return d->writable && d->state == QAbstractSocket::ConnectedState;
}

/*! Returns whether pauseReading() is in force. */
bool GruvSocket::isReadingPaused() const
{
    return d->paused;
}

/*! Returns how many bytes, on the wire, were accepted and not yet taken by the system. */
qint64 GruvSocket::bytesToWrite() const
{
    return d->pendingBytes();
}

/*! Returns the address of the peer; it stays after the end, until the next connectToHost(). */
QHostAddress GruvSocket::peerAddress() const
{
    return d->peerAddress;
}

/*! Returns the port of the peer; it stays after the end. */
quint16 GruvSocket::peerPort() const
{
    return d->peerPort;
}

/*! Returns the name or address that was connected to, or the address of who connected. */
QString GruvSocket::peerName() const
{
    return d->peerName;
}

/*! Returns the address of this end; it stays after the end. */
QHostAddress GruvSocket::localAddress() const
{
    return d->localAddress;
}

/*! Returns the port of this end; it stays after the end. */
quint16 GruvSocket::localPort() const
{
    return d->localPort;
}

/*! Returns the system's descriptor, or -1 while there is none. Do not read, write or close it. */
qintptr GruvSocket::socketDescriptor() const
{
    return d->isUp() ? d->transport->descriptor() : -1;
}

/*!
    Returns a number that no other connection of this process has had; 0 before the first. It is
    what GruvServer::disconnectClient() takes.
*/
quint64 GruvSocket::connectionId() const
{
    return d->connectionId;
}

/*! Returns the last error, of a refusal or of the end; NoError again after connectToHost()
    and after an orderly end. */
GruvSocket::Error GruvSocket::error() const
{
    return d->error;
}

/*! Returns the sentence that belongs to error(); after an orderly end, who closed. What is refused
    after the end changes neither. */
QString GruvSocket::errorString() const
{
    return d->errorString;
}

/*!
    Returns who ended the last connection, in what stage, and what may not have reached the peer.
    Valid in the slots of errorOccurred() and disconnected(), until connectToHost(); a call that was
    refused does not change it.
*/
GruvDisconnectReason GruvSocket::disconnectReason() const
{
    return d->reason;
}

/*! Returns what this connection has moved so far; after the end, what the last one moved. */
GruvSocket::Statistics GruvSocket::statistics() const
{
    return d->statistics;
}

/*! Returns a line for logs: peer, state, timeout and debug. */
QString GruvSocket::toString() const
{
    const QString peer = d->peerName.isEmpty() ? QStringLiteral("no peer")
                                               : d->peerName + u':' + QString::number(d->peerPort);
    const auto states = QMetaEnum::fromType<QAbstractSocket::SocketState>();
    return QStringLiteral("GruvSocket(%1, %2, timeout=%3 ms, debug=%4)")
            .arg(peer, QLatin1String(states.valueToKey(d->state)))
            .arg(d->options.timeout.count())
            .arg(d->options.debug ? QLatin1String("true") : QLatin1String("false"));
}
