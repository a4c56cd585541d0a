// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>
#include <threadtools.h>

#include <array>

// How GruvServer::start() comes to its end.
class tst_HandlersStop : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void stopWakesBlockedHandlers();
    void stopFromAnotherThreadWakesBlockedHandlers();
    void stopInsideAHandler();
    void drainLetsAHandlerFinishItsReply();
    void drainReturnsWhenAllHandlersHave();
    void drainEndsWhoStays();
    void whoWaitsForAHandlerIsClosed();
    void destructorEndsRunningHandlers();
    void destructorWhileClientsAreRejected();
    void startsAgainOnTheSamePort();
    void startsAgainAfterAnotherThreadsStop();
    void stopsOfManyThreads();
    void stopOfAnotherThreadWhenAllIsOver();
    void stopInAHandlerAfterListening();
    void stopOfAnotherThreadAfterClose();
    void shortConnectionsLeaveNothingBehind();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using ThreadTools::Gate;
using ThreadTools::Patience;
using ReadStatus = GruvSocket::ReadStatus;

static const QHostAddress Loopback(QHostAddress::LocalHost);
constexpr qint64 Soon = 1'000; // ms

namespace {

// Handlers blocked in read(), which count how they are woken.
struct Readers
{
    void operator()(const GruvPeer &, GruvSocket &socket)
    {
        begun.release();
        while (socket.read().status == ReadStatus::Ok) {
        }
        if (socket.state() == QAbstractSocket::UnconnectedState)
            ++ended;
    }
    GruvServer::BlockingHandler handler()
    {
        return [this](const GruvPeer &peer, GruvSocket &socket) { (*this)(peer, socket); };
    }
    QSemaphore begun;
    std::atomic<int> ended{ 0 };
};

// Three clients, each with a handler blocked in read().
struct BlockedServer
{
    bool start()
    {
        if (!server.start(readers.handler(), 0, Loopback))
            return false;
        for (GruvSocket &client : clients) {
            if (!connectTo(&client, server))
                return false;
        }
        return readers.begun.tryAcquire(3, Patience);
    }
    Readers readers;
    GruvServer server;
    std::array<GruvSocket, 3> clients;
};

} // namespace

void tst_HandlersStop::stopWakesBlockedHandlers()
{
    BlockedServer blocked;
    QVERIFY(blocked.start());
    QElapsedTimer clock;
    clock.start();
    blocked.server.stop();
    QVERIFY(clock.elapsed() < Soon);
    QCOMPARE(blocked.readers.ended.load(), 3);
    QCOMPARE(blocked.server.clientCount(), 0);
    QVERIFY(!blocked.server.isListening());
    for (GruvSocket &client : blocked.clients)
        QCOMPARE(client.read().status, ReadStatus::Error);
}

void tst_HandlersStop::stopFromAnotherThreadWakesBlockedHandlers()
{
    BlockedServer blocked;
    QVERIFY(blocked.start());
    QSignalSpy changes(&blocked.server, &GruvServer::listeningChanged);
    const quint16 port = blocked.server.serverPort();
    QElapsedTimer clock;
    clock.start();
    std::thread([&] { blocked.server.stop(); }).join(); // this thread runs no event loop now
    QVERIFY(clock.elapsed() < Soon);
    QCOMPARE(blocked.readers.ended.load(), 3);
    QCOMPARE(changes.size(), 0);
    GruvSocket late;
    late.connectToHost(Loopback, port);
    QVERIFY(!late.waitForConnected());
    QCOMPARE(late.error(), GruvSocket::Error::ConnectionRefused);
    QTRY_VERIFY(!blocked.server.isListening());
    QCOMPARE(changes.size(), 1);
}

void tst_HandlersStop::stopInsideAHandler()
{
    QSemaphore stopped;
    GruvServer server;
    QVERIFY(server.start(
            [&](const GruvPeer &, GruvSocket &socket) {
                const bool last = socket.read().data == "stop";
                if (last)
                    server.stop();
                const bool ended = socket.read().status == ReadStatus::Error;
                stopped.release(ended ? 1 : 0);
            },
            0, Loopback));
    GruvSocket idle;
    GruvSocket client;
    QVERIFY(connectTo(&idle, server) && connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 2);
    QVERIFY(client.sendMessage("stop"));
    QVERIFY(stopped.tryAcquire(2, Patience)); // both handlers were told
    QTRY_VERIFY(!server.isListening());
    QTRY_COMPARE(server.clientCount(), 0);
    QCOMPARE(idle.read().status, ReadStatus::Error);
    QCOMPARE(client.read().status, ReadStatus::Error);
}

