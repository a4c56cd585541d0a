// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/connectionguard_p.h>

#include <QtCore/qendian.h>

#include <algorithm>

/*
    Three questions, the cheapest first: is there room at all, has this address its share, do they
    come too fast. A connection that is refused for one of the first two takes no token, so a crowd
    that may not come in anyway does not keep out who may.

    IPv6 is counted by /64, for that is what one subscriber has at least (RFC 6177): by address, one
    host could come from 2^64. An address that is not known (the system did not tell) has no share.

    The tokens are a bucket of one second's worth, full at first.
*/
ConnectionGuard::ConnectionGuard(const Clock &clock)
    : m_clock(clock)
{}

ConnectionGuard::Limits ConnectionGuard::limits()
{
    const std::lock_guard lock(m_mutex);
    return m_limits;
}

void ConnectionGuard::setLimits(const Limits &limits)
{
    const std::lock_guard lock(m_mutex);
    if (limits.acceptRate != m_limits.acceptRate) {
        m_tokens = limits.acceptRate;
        m_refilledAt = m_clock();
    }
    m_limits = limits;
}

ConnectionGuard::Verdict ConnectionGuard::admit(const QHostAddress &address, Ticket *ticket)
{
    const std::lock_guard lock(m_mutex);
    const Verdict verdict = mayCome(address);
    if (verdict == Verdict::Admitted)
        *ticket = take(address);
    return verdict;
}

ConnectionGuard::Verdict ConnectionGuard::knock(const QHostAddress &address)
{
    const std::lock_guard lock(m_mutex);
    return mayCome(address);
}

ConnectionGuard::Verdict ConnectionGuard::enter(const QHostAddress &address, Ticket *ticket)
{
    const std::lock_guard lock(m_mutex);
    const Verdict verdict = placeFor(address);
    if (verdict == Verdict::Admitted)
        *ticket = take(address);
    return verdict;
}

// Those who are refused for another reason do not count for the rate.
ConnectionGuard::Verdict ConnectionGuard::mayCome(const QHostAddress &address)
{
    const Verdict verdict = placeFor(address);
    return verdict == Verdict::Admitted && !takeToken() ? Verdict::TooFast : verdict;
}

ConnectionGuard::Verdict ConnectionGuard::placeFor(const QHostAddress &address) const
{
    if (m_count >= m_limits.total)
        return Verdict::TooManyConnections;
    const bool hasShare = m_limits.perAddress > 0 && !address.isNull();
    if (hasShare && m_counts.value(originOf(address)) >= m_limits.perAddress)
        return Verdict::TooManyFromAddress;
    return Verdict::Admitted;
}

ConnectionGuard::Ticket ConnectionGuard::take(const QHostAddress &address)
{
    const Origin origin = originOf(address);
    ++m_count;
    ++m_counts[origin];
    return Ticket(nullptr, [guard = shared_from_this(), origin](void *) { guard->leave(origin); });
}

int ConnectionGuard::count()
{
    const std::lock_guard lock(m_mutex);
    return m_count;
}

ConnectionGuard::Origin ConnectionGuard::originOf(const QHostAddress &address)
{
    bool isIPv4 = false; // ::ffff:a.b.c.d too
    const quint32 ipv4 = address.toIPv4Address(&isIPv4);
    if (isIPv4 || address.isNull())
        return { ipv4, address.isNull() ? 1 : 0 };
    const Q_IPV6ADDR ipv6 = address.toIPv6Address();
    return { qFromBigEndian<quint64>(ipv6.c), 2 };
}

bool ConnectionGuard::takeToken()
{
    if (m_limits.acceptRate == 0)
        return true;
    const qint64 now = m_clock();
    const double earned = double(now - m_refilledAt) * m_limits.acceptRate / 1000;
    m_tokens = std::min<double>(m_tokens + earned, m_limits.acceptRate);
    m_refilledAt = now;
    if (m_tokens < 1)
        return false;
    m_tokens -= 1;
    return true;
}

void ConnectionGuard::leave(const Origin &origin)
{
    const std::lock_guard lock(m_mutex);
    --m_count;
    const auto found = m_counts.find(origin);
    if (--*found == 0)
        m_counts.erase(found);
}
