// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <threadtools.h>

// GruvServer::start() with StartMode::Blocking: what makes it return.
class tst_StartBlocking : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void returnsAfterStopInASlot();
    void returnsAfterAnotherThreadsStop();
    void returnsAfterAHandlersStop();
    void returnsAfterStopInListeningChanged();
    void returnsWhenTheServerIsDeleted();
    void returnsAfterQuit();
    void returnsAfterExitWithoutExec();
};

using namespace std::chrono_literals;
using ThreadTools::Patience;
using ThreadTools::Watchdog;
using StartMode = GruvServer::StartMode;

static const QHostAddress Loopback(QHostAddress::LocalHost);

void tst_StartBlocking::returnsAfterStopInASlot()
{
    GruvServer server;
    GruvSocket client;
    connect(&server, &GruvServer::listeningChanged, this, [&](bool listening) {
        if (listening)
            client.connectToHost(Loopback, server.serverPort());
    });
    connect(&client, &GruvSocket::messageReceived, this, [&] { server.stop(); });
    connect(&client, &GruvSocket::connected, this, [&] { client.sendMessage("echo"); });
    Watchdog watchdog([&] { server.stop(); });
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback, StartMode::Blocking));
    QVERIFY(watchdog.rest());
    QVERIFY(!server.isListening());
}

void tst_StartBlocking::returnsAfterAnotherThreadsStop()
{
    GruvServer server;
    QSemaphore listens;
    connect(&server, &GruvServer::listeningChanged, this, [&] { listens.release(); });
    Watchdog watchdog([&] { server.stop(); });
    std::thread stopper([&] {
        if (listens.tryAcquire(1, Patience / 2))
            server.stop();
    });
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback, StartMode::Blocking));
    stopper.join();
    QVERIFY(watchdog.rest());
    QVERIFY(!server.isListening());
}

void tst_StartBlocking::returnsAfterAHandlersStop()
{
    GruvServer server;
    GruvSocket client;
    connect(&server, &GruvServer::listeningChanged, this, [&](bool listening) {
        if (listening)
            client.connectToHost(Loopback, server.serverPort());
    });
    Watchdog watchdog([&] { server.stop(); });
    const auto handler = [&](const GruvPeer &, GruvSocket &) { server.stop(); };
    QVERIFY(server.start(handler, 0, Loopback, StartMode::Blocking));
    QVERIFY(watchdog.rest());
    QVERIFY(!server.isListening());
    QCOMPARE(server.clientCount(), 0);
}

void tst_StartBlocking::returnsAfterStopInListeningChanged()
{
    GruvServer server;
    connect(&server, &GruvServer::listeningChanged, this, [&](bool listening) {
        if (listening)
            server.stop();
    });
    Watchdog watchdog([&] { server.stop(); });
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback, StartMode::Blocking));
    QVERIFY(watchdog.rest());
    QVERIFY(!server.isListening());
}

void tst_StartBlocking::returnsWhenTheServerIsDeleted()
{
    auto server = std::make_unique<GruvServer>();
    QTimer::singleShot(0, this, [&] { server.reset(); });
    QVERIFY(server->start(Gruv::echoHandler, 0, Loopback, StartMode::Blocking));
    QVERIFY(!server);
}

// Called in a program that runs exec(): quit() ends the server and then the program.
void tst_StartBlocking::returnsAfterQuit()
{
    GruvServer server;
    bool started = false;
    QTimer::singleShot(0, this, [&] {
        started = server.start(Gruv::echoHandler, 0, Loopback, StartMode::Blocking);
    });
    QTimer::singleShot(20ms, this, [] { QCoreApplication::quit(); });
    Watchdog watchdog([&] { server.stop(); });
    QCOMPARE(QCoreApplication::exec(), 0);
    QVERIFY(watchdog.rest());
    QVERIFY(started);
    QVERIFY(!server.isListening());
}

// Called straight in main(), as the scripts of gruv-socks do; quit() itself works under exec()
// only.
void tst_StartBlocking::returnsAfterExitWithoutExec()
{
    GruvServer server;
    connect(&server, &GruvServer::listeningChanged, this, [](bool listening) {
        if (listening)
            QTimer::singleShot(0, qApp, [] { QCoreApplication::exit(); });
    });
    Watchdog watchdog([&] { server.stop(); });
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback, StartMode::Blocking));
    QVERIFY(watchdog.rest());
    QVERIFY(!server.isListening());
}

QTEST_GUILESS_MAIN(tst_StartBlocking)
#include "tst_startblocking.moc"