void tst_HandlersStop::drainLetsAHandlerFinishItsReply()
{
    Gate gate;
    GruvServer server;
    const QByteArray reply(4 << 20, 'r');
    QVERIFY(server.start(
            [&](const GruvPeer &, GruvSocket &socket) {
                gate.pass();
                socket.sendMessage(reply);
            },
            0, Loopback));
    QByteArray got;
    std::thread asker([&, port = server.serverPort()] {
        GruvSocket client;
        client.connectToHost(Loopback, port);
        if (client.waitForConnected())
            got = client.read().data;
    });
    const bool begun = gate.awaitArrivals(1);
    std::thread opener([&] { gate.open(1); }); // while stop() waits
    server.stop(20s);
    opener.join();
    asker.join();
    QVERIFY(begun);
    QVERIFY(got == reply);
}

void tst_HandlersStop::drainReturnsWhenAllHandlersHave()
{
    GruvServer server;
    QVERIFY(server.start([](const GruvPeer &, GruvSocket &socket) { socket.read(); }, 0, Loopback));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
    QVERIFY(client.sendMessage("the last one"));
    QElapsedTimer clock;
    clock.start();
    server.stop(20s);
    QVERIFY(clock.elapsed() < Patience);
    QCOMPARE(server.clientCount(), 0);
}

void tst_HandlersStop::drainEndsWhoStays()
{
    BlockedServer blocked;
    QVERIFY(blocked.start());
    QElapsedTimer clock;
    clock.start();
    blocked.server.stop(50ms);
    QVERIFY(clock.elapsed() >= 50);
    QVERIFY(clock.elapsed() < 50 + Soon);
    QCOMPARE(blocked.readers.ended.load(), 3);
}

void tst_HandlersStop::whoWaitsForAHandlerIsClosed()
{
    Readers readers;
    GruvServer server;
    server.setMaximumHandlerThreads(1);
    QVERIFY(server.start(readers.handler(), 0, Loopback));
    std::array<GruvSocket, 4> clients;
    for (GruvSocket &client : clients) {
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage("is anybody there?"));
    }
    QTRY_COMPARE(server.clientCount(), 4);
    QVERIFY(readers.begun.tryAcquire(1, Patience));
    QElapsedTimer clock;
    clock.start();
    server.stop();
    QVERIFY(clock.elapsed() < Soon);
    QCOMPARE(server.clientCount(), 0);
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(readers.begun.available(), 0); // no handler was run for the others
}

void tst_HandlersStop::destructorEndsRunningHandlers()
{
    Readers readers;
    std::array<GruvSocket, 3> clients;
    auto server = std::make_unique<GruvServer>();
    server->setMaximumHandlerThreads(2);
    QVERIFY(server->start(readers.handler(), 0, Loopback));
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, *server));
    QVERIFY(readers.begun.tryAcquire(2, Patience));
    QSignalSpy changes(server.get(), &GruvServer::listeningChanged);
    QElapsedTimer clock;
    clock.start();
    server.reset();
    QVERIFY(clock.elapsed() < Soon);
    QCOMPARE(readers.ended.load(), 2);
    QCOMPARE(changes.size(), 0);
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
}

// The accepting thread has something to tell to a server that is being destroyed.
void tst_HandlersStop::destructorWhileClientsAreRejected()
{
    for (int round = 0; round < 50; ++round) {
        auto server = std::make_unique<GruvServer>();
        server->setMaximumConnections(0);
        QVERIFY(server->start(Gruv::echoHandler, 0, Loopback));
        std::array<GruvSocket, 8> clients;
        for (GruvSocket &client : clients)
            QVERIFY(connectTo(&client, *server));
        server.reset();
        for (GruvSocket &client : clients)
            QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    }
}

void tst_HandlersStop::startsAgainOnTheSamePort()
{
    GruvServer server;
    quint16 port = 0;
    for (int round = 0; round < 3; ++round) {
        QVERIFY(server.start(Gruv::echoHandler, port, Loopback));
        port = server.serverPort();
        GruvSocket client;
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage("round"));
        QCOMPARE(client.read().data, "round");
        server.stop(); // it closes first, so its end stays in TIME_WAIT
        QVERIFY(!server.isListening());
    }
}

