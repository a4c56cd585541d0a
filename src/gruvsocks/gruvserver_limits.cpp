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
    reason do not count. It is one for the whole server, to bound its load: one peer that comes and
    goes faster than that keeps others out.
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

/*!
    Sets how many handlers of start() run at the same time to \a count, at least 1; 64 at first.
    Connections beyond them wait, and are closed with connectionRejected() when that takes too long.
    \sa start()
*/
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

GruvServer::RejectReason GruvServerPrivate::reasonOf(ConnectionGuard::Verdict verdict)
{
    switch (verdict) {
    case ConnectionGuard::Verdict::TooManyFromAddress:
        return GruvServer::RejectReason::TooManyFromAddress;
    case ConnectionGuard::Verdict::TooFast:
        return GruvServer::RejectReason::TooFast;
    default:
        return GruvServer::RejectReason::TooManyConnections;
    }
}

void GruvServerPrivate::rejected(const QHostAddress &address, GruvServer::RejectReason reason)
{
    tellRejected(address, reason, textOf(reason));
}

void GruvServerPrivate::handshakeFailed(const QHostAddress &address, const QString &why)
{
    tellRejected(address, GruvServer::RejectReason::TlsHandshakeFailed, why);
}

void GruvServerPrivate::tellRejected(const QHostAddress &address, GruvServer::RejectReason reason,
                                     const QString &text)
{
    if (options.debug)
        logTurnedAway(QStringLiteral("rejected %1: %2").arg(address.toString(), text));
    Q_EMIT q->connectionRejected(address, reason);
}

QString GruvServerPrivate::textOf(GruvServer::RejectReason reason) const
{
    const ConnectionGuard::Limits limits = guard->limits();
    switch (reason) {
    case GruvServer::RejectReason::TooManyFromAddress:
        return QStringLiteral("maximumConnectionsPerAddress (%1) reached").arg(limits.perAddress);
    case GruvServer::RejectReason::TooFast:
        return QStringLiteral("faster than maximumAcceptRate (%1/s)").arg(limits.acceptRate);
    case GruvServer::RejectReason::WaitedTooLong:
        return QStringLiteral("none of maximumHandlerThreads (%1) was free in time")
                .arg(maximumHandlerThreads);
    default:
        return QStringLiteral("maximumConnections (%1) reached").arg(limits.total);
    }
}

// Its own doing, so nothing but a line for who looks.
void GruvServerPrivate::leftWhileWaiting(const QHostAddress &address)
{
    if (options.debug)
        logTurnedAway(
                QStringLiteral("%1 left while it waited for one of maximumHandlerThreads (%2)")
                        .arg(address.toString())
                        .arg(maximumHandlerThreads));
}

// A line a second at most: a crowd at the door shall not fill the log.
void GruvServerPrivate::logTurnedAway(const QString &line)
{
    const qint64 now = DeadlineQueue::now();
    if (m_rejectionLoggedAt >= 0 && now < m_rejectionLoggedAt + RejectionLogInterval) {
        ++m_rejectionsUnlogged;
        return;
    }
    m_rejectionLoggedAt = now;
    const int others = std::exchange(m_rejectionsUnlogged, 0);
    trace(others == 0 ? line
                      : line + QStringLiteral("; %1 others since the last line").arg(others));
}
