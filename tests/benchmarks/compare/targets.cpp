// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "targets.h"

#include "side.h"

#include <functional>

namespace {

using Figure = double Run::*;

// One figure of the results.
struct Term
{
    const char *row;
    const char *side;
    Figure figure = &Run::rate;
    double factor = 1; // a larger message has so many more bytes

    QString name() const
    {
        return QStringLiteral("%1 of %2").arg(QLatin1String(row), QLatin1String(side));
    }
};

// a / b shall be at least, or at most, limit.
struct Target
{
    Term a;
    Term b;
    double limit;
    bool isMost = false;
};

std::optional<double> valueOf(const Results &results, const Term &term)
{
    const auto run = results.median(QLatin1String(term.row), QLatin1String(term.side));
    if (!run)
        return std::nullopt;
    return (*run).*term.figure * term.factor;
}

Verdict judge(const Results &results, const Target &target)
{
    const auto a = valueOf(results, target.a);
    const auto b = valueOf(results, target.b);
    QString text = QStringLiteral("%1 / %2").arg(target.a.name(), target.b.name());
    if (!a || !b)
        return { Verdict::Kind::NotMeasured, text };
    const double ratio = *a / *b;
    const bool isReached = target.isMost ? ratio <= target.limit : ratio >= target.limit;
    text += QStringLiteral(": %1 (at %2 %3)")
                    .arg(ratio, 0, 'f', 2)
                    .arg(target.isMost ? QStringLiteral("most") : QStringLiteral("least"))
                    .arg(target.limit);
    return { isReached ? Verdict::Kind::Reached : Verdict::Kind::Missed, text };
}

Verdict judgeIdleMemory(const Results &results)
{
    constexpr double Most = 8 * 1024;
    const auto run = results.median(QStringLiteral("busy-10000"), QStringLiteral("gruv"));
    const QString text = QStringLiteral("bytes of an idle connection of gruv");
    if (!run)
        return { Verdict::Kind::NotMeasured, text };
    return { run->idleBytes <= Most ? Verdict::Kind::Reached : Verdict::Kind::Missed,
             text + QStringLiteral(": %1 (at most %2)").arg(run->idleBytes, 0, 'f', 0).arg(Most) };
}

QList<Target> allTargets()
{
    QList<Target> targets = {
        { { "one-way-64", "gruv-handler" }, { "one-way-64", "posix" }, 0.75 },
        { { "one-way-64", "gruv-handler" }, { "one-way-64", "datastream" }, 1.5 },
        { { "one-way-64", "gruv-handler" }, { "one-way-64", "websocket" }, 3 },
        { { "one-way-64", "gruv-handler" }, { "one-way-64", "zeromq" }, 3 },
        { { "one-way-1k", "gruv" }, { "one-way-1k", "posix" }, 0.85 },
        { { "one-way-64k", "gruv" }, { "one-way-64k", "posix" }, 0.85 },
        { { "one-way-1m", "gruv" }, { "one-way-1m", "posix" }, 0.9 },
        { { "ping-pong", "gruv" }, { "ping-pong", "posix" }, 0.85 },
        { { "busy-10000", "gruv" }, { "busy-0", "gruv" }, 0.8 },
        { { "busy-10000", "gruv" }, { "busy-10000", "datastream" }, 20 },
        { { "single-256m", "gruv", &Run::p50 },
          { "single-1m", "gruv", &Run::p50, 256 },
          1.3,
          true },
        { { "handler-2", "gruv" }, { "handler-1", "gruv" }, 1.8 },
        { { "broadcast", "gruv" }, { "broadcast", "datastream" }, 1.5 },
        { { "tls-one-way-1k", "gruv-tls" }, { "tls-one-way-1k", "sslsocket" }, 1 },
        { { "tls-one-way-1m", "gruv-tls" }, { "tls-one-way-1m", "sslsocket" }, 0.95 },
        { { "tls-ping-pong", "gruv-tls" }, { "tls-ping-pong", "sslsocket" }, 1 },
    };
    for (const char *row : { "one-way-1k", "one-way-64k", "one-way-1m", "ping-pong" }) {
        for (const Side &side : allSides()) {
            const QByteArray name = side.name;
            if (name != "posix" && name != "sslsocket" && !name.startsWith("gruv"))
                targets.append({ { row, "gruv" }, { row, side.name }, 1 });
        }
    }
    return targets;
}

} // namespace

QList<Verdict> judge(const Results &results)
{
    QList<Verdict> verdicts;
    const QList<Target> targets = allTargets();
    for (const Target &target : targets)
        verdicts.append(judge(results, target));
    verdicts.append(judgeIdleMemory(results));
    return verdicts;
}
