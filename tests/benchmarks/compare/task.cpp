// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "task.h"

QStringList Task::toArguments() const
{
    return { QStringLiteral("--end"),      side,
             QString::number(int(work)),   QString::number(int(role)),
             QString::number(size),        QString::number(seconds),
             QString::number(connections), QString::number(inFlight),
             QString::number(idle),        QString::number(threads),
             QString::number(burn),        QString::number(int(digest)),
             QString::number(port),        certificates };
}

Task Task::fromArguments(const QStringList &arguments)
{
    Task task;
    auto next = arguments.cbegin();
    task.side = *++next;
    task.work = Work((++next)->toInt());
    task.role = Role((++next)->toInt());
    task.size = (++next)->toLongLong();
    task.seconds = (++next)->toDouble();
    task.connections = (++next)->toInt();
    task.inFlight = (++next)->toInt();
    task.idle = (++next)->toInt();
    task.threads = (++next)->toInt();
    task.burn = (++next)->toInt();
    task.digest = (++next)->toInt() != 0;
    task.port = (++next)->toUShort();
    task.certificates = *++next;
    return task;
}