// What the other thread's stop() left to the event loop must not end the new listening.
void tst_HandlersStop::startsAgainAfterAnotherThreadsStop()
{
    GruvServer server;
    QList<bool> changes;
    connect(&server, &GruvServer::listeningChanged, this,
            [&](bool listening) { changes.append(listening); });
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    const quint16 port = server.serverPort();
    std::thread([&] { server.stop(); }).join();
    QVERIFY(server.start(Gruv::echoHandler, port, Loopback));
    QCOMPARE(changes, (QList<bool>{ true, false, true }));
    QCoreApplication::processEvents();
    QVERIFY(server.isListening());
    QCOMPARE(changes, (QList<bool>{ true, false, true }));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QVERIFY(client.sendMessage("served"));
    QCOMPARE(client.read().data, "served");
}

// Whether so many threads ended although this one runs no event loop. If not, it helps them out.
static bool endWithoutEvents(QSemaphore *ended, int count)
{
    const bool inTime = ended->tryAcquire(count, Patience / 4);
    if (!inTime)
        (void)QTest::qWaitFor([&] { return ended->tryAcquire(count); }, Patience);
    return inTime;
}

void tst_HandlersStop::stopsOfManyThreads()
{
    BlockedServer blocked;
    QVERIFY(blocked.start());
    QSemaphore ended;
    std::array<std::thread, 4> stoppers;
    for (std::thread &stopper : stoppers) {
        stopper = std::thread([&] {
            blocked.server.stop();
            ended.release();
        });
    }
    blocked.server.stop();
    const bool inTime = endWithoutEvents(&ended, int(stoppers.size()));
    for (std::thread &stopper : stoppers)
        stopper.join();
    QVERIFY(inTime);
    QCOMPARE(blocked.readers.ended.load(), 3);
    QTRY_VERIFY(!blocked.server.isListening());
}

void tst_HandlersStop::stopOfAnotherThreadWhenAllIsOver()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    server.stop();
    QSemaphore ended;
    std::thread stopper([&] {
        server.stop(); // there is nothing to do, so nothing to wait for
        ended.release();
    });
    const bool inTime = endWithoutEvents(&ended, 1);
    stopper.join();
    QVERIFY(inTime);
}

void tst_HandlersStop::stopOfAnotherThreadAfterClose()
{
    BlockedServer blocked;
    QVERIFY(blocked.start());
    blocked.server.close(); // connections stay
    QCOMPARE(blocked.readers.ended.load(), 0);
    std::thread([&] { blocked.server.stop(); }).join();
    QCOMPARE(blocked.readers.ended.load(), 3);
}

// The server has served in its event loop before; its thread is not to wait for the handler then.
void tst_HandlersStop::stopInAHandlerAfterListening()
{
    GruvServer server;
    QVERIFY(server.listen(Loopback));
    server.close();
    QSemaphore stopped;
    const auto handler = [&](const GruvPeer &, GruvSocket &) {
        server.stop();
        stopped.release();
    };
    QVERIFY(server.start(handler, 0, Loopback));
    GruvSocket client;
    QVERIFY(ServerTools::connectTo(&client, server));
    QTRY_VERIFY(!server.isListening());
    QVERIFY(stopped.tryAcquire(1, 2000));
}

void tst_HandlersStop::shortConnectionsLeaveNothingBehind()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    const auto converse = [&] {
        GruvSocket client;
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage("short"));
        QCOMPARE(client.read().data, "short");
        client.disconnectFromHost();
        QVERIFY(client.waitForDisconnected());
        QTRY_COMPARE(server.clientCount(), 0);
    };
    for (int i = 0; i < 5; ++i)
        converse(); // threads of the pool that stay
    const int descriptors = ServerTools::ownEntries("fd");
    const int threads = ServerTools::ownEntries("task");
    for (int i = 0; i < 200; ++i)
        converse();
    QVERIFY(ServerTools::ownEntries("task") <= threads + 2);
    QVERIFY(ServerTools::ownEntries("fd") <= descriptors + 2); // those of such a thread
    server.stop();
    QTRY_VERIFY(ServerTools::ownEntries("task") < threads); // joined is not yet gone from /proc
    QTRY_VERIFY(ServerTools::ownEntries("fd") < descriptors);
}

QTEST_GUILESS_MAIN(tst_HandlersStop)
#include "tst_handlersstop.moc"
