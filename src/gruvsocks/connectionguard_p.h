// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONNECTIONGUARD_P_H
#define CONNECTIONGUARD_P_H

#include <QtCore/qhash.h>
#include <QtCore/qpair.h>
#include <QtNetwork/qhostaddress.h>

#include <functional>
#include <memory>
#include <mutex>

// Who may come in: decided by numbers alone, before there is an object for the connection.
// Thread-safe.
class ConnectionGuard : public std::enable_shared_from_this<ConnectionGuard>
{
public:
    struct Limits
    {
        int total = 10'000;
        int perAddress = 0; // 0: off
        int acceptRate = 0; // a second; 0: off
    };
    enum class Verdict { Admitted, TooManyConnections, TooManyFromAddress, TooFast };
    using Clock = std::function<qint64()>; // ms, monotonic
    using Ticket = std::shared_ptr<void>;  // a place; given back when its last copy goes

    explicit ConnectionGuard(const Clock &clock);
    Limits limits();
    void setLimits(const Limits &limits);

    Verdict admit(const QHostAddress &address, Ticket *ticket);
    // The two halves of it, for who has to show more before it gets a place.
    Verdict knock(const QHostAddress &address);
    Verdict enter(const QHostAddress &address, Ticket *ticket);
    int count();

private:
    using Origin = QPair<quint64, quint64>; // an IPv4 address, or the network of an IPv6 one
    static Origin originOf(const QHostAddress &address);
    Verdict mayCome(const QHostAddress &address);
    Verdict placeFor(const QHostAddress &address) const;
    Ticket take(const QHostAddress &address);
    bool takeToken();
    void leave(const Origin &origin);

    const Clock m_clock;
    std::mutex m_mutex;
    Limits m_limits;
    int m_count = 0;
    QHash<Origin, int> m_counts;
    double m_tokens = 0;
    qint64 m_refilledAt = 0; // ms
};

#endif // CONNECTIONGUARD_P_H
