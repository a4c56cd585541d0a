// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef BACKOFF_P_H
#define BACKOFF_P_H

#include <gruvsocks/gruvreconnectpolicy.h>

#include <functional>

// How long to wait before the next attempt, and whether there is one: decided by numbers alone.
class Backoff
{
public:
    using Random = std::function<double()>; // in [0, 1)

    explicit Backoff(const Random &random);
    void setPolicy(const GruvReconnectPolicy &policy) { m_policy = policy; }
    const GruvReconnectPolicy &policy() const { return m_policy; }

    bool isOver() const; // no further attempt
    int attempts() const { return m_attempts; }
    std::chrono::milliseconds ceiling() const; // of the next delay
    std::chrono::milliseconds next();          // counts it
    bool held(std::chrono::milliseconds time); // a connection, which has ended; for long enough?
    void reset() { m_attempts = 0; }

private:
    const Random m_random;
    GruvReconnectPolicy m_policy;
    int m_attempts = 0;
};

#endif // BACKOFF_P_H
