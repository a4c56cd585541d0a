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
        if (isStuck())
            consider(m_startedAt, options.closeTimeout);
        if (options.idleTimeout.count() > 0)
            consider(idleSince(), options.idleTimeout);
        if (m_heldSince >= 0)
            break;
        if (options.messageTimeout.count() > 0)
            consider(m_frameBegunAt, options.messageTimeout);
        if (options.firstMessageTimeout.count() > 0)
            consider(m_silentSince, options.firstMessageTimeout);
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

// Who has paused may wait for what a connection that failed cannot give any more, such as
// writableChanged(true).
bool GruvSocketPrivate::isStuck() const
{
    return paused && m_inputEnd.isFault();
}

// While it is we who do not read, just what the peer does not take makes it idle; -1: it may be.
qint64 GruvSocketPrivate::idleSince() const
{
    return m_heldSince < 0 || owesAcknowledgement() ? m_activeAt : -1;
}

void GruvSocketPrivate::dropSpare()
{
    m_decoder.setSpare({});
    m_spareSince = -1;
}

bool GruvSocketPrivate::owesAcknowledgement() const
{
    return m_queued > 0 || m_unacknowledged > 0;
}

// How long until it is looked again what the peer does with what it was sent; 0: nobody asks.
qint64 GruvSocketPrivate::peerCheckStep() const
{
    qint64 shortest = 0;
    for (const auto span : { options.deadPeerTimeout.count(), options.idleTimeout.count() })
        shortest = span > 0 && (shortest == 0 || span < shortest) ? qint64(span) : shortest;
    return shortest > 0 ? std::max<qint64>(shortest / PeerChecks, 1) : 0;
}

void GruvSocketPrivate::watchPeer()
{
    const qint64 step = peerCheckStep();
    if (step == 0)
        return;
    m_answeredAt = DeadlineQueue::now();
    m_peerCheckAt = m_answeredAt + step;
    scheduleDeadline();
}

// Other timeouts hold from now on.
void GruvSocketPrivate::hastenPeerCheck()
{
    if (m_peerCheckAt < 0)
        watchPeer();
    else
        m_peerCheckAt = std::min(m_peerCheckAt, DeadlineQueue::now() + peerCheckStep());
}

void GruvSocketPrivate::checkPeer(qint64 now)
{
    noteAcknowledged(now);
    const qint64 step = peerCheckStep();
    m_peerCheckAt = m_unacknowledged > 0 && step > 0 ? now + step : -1;
    const qint64 timeout = options.deadPeerTimeout.count();
    if (m_peerCheckAt < 0 || timeout == 0)
        return;
    // The time of the last answer alone would not do: before, the peer may have been asked nothing.
    const qint64 unanswered = NativeSocket::unansweredFor(transport->descriptor());
    m_answeredAt = std::max(m_answeredAt, now - std::max<qint64>(unanswered, 0));
    if (now - m_answeredAt >= timeout)
        outputFailed({ Outcome::Unresponsive });
}

// What the system takes from us says little of the peer: it takes some even of one that reads
// nothing, and what it has taken the peer may still be taking.
void GruvSocketPrivate::noteAcknowledged(qint64 now)
{
    const qint64 before = m_acknowledged;
    const bool owed = owesAcknowledgement();
    m_unacknowledged = std::max<qint64>(transport->undeliveredBytes(), 0);
    m_acknowledged = std::max(before, statistics.bytesSent - m_unacknowledged);
    if (m_acknowledged > before && owed)
        m_activeAt = now;
}

void GruvSocketPrivate::deadlineReached()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    if (m_dormant)
        wake();
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
    if (due > 0 && due <= now)
        meetDeadline(due, now);
    if (q)
        scheduleDeadline();
}

// A thread that was busy may find here what came or left in time.
void GruvSocketPrivate::meetDeadline(qint64 due, qint64 now)
{
    const quint32 connection = m_connection;
    const qint64 activeAt = m_activeAt;
    if (isUp())
        transport->refresh();
    if (m_queued > 0)
        transportWritable();
    if (!q || m_connection != connection)
        return;
    if (m_unacknowledged > 0)
        m_activeAt = activeAt; // it was the system that took some, not the peer
    transportReadable();
    if (q && m_connection == connection && nextDeadline() == due)
        deadlineExpired(now);
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
        if (now < m_startedAt + options.closeTimeout.count())
            advanceClosing();
        else if (m_queued == 0 && transport->finishWriting())
            endInOrder();
        else
            end(Error::CloseTimeout,
                QStringLiteral("the peer did not take the last %1 bytes")
                                .arg(m_queued + std::max<qint64>(transport->undeliveredBytes(), 0))
                        + after(options.closeTimeout));
    } else if (state != QAbstractSocket::ConnectedState) {
        end(Error::ConnectTimeout,
            (m_connector && m_connector->isEncrypting()
                     ? QStringLiteral("the TLS handshake with %1:%2 did not finish")
                     : QStringLiteral("no connection to %1:%2"))
                            .arg(peerName)
                            .arg(peerPort)
                    + after(options.connectTimeout));
    } else if (isStuck() && now >= m_startedAt + options.closeTimeout.count()) {
        inputEnded();
    } else if (hasPassed(idleSince(), options.idleTimeout)) {
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
    if (m_dormant)
        noteSlowed(); // done() may take what waits
    if (done())
        return true;
    wake();
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
