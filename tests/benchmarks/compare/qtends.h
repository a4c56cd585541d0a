// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef QTENDS_H
#define QTENDS_H

#include "meter.h"
#include "task.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsocketnotifier.h>
#include <QtCore/qtimer.h>

#include <deque>
#include <memory>

#include <unistd.h>

/*
    The same ends for every side that lives in Qt's event loop. A Channel is one connection:

      connectTo(task, connected)  onMessage(function)  onRoom(function)  hasRoom()  send(message)
      onSent(function)      disconnect(disconnected)

    and a Server listens and hands each connection over as a Channel; publish() sends to all.
*/
namespace QtEnds {

inline void finish()
{
    Meter::lingerUntilDismissed();
    QCoreApplication::quit();
}

template<typename Server>
int sink(const Task &task)
{
    const Ring ring(task.size);
    Checker checker(ring);
    Server server(task);
    server.onConnection([&checker](auto *channel) {
        channel->onMessage([&checker](const QByteArray &message) {
            if (message.size() != EndMarkerSize) {
                checker.take(message);
                return;
            }
            Meter::reportArrivals(checker, isEndMarker(message, checker.count()));
            finish();
        });
    });
    Meter::ready(server.port());
    return QCoreApplication::exec();
}

template<typename Channel>
int feed(const Task &task)
{
    const Ring ring(task.size);
    Channel channel;
    std::unique_ptr<Meter::Stopwatch> watch;
    qint64 sent = 0;
    bool ended = false;
    const auto pump = [&] {
        while (watch && !ended && channel.hasRoom()) {
            ended = watch->isOver();
            if (ended)
                channel.send(endMarker(sent));
            else
                channel.send(ring.at(sent++));
        }
    };
    channel.onRoom(pump);
    channel.onSent([&] {
        if (!ended)
            return;
        Meter::reportStart(watch->start());
        finish();
    });
    channel.connectTo(task, [&] {
        Meter::connectedAwaitGo();
        watch = std::make_unique<Meter::Stopwatch>(task.seconds, Meter::strideFor(task.size));
        pump();
    });
    return QCoreApplication::exec();
}

template<typename Server>
int echo(const Task &task)
{
    Server server(task);
    const Meter::Burner burner(task.burn);
    server.onConnection([&](auto *channel) {
        channel->onMessage([&, channel](const QByteArray &message) {
            if (task.burn > 0)
                burner.burn(message);
            channel->send(task.digest ? contentDigest(message.constData(), message.size())
                                      : message);
        });
    });
    Meter::ready(server.port());
    return QCoreApplication::exec();
}

template<typename Server>
int publish(const Task &task)
{
    const Ring ring(task.size);
    Server server(task);
    int subscribers = 0;
    server.onConnection([&subscribers](auto *) { ++subscribers; });
    Meter::ready(server.port());
    std::unique_ptr<Meter::Stopwatch> watch;
    qint64 sent = 0;
    QTimer tick; // one message to all in each turn of the event loop
    QObject::connect(&tick, &QTimer::timeout, &tick, [&] {
        if (subscribers < task.connections || !server.hasRoom())
            return;
        if (!watch)
            watch = std::make_unique<Meter::Stopwatch>(task.seconds, 1);
        if (!watch->isOver()) {
            server.publish(ring.at(sent++));
            return;
        }
        tick.stop();
        server.publish(endMarker(sent));
        Meter::reportStart(watch->start());
    });
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &input, [&] {
        char byte;
        if (::read(STDIN_FILENO, &byte, 1) <= 0)
            QCoreApplication::quit();
        else
            tick.start(0);
    });
    return QCoreApplication::exec();
}

template<typename Channel>
struct Bouncer
{
    Channel channel;
    Checker checker;
    qint64 sent = 0;
    std::deque<qint64> sentAt;

    Bouncer(const Ring &ring, bool digests)
        : checker(ring, digests)
    {}
    void send(const Ring &ring)
    {
        sentAt.push_back(Meter::now());
        channel.send(ring.at(sent++));
    }
};

template<typename Channel>
int bounce(const Task &task)
{
    const Ring ring(task.size);
    std::deque<Bouncer<Channel>> bouncers;
    Meter::Latencies latencies;
    std::unique_ptr<Meter::Stopwatch> watch;
    int connected = 0;
    bool ended = false;
    const auto start = [&] {
        Meter::connectedAwaitGo();
        watch = std::make_unique<Meter::Stopwatch>(task.seconds, 1);
        for (auto &bouncer : bouncers) {
            for (int i = 0; i < task.inFlight; ++i)
                bouncer.send(ring);
        }
    };
    const auto receive = [&](Bouncer<Channel> *bouncer, const QByteArray &message) {
        if (ended)
            return;
        bouncer->checker.take(message);
        latencies.add(Meter::now() - bouncer->sentAt.front());
        bouncer->sentAt.pop_front();
        ended = watch->isOver() || !bouncer->checker.isRight();
        if (!ended)
            return bouncer->send(ring);
        Meter::reportEchoes(watch->start(), &latencies, bouncer->checker.isRight());
        finish();
    };
    for (int i = 0; i < task.connections; ++i) {
        auto *const bouncer = &bouncers.emplace_back(ring, task.digest);
        bouncer->channel.onMessage([&, bouncer](const QByteArray &m) { receive(bouncer, m); });
        bouncer->channel.connectTo(task, [&] {
            if (++connected == task.connections)
                start();
        });
    }
    return QCoreApplication::exec();
}

// Connect, one echo, away, again.
template<typename Channel>
int reconnect(const Task &task)
{
    const Ring ring(task.size);
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    Meter::Latencies latencies;
    std::unique_ptr<Channel> channel;
    qint64 begun = 0;
    bool right = true;
    std::function<void()> connect;
    const auto next = [&] {
        latencies.add(Meter::now() - begun);
        if (!watch.isOver() && right) {
            connect();
            return;
        }
        Meter::reportEchoes(watch.start(), &latencies, right);
        finish();
    };
    connect = [&] {
        begun = Meter::now();
        channel = std::make_unique<Channel>();
        channel->onMessage([&](const QByteArray &message) {
            right = right && message == ring.at(0);
            channel->disconnect([&] { QTimer::singleShot(0, next); });
        });
        channel->connectTo(task, [&] { channel->send(ring.at(0)); });
    };
    connect();
    return QCoreApplication::exec();
}

template<typename Server>
int serve(const Task &task)
{
    switch (task.work) {
    case Task::Work::OneWay:
        return sink<Server>(task);
    case Task::Work::Broadcast:
        return publish<Server>(task);
    default:
        return echo<Server>(task);
    }
}

} // namespace QtEnds

#endif // QTENDS_H
