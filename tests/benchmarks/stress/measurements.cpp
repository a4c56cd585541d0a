// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "measurements.h"

#include <deadlink.h>

#include "scene.h"

#include <thread>

namespace {

QByteArray flood(const Side &side)
{
    Scene scene(side);
    if (!scene.start([](int) { return 0; }))
        return "not started";
    const qint64 before = residentBytes();
    int accepted = 0;
    for (int i = 0; i < 4096; ++i)
        accepted += scene.server->send(QByteArray(64 * 1024, char(i)));
    const qint64 most = runUntil([] { return false; }, 500);
    return mebibytes(most - before) + ", " + QByteArray::number(4096 - accepted) + " refused";
}

QByteArray announced(const Side &side)
{
    const QByteArray header = side.wire.toServer(0x7fff'fff0);
    Scene scene(side);
    if (!scene.start([header](int descriptor) {
            const QByteArray block(MiB, 'a');
            qint64 sent = ClientProcess::send(descriptor, header) ? 0 : -1;
            while (sent >= 0 && sent < 64 && ClientProcess::send(descriptor, block))
                ++sent;
            return sent;
        }))
        return "not started";
    const qint64 before = residentBytes();
    QElapsedTimer time;
    time.start();
    scene.client.go();
    qint64 most = runUntil([&] { return scene.client.isDone(); }, 60'000);
    const QByteArray seconds = QByteArray::number(double(time.elapsed()) / 1000, 'f', 1);
    most = std::max(most, runUntil([] { return false; }, 500)); // what the system still has
    return mebibytes(most - before) + " for " + QByteArray::number(scene.client.result()) + " MiB, "
           + QByteArray::number(double(time.elapsed()) / 1000, 'f', 1) + " s";
}

// Returns how many of ten have their echo.
qint64 echoes(quint16 port, const Wire &wire)
{
    const QByteArray expected = wire.fromServer(4) + "echo";
    qint64 served = 0;
    for (int i = 0; i < 10 && ClientProcess::isAttended(); ++i) {
        const int descriptor = connectTo(port, wire);
        QByteArray answer(expected.size(), '\0');
        served += descriptor >= 0 && ClientProcess::send(descriptor, wire.toServer(4) + "echo")
                  && ::recv(descriptor, answer.data(), size_t(answer.size()), MSG_WAITALL)
                             == answer.size()
                  && answer == expected;
        ::close(descriptor);
    }
    return served;
}

QByteArray exhaustion(const Side &side)
{
    const auto server = side.create();
    ClientProcess newcomers;
    ClientProcess crowd;
    if (!server->listen())
        return "not started";
    const quint16 port = server->port();
    const Wire wire = side.wire;
    newcomers.start([=] { return ClientProcess::awaitGo() ? echoes(port, wire) : 0; });
    rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 64;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    crowd.start([=] {
        for (int i = 0; i < 80; ++i)
            ClientProcess::connectTo(port);
        return 0;
    });
    runUntil([&] { return crowd.isDone(); }, 10'000);
    const double before = cpuSeconds();
    runUntil([] { return false; }, 2000);
    const int load = int(100 * (cpuSeconds() - before) / 2 + 0.5);
    crowd.end();
    QElapsedTimer time;
    time.start();
    newcomers.go();
    runUntil([&] { return newcomers.isDone(); }, 15'000);
    const QByteArray served = QByteArray::number(std::max<qint64>(0, newcomers.result()));
    return served + " of 10 in " + QByteArray::number(double(time.elapsed()) / 1000, 'f', 2)
           + " s, CPU " + QByteArray::number(load) + " %";
}

QByteArray deadLink(const Side &side)
{
    if (!DeadLink::enterPrivateNetwork() || !DeadLink::setLoopbackUp(true))
        return "no network namespace";
    Scene scene(side);
    if (!scene.start([](int) { return 0; }))
        return "not started";
    DeadLink::setLoopbackUp(false);
    QElapsedTimer time;
    time.start();
    scene.server->send("lost");
    runUntil([&] { return !scene.server->hasConnection(); }, 30'000);
    return scene.server->hasConnection()
                   ? QByteArray("not within 30 s")
                   : QByteArray::number(double(time.elapsed()) / 1000, 'f', 1) + " s";
}

QByteArray dripped(const Side &side)
{
    const QByteArray header = side.wire.toServer(100);
    Scene scene(side);
    if (!scene.start([header](int descriptor) {
            ClientProcess::send(descriptor, header);
            while (ClientProcess::isAttended() && ClientProcess::send(descriptor, "d"))
                ::sleep(1); // what is measured is a slow client
            return 0;
        }))
        return "not started";
    QElapsedTimer time;
    time.start();
    scene.client.go();
    runUntil([&] { return !scene.server->hasConnection(); }, 10'000);
    return scene.server->hasConnection()
                   ? QByteArray("open")
                   : "ended after " + QByteArray::number(double(time.elapsed()) / 1000, 'f', 1)
                             + " s";
}

constexpr int MessagesEach = 20'000;

// Returns how many whole frames of one letter come.
qint64 wholeFrames(int descriptor, const QByteArray &header)
{
    QByteArray frame(header.size() + 100, '\0');
    qint64 whole = 0;
    for (int i = 0; i < 2 * MessagesEach; ++i) {
        if (::recv(descriptor, frame.data(), size_t(frame.size()), MSG_WAITALL) != frame.size())
            break;
        whole += frame == header + QByteArray(100, frame.back());
    }
    return whole;
}

QByteArray twoThreads(const Side &side)
{
    const QByteArray header = side.wire.fromServer(100);
    Scene scene(side);
    if (!scene.start([header](int descriptor) { return wholeFrames(descriptor, header); }))
        return "not started";
    scene.client.go();
    const auto send = [&](char letter) {
        for (int i = 0; i < MessagesEach; ++i)
            scene.server->send(QByteArray(100, letter));
    };
    std::thread first(send, 'a');
    std::thread second(send, 'b');
    first.join();
    second.join();
    runUntil([&] { return scene.client.isDone(); }, 15'000);
    return QByteArray::number(std::max<qint64>(0, scene.client.result())) + " of "
           + QByteArray::number(2 * MessagesEach) + " whole";
}

} // namespace

QList<Measurement> measurements()
{
    return {
        { "256 MiB offered to a client that does not read: memory", &flood },
        { "2 GiB announced, 64 MiB sent: memory", &announced },
        { "64 descriptors, 80 clients that leave: 10 new ones served", &exhaustion },
        { "dead link with a message under way: noticed after", &deadLink },
        { "a message dripped a byte a second: after 10 s", &dripped },
        { "40,000 messages sent from two threads", &twoThreads },
    };
}
