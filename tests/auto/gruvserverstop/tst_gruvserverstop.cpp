// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <array>
#include <atomic>
#include <thread>

// stop() and the destructor of a server whose connections live in its own event loop.
class tst_GruvServerStop : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void stopEndsAllBeforeItReturns();
    void stopSendsWhatTheSystemTakes();
    void drainReturnsWhenAllAreGone();
    void drainLetsAnExchangeFinish_data();
    void drainLetsAnExchangeFinish();
    void drainLetsAHandlerFinish_data();
    void drainLetsAHandlerFinish();
    void drainEndsWhoStays();
    void drainAdmitsNobody();
    void drainWithoutConnectionsReturnsAtOnce();
    void stopInsideDrain();
    void serverMayBeDeletedInsideDrain();
    void stopFromAnotherThread();
    void destructorEndsAllInSilence();
    void stopInAHandlerWhoseSlotAsksTheServer();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using Clients = std::array<GruvSocket, 3>;

constexpr auto Long = 20'000ms; // nobody waits for it

static bool connectAll(Clients *clients, const GruvServer &server)
{
    for (GruvSocket &client : *clients) {
        if (!connectTo(&client, server))
            return false;
    }
    return QTest::qWaitFor([&] { return server.clientCount() == int(clients->size()); });
}

void tst_GruvServerStop::stopEndsAllBeforeItReturns()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    Clients clients;
    QVERIFY(connectAll(&clients, server));
    server.stop();
    QVERIFY(!server.isListening());
    QCOMPARE(ended.size(), 3);
    QCOMPARE(server.clientCount(), 0);
    QVERIFY(server.clients().isEmpty());
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    server.stop();
    QCOMPARE(ended.size(), 3);
}

void tst_GruvServerStop::stopSendsWhatTheSystemTakes()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
    QCOMPARE(server.broadcast("the server goes down"), 1);
    server.stop();
    QCOMPARE(client.read().data, "the server goes down");
    QCOMPARE(client.read().status, GruvSocket::ReadStatus::Error);
    QCOMPARE(client.error(), GruvSocket::Error::NoError);
}

void tst_GruvServerStop::drainReturnsWhenAllAreGone()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    Clients clients;
    QVERIFY(connectAll(&clients, server));
    QTimer::singleShot(20ms, this, [&] {
        for (GruvSocket &client : clients)
            client.disconnectFromHost();
    });
    QElapsedTimer clock;
    clock.start();
    server.stop(Long);
    QVERIFY(clock.elapsed() < Long.count() / 2);
    QCOMPARE(ended.size(), 3);
    QCOMPARE(server.clientCount(), 0);
}

void tst_GruvServerStop::drainLetsAnExchangeFinish_data()
{
    QTest::addColumn<std::chrono::milliseconds>("drain");
    QTest::newRow("long") << Long;
    QTest::newRow("longest") << std::chrono::milliseconds::max();
}

void tst_GruvServerStop::drainLetsAHandlerFinish_data()
{
    drainLetsAnExchangeFinish_data();
}

void tst_GruvServerStop::drainLetsAHandlerFinish()
{
    QFETCH(std::chrono::milliseconds, drain);
    QSemaphore isAsked;
    QByteArray asked;
    GruvServer server;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        isAsked.release();
        asked = socket.read(20s).data; // nothing comes before the server stops
    };
    QVERIFY(server.start(handler, 0, QHostAddress::LocalHost));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QVERIFY(isAsked.tryAcquire(1, 20'000));
    connect(&server, &GruvServer::listeningChanged, this, [&] { client.sendMessage("late"); });
    server.stop(drain);
    QCOMPARE(asked, "late");
}

void tst_GruvServerStop::drainLetsAnExchangeFinish()
{
    QFETCH(std::chrono::milliseconds, drain);
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &GruvServer::messageReceived, this,
            [](GruvSocket *socket, const QByteArray &message) { socket->sendMessage(message); });
    GruvSocket client;
    QByteArray answer;
    connect(&client, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        answer = message;
        client.disconnectFromHost();
    });
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
    QVERIFY(client.sendMessage(QByteArray(1 << 20, 'e')));
    server.stop(drain);
    QCOMPARE(answer, QByteArray(1 << 20, 'e'));
}

