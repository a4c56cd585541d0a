// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvreconnectpolicy.h>

#include <QtCore/qdebug.h>

#include <algorithm>
#include <tuple>

/*!
    \class GruvReconnectPolicy
    \inmodule GruvSocks
    \brief When a GruvClient tries again.

    Before attempt n it waits for a random time between 0 and \c initialDelay times \c factor to
    the power of n - 1, at most \c maximumDelay: full jitter, so that the clients of a server that
    went do not come back all at once.

    \table
    \header \li Field \li At first \li Meaning
    \row \li initialDelay \li 500 ms \li the longest wait before the first attempt
    \row \li maximumDelay \li 30 s \li the longest wait of all
    \row \li factor \li 2 \li by which it grows with each attempt; at least 1
    \row \li resetAfter \li 10 s \li a connection that was held for so long begins anew; one that
   ended sooner counts as an attempt that failed \row \li maximumAttempts \li 0 \li how often it
   tries again before it gives up; 0: for ever \row \li retriesTlsFailure \li false \li whether it
   tries again where a certificate was refused (GruvDisconnectReason::isTlsRefusal), which will be
   refused again; a handshake that was only cut is tried again in any case, and so is a
   connection that was held for \c resetAfter or GruvSocketOptions::connectTimeout \endtable
*/

/*! Returns the policy with each field brought into its range; times of more than 24 days become 24
    days. */
GruvReconnectPolicy GruvReconnectPolicy::bounded() const
{
    using std::chrono::milliseconds;
    constexpr milliseconds Longest = std::chrono::hours(24 * 24); // a QTimer takes no more
    GruvReconnectPolicy p = *this;
    p.maximumDelay = std::clamp(p.maximumDelay, milliseconds(1), Longest);
    p.initialDelay = std::clamp(p.initialDelay, milliseconds(1), p.maximumDelay);
    p.resetAfter = std::clamp(p.resetAfter, milliseconds(0), Longest);
    p.factor = p.factor >= 1 ? std::min(p.factor, 1e6) : 1; // NaN, too
    p.maximumAttempts = std::max(p.maximumAttempts, 0);
    return p;
}

static auto fields(const GruvReconnectPolicy &p)
{
    return std::tie(p.initialDelay, p.maximumDelay, p.factor, p.resetAfter, p.maximumAttempts,
                    p.retriesTlsFailure);
}

/*! \relates GruvReconnectPolicy
    Returns whether all fields of \a a and \a b are equal. */
bool operator==(const GruvReconnectPolicy &a, const GruvReconnectPolicy &b)
{
    return fields(a) == fields(b);
}

/*! \relates GruvReconnectPolicy
    Returns whether any field of \a a and \a b differs. */
bool operator!=(const GruvReconnectPolicy &a, const GruvReconnectPolicy &b)
{
    return !(a == b);
}

/*! \relates GruvReconnectPolicy
    Writes all fields of \a policy to \a debug, times in milliseconds. */
QDebug operator<<(QDebug debug, const GruvReconnectPolicy &policy)
{
    const QDebugStateSaver saver(debug);
    debug.nospace() << "GruvReconnectPolicy(initialDelay=" << policy.initialDelay.count()
                    << " maximumDelay=" << policy.maximumDelay.count()
                    << " factor=" << policy.factor << " resetAfter=" << policy.resetAfter.count()
                    << " maximumAttempts=" << policy.maximumAttempts
                    << " retriesTlsFailure=" << policy.retriesTlsFailure << ')';
    return debug;
}
