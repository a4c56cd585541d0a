// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_receivebounds.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <clientprocess.h>
#include <memoryinuse.h>
#include <rawpeer.h>
#include <servertools.h>

using namespace std::chrono_literals;

namespace {

constexpr qint64 MostPerConnection = 8 * 1024;

GruvSocketOptions allDeadlines()
{
    GruvSocketOptions options;
    options.idleTimeout = 5min;
    options.messageTimeout = 5min;
    return options;
}

// Returns how many could be connected and have sent the bytes.
qint64 connectMany(quint16 port, int count, const QByteArray &bytes)
{
    qint64 connected = 0;
    for (int i = 0; i < count; ++i) {
        const int client = ClientProcess::connectTo(port);
        connected += client >= 0 && ClientProcess::send(client, bytes);
    }
    return connected;
}

qint64 bytesReceivedByAll(const GruvServer &server)
{
    qint64 sum = 0;
    for (const GruvSocket *client : server.clients())
        sum += client->statistics().bytesReceived;
    return sum;
}

// What a server needs once only.
bool echoOnce(const GruvServer &server)
{
    GruvSocket client;
    return ServerTools::connectTo(&client, server) && client.sendMessage("warm")
           && client.read().data == "warm";
}

} // namespace

void tst_ReceiveBounds::manyConnections_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<GruvSocketOptions>("options");
    const QByteArray begun = RawPeer::header(16 * 1024 * 1024) + "0123456789";
    QTest::newRow("begun") << 1000 << begun << GruvSocketOptions();
    QTest::newRow("begun-all-deadlines") << 1000 << begun << allDeadlines();
    QTest::newRow("idle") << 10'000 << QByteArray() << GruvSocketOptions();
    QTest::newRow("idle-all-deadlines") << 10'000 << QByteArray() << allDeadlines();
}

void tst_ReceiveBounds::manyConnections()
{
    QFETCH(int, count);
    QFETCH(QByteArray, bytes);
    QFETCH(GruvSocketOptions, options);
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    GruvServer server;
    server.setSocketOptions(options);
    connect(&server, &GruvServer::messageReceived, &server,
            [](GruvSocket *socket, const QByteArray &message) { socket->sendMessage(message); });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QVERIFY(echoOnce(server));
    QTRY_COMPARE(server.clientCount(), 0);
    const quint16 port = server.serverPort();
    QEventLoop loop;
    int connected = 0;
    connect(&server, &GruvServer::clientConnected, &loop, [&] {
        if (++connected == count)
            loop.quit();
    });
    QTimer::singleShot(30'000, &loop, &QEventLoop::quit);
    ClientProcess clients;
    QVERIFY(clients.start([=] { return connectMany(port, count, bytes); }));
    releaseFreedMemory();
    const qint64 live = liveBytes();
    const qint64 resident = residentBytes();
    loop.exec(); // QTRY would sleep between any two turns
    QTRY_VERIFY(clients.isDone());
    QCOMPARE(clients.result(), count);
    QTRY_COMPARE(server.clientCount(), count);
    QTRY_COMPARE(bytesReceivedByAll(server), count * bytes.size());
    const qint64 liveEach = (liveBytes() - live) / count;
    const qint64 residentEach = (residentBytes() - resident) / count;
    qInfo("%lld bytes live, %lld resident each", liveEach, residentEach);
    QVERIFY(liveEach <= MostPerConnection);
    QVERIFY(IsSanitized || residentEach <= MostPerConnection);
}
