// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qtest.h>

#include <servertools.h>
#include <threadtools.h>

#include <atomic>
#include <stdexcept>

// What may be done to the GruvSocket of a blocking handler, by itself and by others.
class tst_HandlerSockets : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void deletedByASlot_data();
    void deletedByASlot();
    void othersReachWhoOnlySends_data();
    void othersReachWhoOnlySends();
    void stopReachesWhoOnlySends();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using ThreadTools::Patience;
using ReadStatus = GruvSocket::ReadStatus;

static const QHostAddress Loopback(QHostAddress::LocalHost);

void tst_HandlerSockets::deletedByASlot_data()
{
    QTest::addColumn<bool>("later");
    QTest::addColumn<bool>("atTheEnd"); // when the handler has returned
    QTest::addColumn<bool>("throws");
    QTest::newRow("delete") << false << false << false;
    QTest::newRow("delete-and-throw") << false << false << true;
    QTest::newRow("delete-at-the-end") << false << true << false;
    QTest::newRow("deleteLater") << true << false << false;
    QTest::newRow("deleteLater-and-throw") << true << false << true;
    QTest::newRow("deleteLater-at-the-end") << true << true << false;
}

void tst_HandlerSockets::deletedByASlot()
{
    QFETCH(const bool, later);
    QFETCH(const bool, atTheEnd);
    QFETCH(const bool, throws);
    QSemaphore deletions;
    GruvServer server;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        connect(&socket, &QObject::destroyed, [&] { deletions.release(); });
        const auto remove = [&socket, later] { later ? socket.deleteLater() : delete &socket; };
        if (atTheEnd) {
            connect(&socket, &GruvSocket::disconnected, remove);
            return;
        }
        connect(&socket, &GruvSocket::messageReceived, remove);
        socket.waitForDisconnected(); // the last that is done with it
        if (throws)
            throw std::runtime_error("it is gone");
    };
    if (throws) {
        const QRegularExpression line(QStringLiteral("the handler of .* threw"));
        QTest::ignoreMessage(QtWarningMsg, line);
        QTest::ignoreMessage(QtWarningMsg, line);
    }
    QVERIFY(server.start(handler, 0, Loopback));
    for (int round = 1; round <= 2; ++round) {
        GruvSocket client;
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage("go"));
        QCOMPARE(client.read().status, ReadStatus::Error);
        QVERIFY(deletions.tryAcquire(1, Patience));
        QTRY_COMPARE(server.clientCount(), 0);
        QCOMPARE(deletions.available(), 0);
    }
}

namespace {
enum class Call { Abort, Disconnect, DisconnectClient };
}
Q_DECLARE_METATYPE(Call)

void tst_HandlerSockets::othersReachWhoOnlySends_data()
{
    QTest::addColumn<Call>("call");
    QTest::newRow("abort") << Call::Abort;
    QTest::newRow("disconnectFromHost") << Call::Disconnect;
    QTest::newRow("disconnectClient") << Call::DisconnectClient;
}

// A handler that never waits: sendMessage() is the only place where it can hear of it.
void tst_HandlerSockets::othersReachWhoOnlySends()
{
    QFETCH(const Call, call);
    ThreadTools::Gate gate;
    QSemaphore returned;
    std::atomic<GruvSocket *> served{ nullptr };
    std::atomic<bool> accepted{ true };
    GruvServer server;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        socket.sendMessage("before");
        served = &socket;
        gate.pass();
        accepted = socket.sendMessage("after");
        returned.release();
    };
    QVERIFY(server.start(handler, 0, Loopback));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QVERIFY(gate.awaitArrivals(1));
    if (call == Call::Abort)
        served.load()->abort();
    else if (call == Call::Disconnect)
        served.load()->disconnectFromHost();
    else
        QVERIFY(server.disconnectClient(served.load()->connectionId()));
    gate.open(1);
    QVERIFY(returned.tryAcquire(1, Patience));
    QVERIFY(!accepted);
    QCOMPARE(client.read().data, "before");
    QCOMPARE(client.read().status, ReadStatus::Error);
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_HandlerSockets::stopReachesWhoOnlySends()
{
    QSemaphore begun;
    std::atomic<bool> hasEnded{ false };
    GruvServer server;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        begun.release();
        QElapsedTimer clock;
        clock.start();
        while (clock.elapsed() < Patience && socket.sendMessage("tick")) {
        }
        hasEnded = socket.state() == QAbstractSocket::UnconnectedState;
    };
    QVERIFY(server.start(handler, 0, Loopback));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QVERIFY(begun.tryAcquire(1, Patience));
    server.stop();
    QVERIFY(hasEnded);
    QCOMPARE(server.clientCount(), 0);
}

QTEST_GUILESS_MAIN(tst_HandlerSockets)
#include "tst_handlersockets.moc"
