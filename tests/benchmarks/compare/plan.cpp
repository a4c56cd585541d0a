// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "plan.h"

namespace {

constexpr qint64 KiB = 1024;
constexpr qint64 MiB = 1024 * KiB;

Row oneWay(const char *name, const char *title, qint64 size, double seconds)
{
    Task task;
    task.work = Task::Work::OneWay;
    task.size = size;
    task.seconds = seconds;
    return { QLatin1String(name), QLatin1String(title), QStringLiteral("messages/s"), task, {} };
}

Row echo(const char *name, const char *title, int connections, int inFlight, double seconds)
{
    Task task;
    task.work = Task::Work::Echo;
    task.connections = connections;
    task.inFlight = inFlight;
    task.seconds = seconds;
    return { QLatin1String(name), QLatin1String(title), QStringLiteral("round trips/s"), task, {} };
}

// One message after the other, each answered when it has been received whole and checked.
Row single(const char *name, const char *title, qint64 size, double seconds)
{
    Row row = echo(name, title, 1, 1, seconds);
    row.task.size = size;
    row.task.digest = true;
    row.unit = QStringLiteral("messages/s");
    return row;
}

// Without QDataStream's transactions, which begin again with each read: 38 s a message of 256 MiB.
Row huge(double seconds)
{
    Row row = single("single-256m", "256 MiB, one at a time", 256 * MiB, seconds);
    row.sides = QStringList{ QStringLiteral("posix"), QStringLiteral("gruv"),
                             QStringLiteral("websocket"), QStringLiteral("zeromq"),
                             QStringLiteral("nng") };
    return row;
}

Row busy(int idle, double seconds)
{
    const QString number = QString::number(idle);
    Row row = echo("", "", 1, 1, seconds);
    row.name = QStringLiteral("busy-") + number;
    row.title = QStringLiteral("1 busy connection beside %1 idle").arg(number);
    row.task.idle = idle;
    row.task.threads = 1;
    return row;
}

Row handler(int threads, double seconds)
{
    Row row = echo("", "", 16, 1, seconds);
    row.name = QStringLiteral("handler-%1").arg(threads);
    row.title = QStringLiteral("200 us of computing a message, %1 thread(s)").arg(threads);
    row.task.burn = 200;
    row.task.threads = threads;
    row.sides = QStringList{ QStringLiteral("gruv") };
    return row;
}

Row accepting(double seconds)
{
    Row row = echo("accept", "connect, one echo, disconnect", 1, 1, seconds);
    row.task.work = Task::Work::Accept;
    row.unit = QStringLiteral("connections/s");
    return row;
}

Row broadcast(double seconds)
{
    Row row = echo("broadcast", "broadcast of 1 KiB to 1 000", 1000, 1, seconds);
    row.task.work = Task::Work::Broadcast;
    row.task.size = KiB;
    row.unit = QStringLiteral("deliveries/s");
    return row;
}

// The same work between ends that speak TLS.
Row encrypted(Row row, const QString &certificates)
{
    row.name.prepend(QStringLiteral("tls-"));
    row.title.prepend(QStringLiteral("TLS: "));
    row.task.certificates = certificates;
    row.sides = QStringList{ QStringLiteral("gruv-tls"), QStringLiteral("sslsocket") };
    return row;
}

QList<Group> encryptedGroups(double seconds, const QString &certificates)
{
    return { { encrypted(oneWay("one-way-1k", "one way, 1 KiB", KiB, seconds), certificates) },
             { encrypted(oneWay("one-way-1m", "one way, 1 MiB", MiB, seconds), certificates) },
             { encrypted(echo("ping-pong", "ping-pong, 64 B", 1, 1, seconds), certificates) },
             { encrypted(accepting(seconds), certificates) } };
}

} // namespace

QList<Group> allGroups(double seconds, const QString &certificates)
{
    QList<Group> groups = {
        { oneWay("one-way-64", "one way, 64 B", 64, seconds) },
        { oneWay("one-way-1k", "one way, 1 KiB", KiB, seconds) },
        { oneWay("one-way-64k", "one way, 64 KiB", 64 * KiB, seconds) },
        { oneWay("one-way-1m", "one way, 1 MiB", MiB, seconds) },
        { echo("ping-pong", "ping-pong, 64 B", 1, 1, seconds) },
        { echo("echo-100x16", "echo, 100 connections x 16 in flight", 100, 16, seconds) },
        { busy(0, seconds), busy(1000, seconds), busy(5000, seconds), busy(10'000, seconds) },
        { accepting(seconds) },
        { broadcast(seconds) },
        { handler(1, 2 * seconds), handler(2, 2 * seconds) },
        { single("single-1m", "1 MiB, one at a time", MiB, seconds), huge(2 * seconds) }
    };
    if (!certificates.isEmpty())
        groups += encryptedGroups(seconds, certificates);
    return groups;
}
