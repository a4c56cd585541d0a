// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvsocket_p.h>

/*!
    Waits until the socket is connected; returns whether it is. With \a timeout 0 connectTimeout
    decides. When it returns false because \a timeout passed, the attempt goes on.

    Like all blocking calls it runs the thread's event loop meanwhile (user input is held back), so
    other objects of the thread get their events. It belongs in threads without an event loop of
    their own, where a slot cannot be entered twice.
*/
bool GruvSocket::waitForConnected(std::chrono::milliseconds timeout)
{
    const auto keep = d;
    if (!keep->isCalledInOwnThread("waitForConnected"))
        return false;
    const auto isDecided = [&keep] {
        return !keep->q || keep->isUp() || keep->state == QAbstractSocket::UnconnectedState;
    };
    keep->waitFor(timeout.count() == 0 ? QDeadlineTimer::Forever
                                       : GruvSocketPrivate::deadlineOf(timeout, {}),
                  isDecided);
    return keep->q && keep->state == QAbstractSocket::ConnectedState;
}

/*!
    Waits for the next message and returns it. With \a timeout 0 it waits for
    GruvSocketOptions::timeout, as gruv-socks does; with less than 0 it only looks what is there.
    ReadStatus::Timeout leaves the connection and a message that is
    half there as they are; the next call goes on. ReadStatus::Error means that there is no
    connection (any more); errorString() tells why, and error() too unless the end was an orderly
    one. Messages that arrived before the end are still returned, one a call.

    Works while reading is paused, and inside slots.
*/
GruvSocket::ReadResult GruvSocket::read(std::chrono::milliseconds timeout)
{
    return d->read(timeout);
}

/*!
    Waits until the system has taken all that was sent; returns whether it has. With \a timeout 0
    it waits for GruvSocketOptions::timeout.
*/
bool GruvSocket::waitForMessagesWritten(std::chrono::milliseconds timeout)
{
    const auto keep = d;
    if (!keep->isCalledInOwnThread("waitForMessagesWritten"))
        return false;
    keep->openMail();
    keep->flush();
    const auto isDecided = [&keep] {
        return !keep->q || keep->state == QAbstractSocket::UnconnectedState
               || keep->pendingBytes() == 0;
    };
    keep->waitFor(GruvSocketPrivate::deadlineOf(timeout, keep->options.timeout), isDecided);
    return keep->q && keep->isUp() && keep->pendingBytes() == 0;
}

/*!
    Waits until the connection has ended; returns whether it has (true as well if there is none).
    With \a timeout 0 closeTimeout decides after disconnectFromHost(), otherwise
    GruvSocketOptions::timeout.
*/
bool GruvSocket::waitForDisconnected(std::chrono::milliseconds timeout)
{
    const auto keep = d;
    if (!keep->isCalledInOwnThread("waitForDisconnected"))
        return false;
    const auto isEnded = [&keep] {
        return !keep->q || keep->state == QAbstractSocket::UnconnectedState;
    };
    const bool bounded = timeout.count() == 0 && keep->state == QAbstractSocket::ClosingState;
    return keep->waitFor(bounded ? QDeadlineTimer::Forever
                                 : GruvSocketPrivate::deadlineOf(timeout, keep->options.timeout),
                         isEnded);
}
