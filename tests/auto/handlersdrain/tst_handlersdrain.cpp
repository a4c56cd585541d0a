// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <servertools.h>
#include <threadtools.h>

#include <atomic>
#include <memory>
#include <optional>

// stop() with a drain, called in a handler of GruvServer::start(), which cannot wait for itself.
class tst_HandlersDrain : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void othersFinishTheirWork();
    void whoStaysIsEnded();
    void soonestStopCounts();
    void laterStopWithoutDrainCounts();
    void poolOfAnEarlierStartLeavesTheDrainAlone();
    void blockingStartReturnsAfterTheDrain();
    void destructorEndsTheDrain();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using ThreadTools::Patience;
using ReadStatus = GruvSocket::ReadStatus;

static const QHostAddress Loopback(QHostAddress::LocalHost);
constexpr auto Long = 20s;
constexpr auto Short = 50ms;
constexpr qint64 Soon = 2'000; // ms

namespace {

// Handlers that answer until they are told to stop the server, and tell how they ended.
class StoppableServer
{
public:
    StoppableServer()
        : server(std::make_unique<GruvServer>())
        , m_server(server.get())
    {}
    bool start(GruvServer::StartMode mode = GruvServer::StartMode::Background)
    {
        const auto handler = [this](const GruvPeer &, GruvSocket &socket) {
            serve(&socket);
            ended.release();
        };
        return server->start(handler, 0, Loopback, mode);
    }
    static bool ask(GruvSocket *client, const QByteArray &request)
    {
        return client->sendMessage(request) && client->read().data == "to " + request;
    }

    QSemaphore ended;
    std::atomic<int> errors{ 0 };
    std::unique_ptr<GruvServer> server;

private:
    void serve(GruvSocket *socket)
    {
        while (const auto request = socket->read(Long)) {
            if (request.data == "stop late")
                m_server->stop(Long);
            else if (request.data == "stop soon")
                m_server->stop(Short);
            else if (request.data == "stop now")
                m_server->stop();
            socket->sendMessage("to " + request.data);
            if (request.data == "last")
                return;
        }
        ++errors;
    }

    GruvServer *const m_server; // for the handlers
};

} // namespace

// This thread runs no event loop of its own meanwhile.
void tst_HandlersDrain::othersFinishTheirWork()
{
    StoppableServer stoppable;
    QVERIFY(stoppable.start());
    GruvSocket worker;
    GruvSocket stopper;
    QVERIFY(connectTo(&worker, *stoppable.server) && connectTo(&stopper, *stoppable.server));
    QVERIFY(StoppableServer::ask(&worker, "first"));
    QVERIFY(StoppableServer::ask(&stopper, "stop late"));
    QVERIFY(StoppableServer::ask(&worker, "second"));
    QVERIFY(StoppableServer::ask(&stopper, "last"));
    QVERIFY(StoppableServer::ask(&worker, "last"));
    QVERIFY(stoppable.ended.tryAcquire(2, Patience));
    QCOMPARE(stoppable.errors.load(), 0);
    QTRY_VERIFY(!stoppable.server->isListening());
    QTRY_COMPARE(stoppable.server->clientCount(), 0);
    GruvSocket late;
    late.connectToHost(Loopback, worker.peerPort());
    QVERIFY(!late.waitForConnected());
}

void tst_HandlersDrain::whoStaysIsEnded()
{
    StoppableServer stoppable;
    QVERIFY(stoppable.start());
    GruvSocket worker;
    GruvSocket stopper;
    QVERIFY(connectTo(&worker, *stoppable.server) && connectTo(&stopper, *stoppable.server));
    QVERIFY(StoppableServer::ask(&worker, "first"));
    QElapsedTimer clock;
    clock.start();
    QVERIFY(stopper.sendMessage("stop soon"));
    QVERIFY(stoppable.ended.tryAcquire(2, Patience));
    QVERIFY2(clock.elapsed() >= Short.count(), QByteArray::number(clock.elapsed()).constData());
    QVERIFY2(clock.elapsed() < Soon, QByteArray::number(clock.elapsed()).constData());
    QCOMPARE(stoppable.errors.load(), 2);
    QTRY_VERIFY(!stoppable.server->isListening());
}

void tst_HandlersDrain::soonestStopCounts()
{
    StoppableServer stoppable;
    QVERIFY(stoppable.start());
    GruvSocket first;
    GruvSocket second;
    QVERIFY(connectTo(&first, *stoppable.server) && connectTo(&second, *stoppable.server));
    QVERIFY(StoppableServer::ask(&second, "first")); // it has a handler
    QVERIFY(StoppableServer::ask(&first, "stop late"));
    QVERIFY(second.sendMessage("stop soon"));
    first.sendMessage("stop late"); // changes nothing, if it is not ended already
    QVERIFY(stoppable.ended.tryAcquire(2, int(Soon)));
    QCOMPARE(stoppable.errors.load(), 2);
}

