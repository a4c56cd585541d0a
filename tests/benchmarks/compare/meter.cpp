// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "meter.h"

#include <QtCore/qcryptographichash.h>
#include <QtCore/qjsondocument.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include <unistd.h>

void Meter::say(const QByteArray &line)
{
    std::fprintf(stdout, "%s\n", line.constData());
    std::fflush(stdout);
}

void Meter::ready(quint16 port)
{
    say("ready " + QByteArray::number(port));
}

void Meter::connectedAwaitGo()
{
    say("connected");
    char byte;
    while (::read(STDIN_FILENO, &byte, 1) > 0 && byte != '\n') {
    }
}

void Meter::report(const QJsonObject &figures)
{
    say(QJsonDocument(figures).toJson(QJsonDocument::Compact));
}

// Until the driver closes the pipe: it still reads what this process has used.
void Meter::lingerUntilDismissed()
{
    char byte;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
}

double Meter::Latencies::percentile(double part)
{
    if (m_times.empty())
        return 0;
    const auto place = m_times.begin() + qint64(std::ceil(part * double(m_times.size()))) - 1;
    std::nth_element(m_times.begin(), place, m_times.end());
    return double(*place) / 1000;
}

void Meter::reportStart(qint64 start)
{
    report({ { QStringLiteral("start"), start } });
}

void Meter::reportArrivals(qint64 count, bool right)
{
    report({ { QStringLiteral("end"), now() },
             { QStringLiteral("count"), count },
             { QStringLiteral("right"), right } });
}

void Meter::reportArrivals(const Checker &checker, bool complete)
{
    reportArrivals(checker.count(), checker.isRight() && complete);
}

// How many messages may pass between two looks at the clock.
int Meter::strideFor(qint64 messageSize)
{
    return int(std::clamp<qint64>(16'384 / messageSize, 1, 64));
}

void Meter::reportRate(qint64 start, qint64 count, bool right)
{
    report({ { QStringLiteral("count"), count },
             { QStringLiteral("wall"), double(now() - start) / 1e9 },
             { QStringLiteral("right"), right } });
}

void Meter::reportEchoes(qint64 start, Latencies *latencies, bool right)
{
    report({ { QStringLiteral("count"), latencies->count() },
             { QStringLiteral("wall"), double(now() - start) / 1e9 },
             { QStringLiteral("p50"), latencies->percentile(0.5) },
             { QStringLiteral("p99"), latencies->percentile(0.99) },
             { QStringLiteral("right"), right } });
}

Meter::Burner::Burner(int microseconds)
{
    if (microseconds == 0)
        return;
    constexpr int Trial = 200;
    constexpr int Trials = 20;
    m_rounds = Trial;
    qint64 best = std::numeric_limits<qint64>::max(); // whatever else the machine does meanwhile
    for (int i = 0; i < Trials; ++i) {
        const qint64 start = now();
        burn("calibration");
        best = std::clamp<qint64>(now() - start, 1, best);
    }
    m_rounds = int(qint64(Trial) * microseconds * 1000 / best);
}

quint64 Meter::Burner::burn(const QByteArray &message) const
{
    QByteArray digest = message;
    for (int i = 0; i < m_rounds; ++i)
        digest = QCryptographicHash::hash(digest, QCryptographicHash::Sha256);
    return contentHash(digest.constData(), digest.size());
}
