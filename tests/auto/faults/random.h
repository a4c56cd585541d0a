// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef RANDOM_H
#define RANDOM_H

#include <QtCore/qglobal.h>

#include <initializer_list>

// The same numbers for the same seed everywhere, and cheap to begin anew: splitmix64.
class Random
{
public:
    explicit Random(quint64 seed)
        : m_state(seed)
    {}

    // For decisions that shall not depend on how many others were taken before.
    static Random of(std::initializer_list<quint64> key)
    {
        quint64 seed = 0;
        for (const quint64 part : key)
            seed = Random(seed ^ part).next();
        return Random(seed);
    }

    quint64 next()
    {
        m_state += 0x9e37'79b9'7f4a'7c15U;
        quint64 mixed = m_state;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11ebU;
        return mixed ^ (mixed >> 31);
    }
    int below(int bound) { return int(next() % quint64(bound)); }
    int between(int least, int most) { return least + below(most - least + 1); }
    bool chance(int perMille) { return below(1000) < perMille; }
    int oneOf(std::initializer_list<int> values)
    {
        return values.begin()[below(int(values.size()))];
    }

private:
    quint64 m_state;
};

#endif // RANDOM_H
