// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef METER_H
#define METER_H

#include "content.h"

#include <QtCore/qjsonobject.h>

#include <chrono>
#include <vector>

// How an end talks to the driver: lines on its standard output, "go" on its standard input.
namespace Meter {

void say(const QByteArray &line);
void ready(quint16 port);
void connectedAwaitGo();
void report(const QJsonObject &figures);
void lingerUntilDismissed();

inline qint64 now() // ns; the same clock in all processes
{
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

// Says when time is up and three calls at least were made; looks at the clock only now and then.
class Stopwatch
{
public:
    explicit Stopwatch(double seconds, int stride = 64)
        : m_start(now())
        , m_end(m_start + qint64(seconds * 1e9))
        , m_stride(stride)
    {}
    bool isOver()
    {
        if (++m_calls % m_stride == 0)
            m_over = now() >= m_end && m_calls > 3;
        return m_over;
    }
    qint64 start() const { return m_start; }

private:
    qint64 m_start;
    qint64 m_end;
    int m_stride;
    qint64 m_calls = 0;
    bool m_over = false;
};

// How long each round trip took.
class Latencies
{
public:
    void add(qint64 ns) { m_times.push_back(ns); }
    qint64 count() const { return qint64(m_times.size()); }
    double percentile(double part); // us

private:
    std::vector<qint64> m_times;
};

void reportStart(qint64 start);
void reportArrivals(qint64 count, bool right);
void reportArrivals(const Checker &checker, bool complete);
void reportRate(qint64 start, qint64 count, bool right);
void reportEchoes(qint64 start, Latencies *latencies, bool right);
int strideFor(qint64 messageSize);

// Computes for about so many microseconds: hashes a block as often as this machine does in them.
class Burner
{
public:
    explicit Burner(int microseconds);
    quint64 burn(const QByteArray &message) const;

private:
    int m_rounds = 0;
};

} // namespace Meter

#endif // METER_H
