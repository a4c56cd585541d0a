// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/deadlinequeue_p.h>
#include <gruvsocks/gruvserver_p.h>
#include <gruvsocks/handlerpool_p.h>

#include <algorithm>
#include <utility>

static constexpr qint64 RejectionLogInterval = 1000; // ms

/*!
    \property GruvServer::maximumConnections
    \brief how many connections there may be, 10 000 by default; more are closed at once, with
    connectionRejected(). In threads of setThreadCount() one counts until it is deleted.
*/
int GruvServer::maximumConnections() const
{
    return d->guard->limits().total;
}

void GruvServer::setMaximumConnections(int count)
{
    d->setLimit(&ConnectionGuard::Limits::total, count);
}

/*!
    \property GruvServer::maximumConnectionsPerAddress
    \brief how many connections one address may have; 0, as at first: as many as it likes.

    IPv6 addresses count by their /64, which is what one subscriber has at least (RFC 6177). Behind
    a proxy all come from one address. Only where the system tells the address of who connects (not
    on Windows).
*/
int GruvServer::maximumConnectionsPerAddress() const
{
    return d->guard->limits().perAddress;
}

void GruvServer::setMaximumConnectionsPerAddress(int count)
{
    d->setLimit(&ConnectionGuard::Limits::perAddress, count);
}

/*!
    \property GruvServer::maximumAcceptRate
    \brief how many connections a second may come in on average; 0, as at first: as many as come.

    A token bucket: after a quiet second, so many may come at once. Connections refused for another
    reason do not count.
*/
int GruvServer::maximumAcceptRate() const
{
    return d->guard->limits().acceptRate;
}

void GruvServer::setMaximumAcceptRate(int perSecond)
{
    d->setLimit(&ConnectionGuard::Limits::acceptRate, perSecond);
}

/*! Returns how many handlers of start() run at the same time at most. */
int GruvServer::maximumHandlerThreads() const
{
    return d->maximumHandlerThreads;
}

/*! Sets how many handlers of start() run at the same time to \a count, at least 1; 64 at first. */
void GruvServer::setMaximumHandlerThreads(int count)
{
    d->maximumHandlerThreads = std::max(1, count);
    for (const auto &pool : d->pools())
        pool->setMaximumThreads(d->maximumHandlerThreads);
}

void GruvServerPrivate::setLimit(int ConnectionGuard::Limits::*limit, int value)
{
    ConnectionGuard::Limits limits = guard->limits();
    limits.*limit = std::max(0, value);
    guard->setLimits(limits);
}

void GruvServerPrivate::rejected(const QHostAddress &address, ConnectionGuard::Verdict verdict)
{
    auto reason = GruvServer::RejectReason::TooManyConnections;
    if (verdict == ConnectionGuard::Verdict::TooManyFromAddress)
        reason = GruvServer::RejectReason::TooManyFromAddress;
    else if (verdict == ConnectionGuard::Verdict::TooFast)
        reason = GruvServer::RejectReason::TooFast;
    if (options.debug)
        logRejection(address, reason);
    Q_EMIT q->connectionRejected(address, reason);
}

// A line a second at most: a crowd at the door shall not fill the log.
void GruvServerPrivate::logRejection(const QHostAddress &address, GruvServer::RejectReason reason)
{
    const qint64 now = DeadlineQueue::now();
    if (m_rejectionLoggedAt >= 0 && now < m_rejectionLoggedAt + RejectionLogInterval) {
        ++m_rejectionsUnlogged;
        return;
    }
    m_rejectionLoggedAt = now;
    const ConnectionGuard::Limits limits = guard->limits();
    QString why = QStringLiteral("maximumConnections (%1) reached").arg(limits.total);
    if (reason == GruvServer::RejectReason::TooManyFromAddress)
        why = QStringLiteral("maximumConnectionsPerAddress (%1) reached").arg(limits.perAddress);
    else if (reason == GruvServer::RejectReason::TooFast)
        why = QStringLiteral("faster than maximumAcceptRate (%1/s)").arg(limits.acceptRate);
    const int others = std::exchange(m_rejectionsUnlogged, 0);
    if (others > 0)
        why += QStringLiteral("; %1 others since the last line").arg(others);
    trace(QStringLiteral("rejected %1: %2").arg(address.toString(), why));
}
