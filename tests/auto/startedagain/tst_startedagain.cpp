// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qfile.h>
#include <QtCore/qpointer.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>
#include <threadtools.h>

#include <atomic>
#include <memory>
#include <thread>

#include <unistd.h>

// A slot that starts or stops the server while it is being stopped, or told of a connection.
class tst_StartedAgain : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void startInASlotOfStopServes();
    void outerBlockingStartReturns();
    void stuckPoolsShareTheLimit();
    void socketStaysForAllSlots_data();
    void socketStaysForAllSlots();
    void stopInTheFirstHandler_data();
    void stopInTheFirstHandler();
    void stopInSlotsOfTwoConnections();
    void stopOfAnotherThreadComesLate();
    void stopOfAConnectionsThreadComesLate();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using ThreadTools::Patience;

static const QHostAddress Loopback(QHostAddress::LocalHost);

void tst_StartedAgain::startInASlotOfStopServes()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    connect(&server, &GruvServer::listeningChanged, &server, [&server](bool listening) {
        if (!listening && server.serverPort() == 0)
            QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    });
    server.stop();
    QVERIFY(server.isListening());
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QVERIFY(client.sendMessage("served"));
    QCOMPARE(client.read(5s).data, QByteArray("served"));
    server.disconnect();
    server.stop();
}

void tst_StartedAgain::outerBlockingStartReturns()
{
    GruvServer server;
    const auto startBlocking = [&server] {
        return server.start(Gruv::echoHandler, 0, Loopback, GruvServer::StartMode::Blocking);
    };
    bool hasInnerReturned = false;
    QTimer::singleShot(0, &server, [&] {
        server.close();
        QTimer::singleShot(0, &server, [&server] { server.stop(); });
        startBlocking();
        hasInnerReturned = true;
    });
    QTimer watchdog;
    connect(&watchdog, &QTimer::timeout, [] { qFatal("the outer start() does not return"); });
    watchdog.start(Patience);
    QVERIFY(startBlocking());
    QVERIFY(hasInnerReturned);
}

// Each by a handler that does not return.
void tst_StartedAgain::stuckPoolsShareTheLimit()
{
#if defined(__SANITIZE_ADDRESS__)
    QSKIP("what is left to itself is a leak");
#endif
    static QSemaphore begun; // they outlive handlers that nobody waits for
    static QSemaphore gate;
    static QSemaphore ended;
    const auto handler = [](const GruvPeer &, GruvSocket &socket) {
        connect(&socket, &QObject::destroyed, [] { ended.release(); });
        begun.release();
        gate.acquire();
    };
    GruvServer server;
    GruvSocket clients[2];
    for (GruvSocket &client : clients) {
        QVERIFY(server.start(handler, 0, Loopback));
        QVERIFY(connectTo(&client, server));
        QVERIFY(begun.tryAcquire(1, Patience));
        server.close();
        QTest::ignoreMessage(QtWarningMsg,
                             "GruvServer: a handler does not return; its thread goes on");
    }
    QElapsedTimer time;
    time.start();
    server.stop();
    QVERIFY2(time.elapsed() < 15'000, QByteArray::number(time.elapsed()).constData());
    gate.release(2);
    QVERIFY(ended.tryAcquire(2, Patience));
}

void tst_StartedAgain::socketStaysForAllSlots_data()
{
    QTest::addColumn<bool>("stops");
    QTest::newRow("loop-until-it-ends") << false;
    QTest::newRow("stop") << true;
}

// The first slot sees the end of the connection; the second one is given the same socket.
void tst_StartedAgain::socketStaysForAllSlots()
{
    QFETCH(const bool, stops);
    GruvServer server;
    server.setThreadCount(1);
    QVERIFY(server.listen(Loopback));
    GruvSocket client;
    int ends = 0;
    int seconds = 0;
    connect(&server, &GruvServer::clientDisconnected, this, [&ends] { ++ends; });
    connect(&server, &GruvServer::messageReceived, this, [&] {
        if (stops)
            server.stop();
        else
            client.abort();
        QVERIFY(QTest::qWaitFor([&ends] { return ends > 0; }));
    });
    QPointer<GruvSocket> served;
    connect(&server, &GruvServer::clientConnected, this,
            [&served](GruvSocket *socket) { served = socket; });
    connect(&server, &GruvServer::messageReceived, this, [&](GruvSocket *socket) {
        QVERIFY(served);
        QCOMPARE(socket, served.data());
        ++seconds;
    });
    QVERIFY(connectTo(&client, server));
    QVERIFY(client.sendMessage("told twice"));
    QTRY_COMPARE(seconds, 1);
    QTRY_VERIFY(!served);
    QCOMPARE(ends, 1);
}

// Where start() has a thread that accepts, and says so, a connection comes; and has its handler
// called, if nothing keeps that from it. The test's thread can do no more than wait a little.
namespace {

struct EarlyConnection
{
    explicit EarlyConnection(GruvServer *listening)
        : server(listening)
    {
        current = this;
        qInstallMessageHandler(&logged);
    }
    ~EarlyConnection()
    {
        qInstallMessageHandler(nullptr);
        current = nullptr;
    }
    static void logged(QtMsgType, const QMessageLogContext &, const QString &text)
    {
        if (!text.contains(QLatin1String("handlers serve")) || current->socket)
            return;
        current->socket = std::make_unique<QTcpSocket>();
        current->socket->connectToHost(Loopback, current->server->serverPort());
        (void)current->socket->waitForConnected(Patience);
        (void)current->isServed.tryAcquire(1, 300);
    }

    static inline EarlyConnection *current = nullptr;
    GruvServer *const server;
    QSemaphore isServed;
    std::unique_ptr<QTcpSocket> socket;
};

} // namespace

void tst_StartedAgain::stopInTheFirstHandler_data()
{
    QTest::addColumn<bool>("hasListened");
    QTest::newRow("start") << false;
    QTest::newRow("start-after-listen") << true;
}

// Before start() has returned, if it can. The handler keeps its drain, and waits for nobody.
void tst_StartedAgain::stopInTheFirstHandler()
{
    QFETCH(const bool, hasListened);
    std::atomic<bool> isOver{ false };
    qint64 took = -1;
    GruvSocket::ReadStatus status = GruvSocket::ReadStatus::Ok;
    GruvServer server; // ends before what its handler uses
    GruvSocketOptions options;
    options.debug = true;
    server.setSocketOptions(options);
    EarlyConnection early(&server);
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        early.isServed.release();
        QElapsedTimer time;
        time.start();
        server.stop(3s);
        took = time.elapsed();
        status = socket.read(50ms).status; // the peer is silent
        isOver = true;
    };
    if (hasListened)
        QVERIFY(server.listen(Loopback));
    server.close();
    QVERIFY(server.start(handler, 0, Loopback));
    QVERIFY(early.socket);
    QTRY_VERIFY_WITH_TIMEOUT(isOver, 2 * Patience);
    QVERIFY2(took < 1000, QByteArray::number(took).constData());
    QCOMPARE(status, GruvSocket::ReadStatus::Timeout);
    QTRY_VERIFY(!server.isListening());
}

