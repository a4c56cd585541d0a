// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <QtCore/qbytearray.h>
#include <QtCore/qcryptographichash.h>

// The messages one side sends: known to both from a seed. The same lines stand in peer.py and, but
// for Wide, in peer.erl.
class Traffic
{
public:
    enum class Profile { Mixed, Tiny, Wide };

    Traffic(quint32 seed, Profile profile, int count);

    quint32 seed() const { return m_seed; }
    Profile profile() const { return m_profile; }
    int count() const { return m_count; }
    qsizetype length(int index) const;
    QByteArray message(int index) const;

private:
    quint32 m_seed;
    Profile m_profile;
    int m_count;
    QByteArray m_block; // twice the period, so that every turn of it is one slice
};

// What went by: how many messages, and the hash over their frames as they stand on the wire.
class Tally
{
public:
    explicit Tally(QCryptographicHash::Algorithm algorithm)
        : m_hash(algorithm)
    {}

    void add(const QByteArray &message);
    int count() const { return m_count; }
    QByteArray line() const; // "COUNT HASH", as the peers print it

private:
    QCryptographicHash m_hash;
    int m_count = 0;
};

#endif // TRAFFIC_H
