// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "flood.h"
#include "tst_gruvserverthreads.h"

#include <gruvsocks/gruvserver.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <memoryinuse.h>

#include <deque>
#include <memory>

/*
    Contract 5 between threads: while the server's thread is busy, its connections' threads read no
    more than they may, TCP slows the peers, and afterwards nothing is missing.
*/
void tst_GruvServerThreads::slowServerThreadSlowsThePeers()
{
    constexpr int Messages = 3000;
    constexpr int Size = 32 * 1024; // 96 MiB in all
    int received = 0;
    bool isOrdered = true;
    std::unique_ptr<Flood> flood; // ends when the server has
    GruvServer server;
    server.setThreadCount(1);
    connect(&server, &GruvServer::messageReceived, &server,
            [&](GruvSocket *, const QByteArray &message) {
                isOrdered = isOrdered && message.left(8).toInt() == received;
                ++received;
            });
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    flood = std::make_unique<Flood>(server.serverPort(), Messages, Size);
    QTRY_COMPARE(connected.size(), 1);
    const qint64 before = liveBytes();
    QVERIFY(flood->stalled.tryAcquire(1, 20'000)); // meanwhile this thread's event loop stands
    const qint64 grown = liveBytes() - before;
    QVERIFY(flood->sent < Messages);
    QVERIFY2(grown < 8 << 20, QByteArray::number(grown).constData());
    QTRY_COMPARE_WITH_TIMEOUT(received, Messages, 30'000);
    QVERIFY(isOrdered);
    QTRY_VERIFY_WITH_TIMEOUT(flood->isOver, 20'000);
}

// Of those, too, a peer can have the server keep only so many.
void tst_GruvServerThreads::emptyMessagesSlowThePeer()
{
    std::unique_ptr<Flood> flood; // ends when the server has
    GruvServer server;
    server.setThreadCount(1);
    server.setConnectionHandler([](GruvSocket *socket) { Flood::lessRoom(*socket, SO_RCVBUF); });
    connect(&server, &GruvServer::messageReceived, &server, [] {});
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    flood = std::make_unique<Flood>(server.serverPort(), 100'000'000, 0);
    QTRY_COMPARE(connected.size(), 1);
    const qint64 before = liveBytes();
    QVERIFY(flood->stalled.tryAcquire(1, 30'000)); // meanwhile this thread's event loop stands
    const qint64 grown = liveBytes() - before;
    QVERIFY2(grown < 4 << 20, QByteArray::number(grown).constData());
    server.stop();
}

// However fast messages come, the server's thread does other things, too.
void tst_GruvServerThreads::timersHaveTheirTurn()
{
    constexpr int Messages = 100'000;
    std::deque<Flood> floods; // end when the server has
    int received = 0;
    int turns = 0;
    GruvServer server;
    server.setThreadCount(2);
    connect(&server, &GruvServer::messageReceived, &server, [&] {
        ++received;
        const QDeadlineTimer busy(std::chrono::microseconds(5), Qt::PreciseTimer);
        while (!busy.hasExpired()) { // messages come faster than that
        }
    });
    QTimer timer;
    connect(&timer, &QTimer::timeout, &server, [&] { turns += received < Messages; });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    timer.start(0);
    for (int i = 0; i < 4; ++i)
        floods.emplace_back(server.serverPort(), 100'000'000, 1);
    QTRY_VERIFY_WITH_TIMEOUT(received >= Messages, 30'000);
    QVERIFY2(turns > Messages / 1024 / 2, QByteArray::number(turns).constData());
    server.stop();
}