void tst_HandlersDrain::laterStopWithoutDrainCounts()
{
    StoppableServer stoppable;
    QVERIFY(stoppable.start());
    GruvSocket first;
    GruvSocket second;
    QVERIFY(connectTo(&first, *stoppable.server) && connectTo(&second, *stoppable.server));
    QVERIFY(StoppableServer::ask(&second, "first")); // it has a handler
    QVERIFY(StoppableServer::ask(&first, "stop late"));
    QVERIFY(second.sendMessage("stop now"));
    QVERIFY(stoppable.ended.tryAcquire(2, int(Soon)));
    QCOMPARE(stoppable.errors.load(), 2);
    QTRY_VERIFY(!stoppable.server->isListening());
}

// The pool of the first start() has nobody to drain. The server's thread is free all the same until
// those of the second have come to their end.
void tst_HandlersDrain::poolOfAnEarlierStartLeavesTheDrainAlone()
{
    StoppableServer stoppable;
    GruvSocket earlier;
    QVERIFY(stoppable.start());
    QVERIFY(connectTo(&earlier, *stoppable.server));
    QVERIFY(StoppableServer::ask(&earlier, "first"));
    stoppable.server->close(); // the connection stays
    QVERIFY(stoppable.start());
    QVERIFY(StoppableServer::ask(&earlier, "last"));
    GruvSocket worker;
    GruvSocket stopper;
    QVERIFY(connectTo(&worker, *stoppable.server) && connectTo(&stopper, *stoppable.server));
    QVERIFY(StoppableServer::ask(&worker, "first") && StoppableServer::ask(&stopper, "first"));
    QTRY_COMPARE(stoppable.server->clientCount(), 2);
    int turns = 0; // of this thread's event loop
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] { ++turns; });
    QElapsedTimer clock;
    clock.start();
    QVERIFY(StoppableServer::ask(&stopper, "stop late"));
    timer.start(1ms);
    QTRY_VERIFY(turns >= 20);
    QVERIFY2(clock.elapsed() < Soon, QByteArray::number(clock.elapsed()).constData());
    QVERIFY(!stoppable.server->isListening());
    QVERIFY(StoppableServer::ask(&stopper, "last"));
    QVERIFY(StoppableServer::ask(&worker, "last"));
    QVERIFY(stoppable.ended.tryAcquire(3, Patience));
    QCOMPARE(stoppable.errors.load(), 0);
}

void tst_HandlersDrain::blockingStartReturnsAfterTheDrain()
{
    StoppableServer stoppable;
    std::optional<std::thread> clients;
    std::atomic<int> answers{ 0 };
    const auto converse = [&](quint16 port) {
        GruvSocket worker;
        GruvSocket stopper;
        worker.connectToHost(Loopback, port);
        stopper.connectToHost(Loopback, port);
        if (!worker.waitForConnected() || !stopper.waitForConnected())
            return;
        answers += StoppableServer::ask(&worker, "first");
        answers += StoppableServer::ask(&stopper, "stop late");
        answers += StoppableServer::ask(&stopper, "last");
        answers += StoppableServer::ask(&worker, "second");
        answers += StoppableServer::ask(&worker, "last");
    };
    connect(stoppable.server.get(), &GruvServer::listeningChanged, this, [&](bool listening) {
        if (listening)
            clients.emplace(converse, stoppable.server->serverPort());
    });
    QElapsedTimer clock;
    clock.start();
    const bool started = stoppable.start(GruvServer::StartMode::Blocking);
    const int ended = stoppable.ended.available();
    if (clients)
        clients->join();
    QVERIFY(started);
    QCOMPARE(answers.load(), 5);
    QCOMPARE(ended, 2);
    QVERIFY2(clock.elapsed() < Patience, QByteArray::number(clock.elapsed()).constData());
}

void tst_HandlersDrain::destructorEndsTheDrain()
{
    StoppableServer stoppable;
    QVERIFY(stoppable.start());
    GruvSocket worker;
    GruvSocket stopper;
    QVERIFY(connectTo(&worker, *stoppable.server) && connectTo(&stopper, *stoppable.server));
    QVERIFY(StoppableServer::ask(&worker, "first"));
    QVERIFY(StoppableServer::ask(&stopper, "stop late"));
    QElapsedTimer clock;
    clock.start();
    stoppable.server.reset();
    QVERIFY2(clock.elapsed() < Soon, QByteArray::number(clock.elapsed()).constData());
    QCOMPARE(stoppable.errors.load(), 2);
}

QTEST_GUILESS_MAIN(tst_HandlersDrain)
#include "tst_handlersdrain.moc"
