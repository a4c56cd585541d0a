// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "measurement.h"

#include "endprocess.h"

#include <algorithm>
#include <deque>

namespace {

constexpr int IdlePerProcess = 5000; // some sides need two descriptors for a connection

Task with(Task task, Task::Role role, quint16 port = 0)
{
    task.role = role;
    task.port = port;
    return task;
}

// Opens task.idle connections; they stay for as long as the processes live.
void startIdlers(std::deque<EndProcess> *idlers, Task task)
{
    for (int left = task.idle; left > 0; left -= IdlePerProcess) {
        task.idle = std::min(left, IdlePerProcess);
        idlers->emplace_back(task).awaitLine("connected");
    }
}

// Who tells the start and who the end of a transfer in one direction.
void readTransfer(Run *run, double *count, const QJsonObject &source, const QJsonObject &drain)
{
    if (!drain[QStringLiteral("right")].toBool())
        throw MeasurementFailed("what arrived is not what was sent");
    *count = drain[QStringLiteral("count")].toDouble();
    run->wall = double(drain[QStringLiteral("end")].toInteger()
                       - source[QStringLiteral("start")].toInteger())
                / 1e9;
}

void readEchoes(Run *run, double *count, const QJsonObject &figures)
{
    if (!figures[QStringLiteral("right")].toBool())
        throw MeasurementFailed("what came back is not what was sent");
    *count = figures[QStringLiteral("count")].toDouble();
    run->wall = figures[QStringLiteral("wall")].toDouble();
    run->p50 = figures[QStringLiteral("p50")].toDouble();
    run->p99 = figures[QStringLiteral("p99")].toDouble();
}

} // namespace

Run measure(const Task &task)
{
    Run run;
    EndProcess server(with(task, Task::Role::Server));
    const quint16 port = server.awaitReady();
    const qint64 emptyBytes = server.residentBytes();
    std::deque<EndProcess> idlers;
    startIdlers(&idlers, with(task, Task::Role::Idle, port));
    if (task.idle > 0)
        run.idleBytes = double(server.residentBytes() - emptyBytes) / task.idle;
    EndProcess client(with(task, Task::Role::Client, port));
    client.awaitLine("connected");
    const double serverCpu = server.cpuSeconds();
    const double clientCpu = client.cpuSeconds();
    EndProcess &starter = task.work == Task::Work::Broadcast ? server : client;
    starter.go();
    double count = 0;
    if (task.work == Task::Work::OneWay)
        readTransfer(&run, &count, client.awaitFigures(), server.awaitFigures());
    else if (task.work == Task::Work::Broadcast)
        readTransfer(&run, &count, server.awaitFigures(), client.awaitFigures());
    else
        readEchoes(&run, &count, client.awaitFigures());
    run.serverCpu = server.cpuSeconds() - serverCpu;
    run.clientCpu = client.cpuSeconds() - clientCpu;
    run.rate = count / run.wall;
    return run;
}

Run medianOf(const QList<Run> &runs)
{
    const auto median = [&runs](double Run::*figure) {
        std::vector<double> values;
        for (const Run &run : runs)
            values.push_back(run.*figure);
        std::sort(values.begin(), values.end());
        const size_t middle = values.size() / 2;
        return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    };
    Run result;
    for (const auto figure : { &Run::rate, &Run::p50, &Run::p99, &Run::wall, &Run::serverCpu,
                               &Run::clientCpu, &Run::idleBytes })
        result.*figure = median(figure);
    return result;
}
