// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STREAM_H
#define STREAM_H

#include <QtCore/qbytearray.h>

// Numbers that look random and are the same for the same seed.
class Dice
{
public:
    explicit Dice(quint64 seed)
        : m_state(seed)
    {}
    quint64 next();
    qint64 below(qint64 bound) { return qint64(next() % quint64(bound)); }
    bool chance(int perThousand) { return below(1000) < perThousand; }

private:
    quint64 m_state;
};

// One direction of one connection: both ends know what its next message has to be, to the last
// byte.
class Stream
{
public:
    explicit Stream(quint64 seed)
        : m_dice(seed)
    {}
    QByteArray next();
    bool isNext(const QByteArray &message); // and then it is over to the one after it
    qint64 count() const { return m_count; }

private:
    struct Plan
    {
        qsizetype size;
        qsizetype offset;
    };
    Plan plan();

    Dice m_dice;
    qint64 m_count = 0;
};

#endif // STREAM_H