void tst_GruvServerStop::drainEndsWhoStays()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    Clients clients;
    QVERIFY(connectAll(&clients, server));
    QElapsedTimer clock;
    clock.start();
    server.stop(50ms);
    QVERIFY(clock.elapsed() >= 50);
    QVERIFY(clock.elapsed() < Long.count() / 2);
    QCOMPARE(ended.size(), 3);
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
}

void tst_GruvServerStop::drainAdmitsNobody()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    GruvSocket first;
    GruvSocket late;
    QVERIFY(connectTo(&first, server));
    QTRY_COMPARE(connected.size(), 1);
    const quint16 port = server.serverPort();
    connect(&late, &GruvSocket::errorOccurred, this, [&] { first.disconnectFromHost(); });
    QTimer::singleShot(0, this, [&] { late.connectToHost(QHostAddress::LocalHost, port); });
    server.stop(Long);
    QCOMPARE(late.error(), GruvSocket::Error::ConnectionRefused);
    QCOMPARE(connected.size(), 1);
}

void tst_GruvServerStop::drainWithoutConnectionsReturnsAtOnce()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QElapsedTimer clock;
    clock.start();
    server.stop(Long);
    QVERIFY(clock.elapsed() < Long.count() / 2);
}

void tst_GruvServerStop::stopInsideDrain()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    Clients clients;
    QVERIFY(connectAll(&clients, server));
    QTimer::singleShot(0, &server, [&] { server.stop(); }); // no more patience
    QElapsedTimer clock;
    clock.start();
    server.stop(Long);
    QVERIFY(clock.elapsed() < Long.count() / 2);
    QCOMPARE(ended.size(), 3);
}

void tst_GruvServerStop::serverMayBeDeletedInsideDrain()
{
    auto server = std::make_unique<GruvServer>();
    QVERIFY(server->listen(QHostAddress::LocalHost));
    Clients clients;
    QVERIFY(connectAll(&clients, *server));
    QTimer::singleShot(0, this, [&] { server.reset(); });
    QElapsedTimer clock;
    clock.start();
    server->stop(Long);
    QVERIFY(clock.elapsed() < Long.count() / 2);
    QVERIFY(!server);
}

void tst_GruvServerStop::stopFromAnotherThread()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    Clients clients;
    QVERIFY(connectAll(&clients, server));
    std::atomic<int> left{ -1 };
    std::thread stopper([&] {
        server.stop();
        left = server.clientCount(); // all is over, nothing of the server runs
    });
    QTRY_COMPARE(left.load(), 0);
    stopper.join();
    QCOMPARE(ended.size(), 3);
    QVERIFY(!server.isListening());
}

void tst_GruvServerStop::destructorEndsAllInSilence()
{
    auto server = std::make_unique<GruvServer>();
    QVERIFY(server->listen(QHostAddress::LocalHost));
    Clients clients;
    QVERIFY(connectAll(&clients, *server));
    QSignalSpy ended(server.get(), &GruvServer::clientDisconnected);
    QSignalSpy changes(server.get(), &GruvServer::listeningChanged);
    int socketSignals = 0;
    for (GruvSocket *socket : server->clients()) {
        connect(socket, &GruvSocket::disconnected, this, [&] { ++socketSignals; });
        connect(socket, &GruvSocket::stateChanged, this, [&] { ++socketSignals; });
    }
    server.reset();
    for (GruvSocket &client : clients) {
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(client.error(), GruvSocket::Error::NoError);
    }
    QCOMPARE(ended.size() + changes.size() + socketSignals, 0);
}

// Its slot waits for the server's thread, which goes through the connections at that time.
void tst_GruvServerStop::stopInAHandlerWhoseSlotAsksTheServer()
{
#if defined(__SANITIZE_THREAD__)
    QSKIP("Qt's queue of posted events is not instrumented");
#endif
    std::atomic<bool> isAnswered{ false };
    GruvServer server;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        connect(&socket, &GruvSocket::disconnected, &socket, [&] {
            QMetaObject::invokeMethod(
                    &server, [&] { server.broadcast("anybody there?"); },
                    Qt::BlockingQueuedConnection);
            isAnswered = true;
        });
        server.stop();
    };
    QVERIFY(server.start(handler, 0, QHostAddress::LocalHost));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_VERIFY(isAnswered);
}

QTEST_GUILESS_MAIN(tst_GruvServerStop)
#include "tst_gruvserverstop.moc"
