// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qthread.h>

#include <algorithm>

namespace {

// How often it is looked whether a slot that runs an event loop has returned.
constexpr qint64 SlotCheck = 250; // ms

// How often in deadPeerTimeout it is looked whether the peer answers.
constexpr qint64 PeerChecks = 20;

// How long the memory of a large message waits for the next one.
constexpr std::chrono::milliseconds SpareTime{ 1000 };

} // namespace

void GruvSocketPrivate::scheduleDeadline()
{
    const qint64 due = m_deadlines ? nextDeadline() : -1;
    if (due >= 0)
        m_deadlines->schedule(this, due);
}

// The earliest time at which there is something to look at; -1: none.
qint64 GruvSocketPrivate::nextDeadline() const
{
    if (m_deliveryDue || m_dormant)
        return 0;
    qint64 due = -1;
    const auto consider = [&due](qint64 since, std::chrono::milliseconds span) {
        if (since >= 0 && (due < 0 || since + span.count() < due))
            due = since + span.count();
    };
    switch (state) {
    case QAbstractSocket::HostLookupState:
    case QAbstractSocket::ConnectingState:
        consider(m_startedAt, options.connectTimeout);
        break;
    case QAbstractSocket::ConnectedState:
        consider(m_spareSince, SpareTime);
        consider(m_peerCheckAt, {});
        if (m_heldSince >= 0)
            break;
        if (options.messageTimeout.count() > 0)
            consider(m_frameBegunAt, options.messageTimeout);
        if (options.firstMessageTimeout.count() > 0)
            consider(m_silentSince, options.firstMessageTimeout);
        if (options.idleTimeout.count() > 0)
            consider(m_activeAt, options.idleTimeout);
        break;
    case QAbstractSocket::ClosingState:
        consider(m_startedAt, options.closeTimeout);
        consider(m_ackCheckAt, {});
        break;
    default:
        break;
    }
    return due;
}

void GruvSocketPrivate::dropSpare()
{
    m_decoder.setSpare({});
    m_spareSince = -1;
}

// Something is sent: from here on it is looked whether the peer answers.
void GruvSocketPrivate::watchPeer()
{
    if (options.deadPeerTimeout.count() == 0)
        return;
    m_answeredAt = DeadlineQueue::now();
    m_peerCheckAt = m_answeredAt + options.deadPeerTimeout.count() / PeerChecks;
    scheduleDeadline();
}

// The time of the last answer alone would not do: before that, the peer may have been asked
// nothing.
void GruvSocketPrivate::checkPeer(qint64 now)
{
    const qint64 timeout = options.deadPeerTimeout.count();
    const qint64 unanswered = NativeSocket::unansweredFor(transport->descriptor());
    m_answeredAt = std::max(m_answeredAt, now - unanswered);
    m_peerCheckAt = now + std::max<qint64>(timeout / PeerChecks, 1);
    const bool isDead = now - m_answeredAt >= timeout;
    if (unanswered < 0 || timeout == 0 || isDead)
        m_answeredAt = m_peerCheckAt = -1;
    if (unanswered >= 0 && timeout > 0 && isDead)
        outputFailed({ Outcome::Unresponsive });
}

void GruvSocketPrivate::deadlineReached()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    if (std::exchange(m_dormant, false))
        updateHold();
    if (std::exchange(m_deliveryDue, false)) {
        deliver();
        if (!q || m_connection != connection)
            return;
        transportReadable();
        if (!q || m_connection != connection)
            return;
    }
    const qint64 now = DeadlineQueue::now();
    if (m_spareSince >= 0 && now >= m_spareSince + SpareTime.count())
        dropSpare();
    if (m_peerCheckAt >= 0 && now >= m_peerCheckAt && state == QAbstractSocket::ConnectedState) {
        checkPeer(now);
        if (!q || m_connection != connection)
            return;
    }
    const qint64 due = nextDeadline();
    if (due > 0 && due <= now && m_delivering && m_readers == 0
        && state == QAbstractSocket::ConnectedState) {
        m_deadlines->schedule(this, now + SlotCheck); // it is a slot of ours that does not return
        return;
    }
    if (due > 0 && due <= now) {
        transportReadable(); // a thread that was busy may find here what came in time
        if (q && m_connection == connection && nextDeadline() == due)
            deadlineExpired(now);
    }
    if (q)
        scheduleDeadline();
}

void GruvSocketPrivate::deadlineExpired(qint64 now)
{
    const auto after = [](std::chrono::milliseconds time) {
        return QStringLiteral(" within %1 ms").arg(time.count());
    };
    const auto hasPassed = [now](qint64 since, std::chrono::milliseconds span) {
        return since >= 0 && span.count() > 0 && now >= since + span.count();
    };
    if (state == QAbstractSocket::ClosingState) {
        if (now >= m_startedAt + options.closeTimeout.count())
            end(Error::CloseTimeout,
                QStringLiteral("the peer did not take the last %1 bytes")
                                .arg(m_queued + std::max<qint64>(transport->undeliveredBytes(), 0))
                        + after(options.closeTimeout));
        else
            advanceClosing();
    } else if (state != QAbstractSocket::ConnectedState) {
        end(Error::ConnectTimeout,
            QStringLiteral("no connection to %1:%2").arg(peerName).arg(peerPort)
                    + after(options.connectTimeout));
    } else if (hasPassed(m_activeAt, options.idleTimeout)) {
        end(Error::IdleTimeout,
            QStringLiteral("not a byte either way") + after(options.idleTimeout));
    } else if (hasPassed(m_frameBegunAt, options.messageTimeout)) {
        end(Error::MessageTimeout, QStringLiteral("a message that had begun was not complete")
                                           + after(options.messageTimeout));
    } else if (hasPassed(m_silentSince, options.firstMessageTimeout)) {
        end(Error::MessageTimeout, QStringLiteral("the first message was not complete")
                                           + after(options.firstMessageTimeout));
    }
}

// What a blocking call was asked to wait: 0 is the usual time, less is not at all.
QDeadlineTimer GruvSocketPrivate::deadlineOf(std::chrono::milliseconds asked,
                                             std::chrono::milliseconds usual)
{
    return QDeadlineTimer(asked.count() == 0 ? usual : std::max(asked, decltype(asked){ 0 }));
}

/*
    A thread that runs no event loop of its own reads only while it waits here, so only then does
    the clock of a message run.
*/
bool GruvSocketPrivate::waitFor(QDeadlineTimer deadline, const std::function<bool()> &done)
{
    if (done())
        return true;
    m_dormant = false;
    updateHold();
    const bool isDone = waitInEventLoop(deadline, done);
    // Until events are processed again, here or by an event loop that begins to run.
    m_dormant = QThread::currentThread()->loopLevel() == 0 && isUp()
                && (m_frameBegunAt >= 0 || options.idleTimeout.count() > 0
                    || (m_silentSince >= 0 && options.firstMessageTimeout.count() > 0));
    if (m_dormant) {
        updateHold();
        scheduleDeadline();
    }
    return isDone;
}
