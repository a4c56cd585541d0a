// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvdisconnectreason.h>

#include <QtCore/qdebug.h>

/*!
    \class GruvDisconnectReason
    \inmodule GruvSocks
    \brief Why a connection is no more: what GruvSocket::disconnectReason() returns.

    GruvSocket::error() says what went wrong, if anything did, and GruvSocket::errorString() says it
    in a sentence. This is for programs that decide by it: whether to try again, and what the peer
    may not have got.

    \table
    \header \li Field \li Meaning
    \row \li endedBy \li who ended it
    \row \li stage \li what was going on
    \row \li unsentBytes \li bytes, on the wire, that were accepted and that the system had not
         taken: none of them has reached the peer. Those that other threads had sent and that were
         still on their way to the socket's are among them.
    \row \li unacknowledgedBytes \li bytes that the system had taken and the peer had not
         acknowledged: they may have reached it or not. -1 where the system does not tell (not
         Linux, or through a proxy).
    \row \li osError, osErrorString \li the system's error, \c errno on Unix, and its text; 0 and
         empty if it was not the system that ended it. Where QTcpSocket met the error, as in
         connecting, there is only the text.
    \row \li protocol \li with GruvSocket::Error::IncomingMessageTooLarge: what the first bytes
         look like instead of a length
    \row \li isTlsRefusal \li with GruvSocket::Error::TlsHandshakeFailed: whether one end has
   refused the other, such as its certificate, so that it will again; false if the connection was
   cut in the handshake, as by a peer that was just going down, or does not speak TLS and closes
    \endtable
*/

/*!
    \enum GruvDisconnectReason::EndedBy
    \value Nobody There has not been a connection, or it is still there.
    \value ThisEnd disconnectFromHost() or abort() was called here, or GruvServer::stop().
    \value Peer The peer closed or reset it, or broke the protocol, or refused the connection.
    \value Deadline One of the times in GruvSocketOptions passed, deadPeerTimeout included.
    \value Network The system reported an error that is not the peer's doing.
*/

/*!
    \enum GruvDisconnectReason::Stage
    \value Unconnected There has not been a connection, or it is still there.
    \value Connecting It never came up.
    \value BetweenMessages Up, and no message was half there.
    \value InsideMessage Up, and a message had arrived in part.
    \value Closing After disconnectFromHost().
*/

/*!
    \enum GruvDisconnectReason::Protocol
    \value Unknown Nothing that is known.
    \value Http HTTP/1 or HTTP/2.
    \value Tls A TLS record.
    \value Ssh SSH.
    \value Gzip gzip data.
    \value Proxy The PROXY protocol.
    \value Text Something printable.
*/

/*! \relates GruvDisconnectReason
    Writes all fields of \a reason to \a debug. */
QDebug operator<<(QDebug debug, const GruvDisconnectReason &reason)
{
    const QDebugStateSaver saver(debug);
    debug.nospace() << "GruvDisconnectReason(" << reason.endedBy << ", " << reason.stage
                    << ", unsent=" << reason.unsentBytes
                    << " unacknowledged=" << reason.unacknowledgedBytes
                    << " osError=" << reason.osError << ' ' << reason.osErrorString << ", "
                    << reason.protocol << (reason.isTlsRefusal ? ", TLS refused" : "") << ')';
    return debug;
}