// Each by a message of its own: the second is told while the stop() in the first slot waits.
void tst_StartedAgain::stopInSlotsOfTwoConnections()
{
    QSemaphore posted; // by the thread of the connections
    GruvServer server;
    server.setThreadCount(1);
    server.setConnectionHandler([&posted](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, [&posted](const QByteArray &message) {
            if (message == "behind it")
                posted.release();
        });
    });
    int stops = 0;
    connect(&server, &GruvServer::messageReceived, this,
            [&](GruvSocket *, const QByteArray &message) {
                if (message == "stop")
                    server.stop();
                stops += message == "stop";
            });
    QVERIFY(server.listen(Loopback));
    GruvSocket clients[2];
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 2);
    for (GruvSocket &client : clients)
        QVERIFY(client.sendMessage("stop") && client.sendMessage("behind it"));
    QVERIFY(posted.tryAcquire(2, Patience)); // meanwhile this thread's event loop stands
    QElapsedTimer time;
    time.start();
    QTRY_COMPARE_WITH_TIMEOUT(stops, 2, 2 * Patience);
    QVERIFY2(time.elapsed() < Patience / 2, QByteArray::number(time.elapsed()).constData());
    QCOMPARE(server.clientCount(), 0);
}

// The server's thread has been busy meanwhile, and has stopped or closed it itself.
static void startAgain(GruvServer *server)
{
    QVERIFY(server->listen(Loopback));
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
    QVERIFY(server->isListening());
    GruvSocket client;
    QVERIFY(connectTo(&client, *server));
}

// Whether the thread of that number sleeps, before Patience is over.
static bool fallsAsleep(const std::atomic<int> &thread)
{
    const QDeadlineTimer deadline(Patience);
    while (!deadline.hasExpired()) {
        QFile file(QStringLiteral("/proc/self/task/%1/stat").arg(thread));
        if (thread > 0 && file.open(QIODevice::ReadOnly) && file.readAll().contains(") S "))
            return true;
        QThread::yieldCurrentThread();
    }
    return false;
}

void tst_StartedAgain::stopOfAnotherThreadComesLate()
{
    GruvServer server;
    QVERIFY(server.listen(Loopback));
    std::atomic<int> calling{ 0 };
    QSemaphore hasReturned;
    std::thread other([&] {
        calling = int(::gettid());
        server.stop();
        hasReturned.release();
    });
    const bool isPosted = fallsAsleep(calling);
    if (isPosted) {
        server.stop();
        startAgain(&server);
    }
    const bool returns = QTest::qWaitFor([&] { return hasReturned.tryAcquire(); }, Patience);
    if (!returns)
        qFatal("stop() of another thread does not return");
    other.join();
    QVERIFY(isPosted);
    QVERIFY(server.isListening());
}

void tst_StartedAgain::stopOfAConnectionsThreadComesLate()
{
    QSemaphore hasReturned;
    GruvServer server;
    server.setThreadCount(1);
    server.setConnectionHandler([&](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, [&] {
            server.stop();
            hasReturned.release();
        });
    });
    QVERIFY(server.listen(Loopback));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
    QVERIFY(client.sendMessage("stop"));
    QVERIFY(hasReturned.tryAcquire(1, Patience)); // meanwhile this thread's event loop stands
    server.close();
    startAgain(&server);
}

QTEST_GUILESS_MAIN(tst_StartedAgain)
#include "tst_startedagain.moc"
