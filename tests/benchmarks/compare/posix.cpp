// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "meter.h"
#include "net.h"
#include "rawclient.h"
#include "side.h"

#include <deque>

#include <unistd.h>

/*
    What the kernel gives, written by hand on blocking sockets: 64 KiB batched writes, 256 KiB
    reads, one malloc and memcpy a message; a large message is read into its own memory.
*/
namespace {

int sink(const Task &task)
{
    quint16 port = 0;
    const int listener = Net::listenOnLoopback(&port);
    const Ring ring(task.size);
    Checker checker(ring);
    Meter::ready(port);
    const int descriptor = Net::acceptOne(listener);
    std::vector<char> buffer(Net::ReadSize);
    Net::Frames frames;
    bool ended = false;
    const auto receive = [&](const char *message, size_t size) {
        if (size == EndMarkerSize)
            ended = isEndMarker(QByteArray(message, EndMarkerSize), checker.count());
        else
            checker.take(message, qsizetype(size));
    };
    while (!ended && frames.receive(descriptor, &buffer, receive)) {
    }
    Meter::reportArrivals(checker, ended);
    Meter::lingerUntilDismissed();
    return 0;
}

int feed(const Task &task)
{
    const Ring ring(task.size);
    const int descriptor = Net::connectTo(task.port);
    Net::Batch batch;
    const bool large = size_t(task.size) + Net::HeaderSize > Net::BatchSize / 2;
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, Meter::strideFor(task.size));
    qint64 sent = 0;
    for (; !watch.isOver(); ++sent) {
        const QByteArray &message = ring.at(sent);
        if (large)
            Net::sendFrame(descriptor, message);
        else
            batch.append(message);
        if (batch.isFull(task.size))
            batch.flush(descriptor);
    }
    batch.flush(descriptor);
    Net::sendFrame(descriptor, endMarker(sent));
    Meter::reportStart(watch.start());
    Meter::lingerUntilDismissed();
    return 0;
}

int echo(const Task &task)
{
    quint16 port = 0;
    const int listener = Net::listenOnLoopback(&port);
    const Meter::Burner burner(task.burn);
    Net::Poller poller;
    poller.add(listener, listener);
    std::deque<Net::Frames> frames; // by descriptor
    std::vector<char> buffer(Net::ReadSize);
    Net::Batch answers;
    Meter::ready(port);
    while (true) {
        for (const int descriptor : poller.wait(-1)) {
            if (descriptor == listener) {
                const int accepted = Net::acceptOne(listener);
                if (frames.size() <= size_t(accepted))
                    frames.resize(size_t(accepted) + 1);
                frames[size_t(accepted)] = Net::Frames();
                poller.add(accepted, accepted);
                continue;
            }
            const auto answer = [&](const char *message, size_t size) {
                if (task.burn > 0)
                    burner.burn(QByteArray::fromRawData(message, qsizetype(size)));
                if (task.digest)
                    answers.append(contentDigest(message, qsizetype(size)));
                else
                    answers.append(message, size);
            };
            if (!frames[size_t(descriptor)].receive(descriptor, &buffer, answer)) {
                poller.remove(descriptor);
                ::close(descriptor);
                continue;
            }
            answers.flush(descriptor);
        }
    }
}

int publish(const Task &task)
{
    quint16 port = 0;
    const int listener = Net::listenOnLoopback(&port);
    const Ring ring(task.size);
    Meter::ready(port);
    std::vector<int> subscribers;
    for (int i = 0; i < task.connections; ++i)
        subscribers.push_back(Net::acceptOne(listener));
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    qint64 sent = 0;
    for (; !watch.isOver(); ++sent) {
        for (const int subscriber : subscribers)
            Net::sendFrame(subscriber, ring.at(sent));
    }
    for (const int subscriber : subscribers)
        Net::sendFrame(subscriber, endMarker(sent));
    Meter::reportStart(watch.start());
    Meter::lingerUntilDismissed();
    return 0;
}

} // namespace

int runPosix(const Task &task)
{
    if (task.role != Task::Role::Server)
        return task.work == Task::Work::OneWay ? feed(task)
                                               : RawClient::run(task, RawClient::Wire::Length);
    switch (task.work) {
    case Task::Work::OneWay:
        return sink(task);
    case Task::Work::Broadcast:
        return publish(task);
    default:
        return echo(task);
    }
}
