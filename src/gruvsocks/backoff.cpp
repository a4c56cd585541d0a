// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/backoff_p.h>

#include <algorithm>
#include <cmath>

Backoff::Backoff(const Random &random)
    : m_random(random)
{}

bool Backoff::isOver() const
{
    return m_policy.maximumAttempts > 0 && m_attempts >= m_policy.maximumAttempts;
}

std::chrono::milliseconds Backoff::ceiling() const
{
    const double longest = double(m_policy.maximumDelay.count());
    const double grown =
            double(m_policy.initialDelay.count()) * std::pow(m_policy.factor, m_attempts);
    return std::chrono::milliseconds(qint64(std::min(grown, longest)));
}

std::chrono::milliseconds Backoff::next()
{
    const double delay = double(ceiling().count()) * m_random();
    ++m_attempts;
    return std::chrono::milliseconds(qint64(delay));
}

// One that broke at once is one more that failed: a server that takes everybody and drops them
// again is not to be asked twice a second.
bool Backoff::held(std::chrono::milliseconds time)
{
    const bool isLong = time >= m_policy.resetAfter;
    if (isLong)
        reset();
    return isLong;
}
