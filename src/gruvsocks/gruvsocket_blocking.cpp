// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvsocket_p.h>

/*!
    Waits until the socket is connected; returns whether it is. With \a timeout 0 connectTimeout
    decides. When it returns false because \a timeout passed, the attempt goes on.

    Like all blocking calls it runs the thread's event loop meanwhile (user input is held back), so
    other objects of the thread get their events. It belongs in threads without an event loop of
    their own, where a slot cannot be entered twice. And like all of them it waits for the
    connection there is when it is called: if that ends and a slot connects again, it returns as if
    there were no other.
*/
bool GruvSocket::waitForConnected(std::chrono::milliseconds timeout)
{
    const auto keep = d;
    if (!keep->isCalledInOwnThread("waitForConnected"))
        return false;
    const quint32 connection = keep->connection();
    keep->waitFor(timeout.count() == 0 ? QDeadlineTimer::Forever
                                       : GruvSocketPrivate::deadlineOf(timeout, {}),
                  [&] { return keep->hasEnded(connection) || keep->isUp(); });
    return !keep->hasEnded(connection) && keep->state == QAbstractSocket::ConnectedState;
}

/*!
    Waits for the next message and returns it. With \a timeout 0 it waits for
    GruvSocketOptions::timeout, as gruv-socks does; with less than 0 it only looks what is there.
    ReadStatus::Timeout leaves the connection and a message that is
    half there as they are; the next call goes on. ReadStatus::Error means that there is no
    connection (any more); errorString() tells why, and error() too unless the end was an orderly
    one, or a slot has connected again meanwhile: then the next call is for the new connection.
    Messages that arrived before the end are still returned, one a call; while the connection is
    closing, it waits for its end.

    Works while reading is paused, and inside slots.
*/
GruvSocket::ReadResult GruvSocket::read(std::chrono::milliseconds timeout)
{
    return d->read(timeout);
}

/*!
    Waits until the system has taken all that was sent; returns whether it has. With \a timeout 0
    it waits for GruvSocketOptions::timeout. It returns false at once where the system takes no
   more: the end of such a connection is told later if it is called in a slot of messageReceived(),
   or while reading is paused.
*/
bool GruvSocket::waitForMessagesWritten(std::chrono::milliseconds timeout)
{
    const auto keep = d;
    if (!keep->isCalledInOwnThread("waitForMessagesWritten"))
        return false;
    const quint32 connection = keep->connection();
    keep->openMail(GruvSocketPrivate::LettersPerTurn);
    keep->flush();
    keep->waitFor(GruvSocketPrivate::deadlineOf(timeout, keep->options.timeout),
                  [&] { return keep->hasEnded(connection) || keep->isOutputOver(); });
    return !keep->hasEnded(connection) && keep->isUp() && keep->pendingBytes() == 0;
}

/*!
    Waits until the connection has ended; returns whether it has (true as well if there is none).
    error() then tells whether it was in order.
    What the peer sent before its end comes before it: messages that nobody takes keep it from being
    seen, so take them by read() first where the peer is to close.
    With \a timeout 0 closeTimeout decides after disconnectFromHost(), otherwise
    GruvSocketOptions::timeout.
*/
bool GruvSocket::waitForDisconnected(std::chrono::milliseconds timeout)
{
    const auto keep = d;
    if (!keep->isCalledInOwnThread("waitForDisconnected"))
        return false;
    return keep->waitForEnd(keep->connection(), timeout);
}

bool GruvSocketPrivate::waitForEnd(quint32 connection, std::chrono::milliseconds timeout)
{
    const bool bounded = timeout.count() == 0 && state == QAbstractSocket::ClosingState;
    return waitFor(bounded ? QDeadlineTimer::Forever : deadlineOf(timeout, options.timeout),
                   [this, connection] { return hasEnded(connection); });
}

// disconnectFromHost() may end it, and a slot connect again: that one is not waited for.
void GruvSocketPrivate::closeAndWait()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    disconnectFromHost();
    waitForEnd(connection, {});
}
