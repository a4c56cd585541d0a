// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket_p.h>

#include <algorithm>
#include <utility>

namespace {

// What may wait for read() or a receiver before the peer is slowed; it still lets an end be seen.
constexpr qsizetype UnreadLimit = 1024 * 1024;

// With so much waiting in the system a peer may not have been able to send more.
constexpr qsizetype SlowingSize = 16 * 1024;

} // namespace

// While true nothing is read, so that TCP slows the peer.
bool GruvSocketPrivate::inputIsHeld() const
{
    if (m_readers > 0)
        return m_ahead || m_decoder.isFailed();
    return paused || m_isHeld
           || (!m_hasReceiver
               && (m_ahead ? m_ahead->size() : 0) + m_decoder.unreadBytes() >= UnreadLimit);
}

void GruvSocketPrivate::setPaused(bool on)
{
    trace(on ? QStringLiteral("reading paused") : QStringLiteral("reading resumed"));
    paused = on;
    updateHold();
    if (!on && isUp())
        deliverLater();
}

void GruvSocketPrivate::hold(bool on)
{
    m_isHeld = on;
    updateHold();
    if (!on && isUp())
        deliverLater();
}

/*
    The time in which it is we who do not read is not held against the peer; that it takes nothing
    of what is sent is (see idleSince()).
*/
void GruvSocketPrivate::updateHold()
{
    const bool held = m_dormant || inputIsHeld();
    if (held == (m_heldSince >= 0))
        return;
    const qint64 now = DeadlineQueue::now();
    if (held) {
        m_heldSince = now;
        return;
    }
    for (qint64 *since : { &m_frameBegunAt, &m_silentSince, &m_activeAt }) {
        if (*since >= 0 && (since != &m_activeAt || !owesAcknowledgement()))
            *since += now - std::max(m_heldSince, *since);
    }
    m_heldSince = -1;
    scheduleDeadline();
}

void GruvSocketPrivate::noteSlowed()
{
    m_wasSlowed = m_wasSlowed || (isUp() && transport->waitingBytes() >= SlowingSize);
}

// This thread reads again. A peer whose bytes had all found room in the system was not slowed by
// the time in which it did not.
void GruvSocketPrivate::wake()
{
    noteSlowed();
    const bool wasSlowed = std::exchange(m_wasSlowed, false);
    if (std::exchange(m_dormant, false) && !wasSlowed && !inputIsHeld())
        m_heldSince = -1;
    updateHold();
    scheduleDeadline();
}
