// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>
#include <servertools.h>
#include <threadtools.h>

#include <array>
#include <set>
#include <stdexcept>

// GruvServer::start(): each handler in a thread of its own, with blocking calls.
class tst_Handlers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void echoWithoutAnEventLoop();
    void handlersRunInThreadsOfTheirOwn();
    void handlersAreBoundedAndTheOthersWait();
    void raisingTheBoundLetsTheOthersIn();
    void peerIsTold();
    void optionsReachTheHandler();
    void throwingEndsItsOwnConnection_data();
    void throwingEndsItsOwnConnection();
    void returningClosesGracefully_data();
    void returningClosesGracefully();
    void returningWithUnreadInputLosesNothing();
    void broadcastReachesABlockedReader();
    void disconnectClientWakesABlockedReader();
    void maximumConnectionsCountsWhoWaits();
    void startTwiceIsRefused();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using ThreadTools::Gate;
using ThreadTools::Patience;
using ReadStatus = GruvSocket::ReadStatus;

static const QHostAddress Loopback(QHostAddress::LocalHost);

// Sends message and returns the answer.
static QByteArray ask(GruvSocket *socket, const QByteArray &message)
{
    return socket->sendMessage(message) ? socket->read(10s).data : QByteArray("not sent");
}

void tst_Handlers::echoWithoutAnEventLoop()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, QHostAddress::LocalHost));
    GruvSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(socket.waitForConnected());
    QVERIFY(socket.sendMessage("Hello world!"));
    const auto [status, data] = socket.read();
    QCOMPARE(status, ReadStatus::Ok);
    QCOMPARE(data, "Hello world!");
}

void tst_Handlers::handlersRunInThreadsOfTheirOwn()
{
    QMutex mutex;
    std::set<QThread *> threads;
    Gate gate;
    GruvServer server;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        {
            const QMutexLocker lock(&mutex);
            threads.insert(QThread::currentThread());
        }
        if (socket.thread() == QThread::currentThread() && gate.pass())
            socket.sendMessage("done");
    };
    QVERIFY(server.start(handler, 0, Loopback));
    std::array<GruvSocket, 5> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QVERIFY(gate.awaitArrivals(5)); // all at the same time
    QCOMPARE(threads.size(), 5);
    QVERIFY(threads.count(QThread::currentThread()) == 0);
    gate.open(5);
    for (GruvSocket &client : clients)
        QCOMPARE(client.read().data, "done");
}

// One of clients for which something has come, if there is one that was not served yet.
template<typename Clients>
static GruvSocket *answered(Clients *clients, const std::set<GruvSocket *> &served)
{
    for (GruvSocket &client : *clients) {
        if (!served.count(&client) && client.statistics().bytesReceived > 0)
            return &client;
    }
    return nullptr;
}

void tst_Handlers::handlersAreBoundedAndTheOthersWait()
{
    Gate gate;
    std::atomic<int> now{ 0 };
    std::atomic<int> most{ 0 };
    std::atomic<int> begun{ 0 };
    GruvServer server;
    server.setMaximumHandlerThreads(2);
    QCOMPARE(server.maximumHandlerThreads(), 2);
    const auto handler = [&](const GruvPeer &peer, GruvSocket &socket) {
        const int running = ++now;
        for (int seen = most; seen < running && !most.compare_exchange_weak(seen, running);) {
        }
        ++begun;
        gate.pass();
        Gruv::echoHandler(peer, socket);
        --now;
    };
    QVERIFY(server.start(handler, 0, Loopback));
    std::array<GruvSocket, 10> clients;
    for (GruvSocket &client : clients) {
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage(QByteArray::number(client.localPort())));
    }
    QTRY_COMPARE(server.clientCount(), 10);
    QVERIFY(gate.awaitArrivals(2));
    QCOMPARE(begun.load(), 2);
    gate.open(10);
    std::set<GruvSocket *> served;
    while (served.size() < clients.size()) { // whoever has its answer makes room for another
        GruvSocket *client = nullptr;
        QTRY_VERIFY((client = answered(&clients, served)));
        QCOMPARE(client->read().data, QByteArray::number(client->localPort()));
        client->disconnectFromHost();
        served.insert(client);
    }
    QTRY_COMPARE(server.clientCount(), 0);
    QCOMPARE(begun.load(), 10);
    QCOMPARE(most.load(), 2);
}

void tst_Handlers::raisingTheBoundLetsTheOthersIn()
{
    GruvServer server;
    server.setMaximumHandlerThreads(0);
    QCOMPARE(server.maximumHandlerThreads(), 1);
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    GruvSocket first;
    GruvSocket second;
    QVERIFY(connectTo(&first, server));
    QCOMPARE(ask(&first, "served"), "served");
    QVERIFY(connectTo(&second, server));
    QVERIFY(second.sendMessage("waiting"));
    QCOMPARE(second.read(50ms).status, ReadStatus::Timeout);
    server.setMaximumHandlerThreads(2);
    QCOMPARE(second.read().data, "waiting");
    QCOMPARE(ask(&first, "served as ever"), "served as ever");
}

void tst_Handlers::peerIsTold()
{
    GruvServer server;
    const auto handler = [](const GruvPeer &peer, GruvSocket &socket) {
        QString line;
        QDebug(&line) << peer;
        socket.sendText(line.trimmed());
        socket.sendText(socket.peerAddress().toString());
        socket.sendMessage(QByteArray::number(socket.peerPort()));
    };
    QVERIFY(server.start(handler, 0, Loopback));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    const QByteArray port = QByteArray::number(client.localPort());
    QCOMPARE(client.read().data, "127.0.0.1:" + port);
    QCOMPARE(client.read().data, "127.0.0.1");
    QCOMPARE(client.read().data, port);
}

void tst_Handlers::optionsReachTheHandler()
{
    GruvServer server;
    QVERIFY(server.start(
            [](const GruvPeer &, GruvSocket &socket) {
                socket.sendMessage(QByteArray::number(socket.timeout().count()));
            },
            0, Loopback));
    for (const int timeout : { 1234, 5678 }) {
        GruvSocketOptions options;
        options.timeout = std::chrono::milliseconds(timeout);
        server.setSocketOptions(options);
        GruvSocket client;
        QVERIFY(connectTo(&client, server));
        QCOMPARE(client.read().data, QByteArray::number(timeout));
    }
}

void tst_Handlers::throwingEndsItsOwnConnection_data()
{
    QTest::addColumn<QByteArray>("order");
    QTest::addColumn<QString>("logged");
    QTest::newRow("std-exception")
            << QByteArray("throw exception") << QStringLiteral(": it is broken");
    QTest::newRow("int") << QByteArray("throw int") << QString();
}

void tst_Handlers::throwingEndsItsOwnConnection()
{
    QFETCH(const QByteArray, order);
    QFETCH(const QString, logged);
    GruvServer server;
    const auto handler = [](const GruvPeer &, GruvSocket &socket) {
        while (const auto result = socket.read()) {
            if (result.data == "throw exception")
                throw std::runtime_error("it is broken");
            if (result.data == "throw int")
                throw 5;
            socket.sendMessage(result.data);
        }
    };
    QVERIFY(server.start(handler, 0, Loopback));
    GruvSocket other;
    QVERIFY(connectTo(&other, server));
    QCOMPARE(ask(&other, "before"), "before");
    GruvSocket unlucky;
    QVERIFY(connectTo(&unlucky, server));
    const QString line = QStringLiteral("the handler of 127.0.0.1:%1 threw%2");
    QTest::ignoreMessage(QtWarningMsg, qPrintable(line.arg(unlucky.localPort()).arg(logged)));
    QVERIFY(unlucky.sendMessage(order));
    QCOMPARE(unlucky.read().status, ReadStatus::Error);
    QCOMPARE(unlucky.state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(server.clientCount(), 1);
    QCOMPARE(ask(&other, "after"), "after");
    GruvSocket next;
    QVERIFY(connectTo(&next, server));
    QCOMPARE(ask(&next, "new"), "new");
}

void tst_Handlers::returningClosesGracefully_data()
{
    QTest::addColumn<int>("size");
    for (const int size : { 0, 100, 8 << 20 })
        QTest::addRow("%d-bytes", size) << size;
}

void tst_Handlers::returningClosesGracefully()
{
    QFETCH(int, size);
    const QByteArray last(size, 'x');
    GruvServer server;
    QVERIFY(server.start(
            [&](const GruvPeer &, GruvSocket &socket) {
                socket.sendMessage("first");
                socket.sendMessage(last);
            },
            0, Loopback));
    QTcpSocket client;
    client.connectToHost(Loopback, server.serverPort());
    QSignalSpy errors(&client, &QTcpSocket::errorOccurred);
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(errors.size(), 1);
    QCOMPARE(client.error(), QAbstractSocket::RemoteHostClosedError); // FIN, not a reset
    QVERIFY(client.readAll() == RawPeer::frame("first") + RawPeer::frame(last));
}

// A close with unread input sends RST, which may overtake what was sent before.
void tst_Handlers::returningWithUnreadInputLosesNothing()
{
    const QByteArray answer(1 << 20, 'a');
    GruvServer server;
    QVERIFY(server.start([&](const GruvPeer &, GruvSocket &socket) { socket.sendMessage(answer); },
                         0, Loopback));
    QTcpSocket client;
    client.connectToHost(Loopback, server.serverPort());
    client.write(RawPeer::frame(QByteArray(100'000, 'q')));
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(client.error(), QAbstractSocket::RemoteHostClosedError);
    QVERIFY(client.readAll() == RawPeer::frame(answer));
}

void tst_Handlers::broadcastReachesABlockedReader()
{
    QSemaphore begun;
    GruvServer server;
    QVERIFY(server.start(
            [&](const GruvPeer &peer, GruvSocket &socket) {
                begun.release();
                Gruv::echoHandler(peer, socket);
            },
            0, Loopback));
    QCOMPARE(server.broadcast("to nobody"), 0);
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QVERIFY(begun.tryAcquire(3, Patience));
    QCOMPARE(server.broadcast("to all"), 3);
    QCOMPARE(server.broadcast(""), 3);
    for (GruvSocket &client : clients) {
        QCOMPARE(client.read().data, "to all");
        QCOMPARE(client.read().status, ReadStatus::Ok);
        QCOMPARE(ask(&client, "an answer"), "an answer");
    }
    QVERIFY(server.clients().isEmpty()); // they belong to their threads
}

void tst_Handlers::disconnectClientWakesABlockedReader()
{
    std::atomic<quint64> id{ 0 };
    std::atomic<int> status{ -1 };
    GruvServer server;
    QVERIFY(server.start(
            [&](const GruvPeer &, GruvSocket &socket) {
                socket.sendMessage("last words");
                id = socket.connectionId();
                status = int(socket.read().status);
            },
            0, Loopback));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_VERIFY(id > 0);
    QVERIFY(!server.disconnectClient(id + 1'000'000));
    QVERIFY(server.disconnectClient(id));
    QCOMPARE(client.read().data, "last words");
    QCOMPARE(client.read().status, ReadStatus::Error);
    QCOMPARE(client.error(), GruvSocket::Error::NoError);
    QTRY_COMPARE(server.clientCount(), 0);
    QCOMPARE(status.load(), int(ReadStatus::Error));
    QVERIFY(!server.disconnectClient(id));
}

void tst_Handlers::maximumConnectionsCountsWhoWaits()
{
    GruvServer server;
    server.setMaximumHandlerThreads(1);
    server.setMaximumConnections(2);
    QThread *told = nullptr;
    QSignalSpy rejected(&server, &GruvServer::connectionRejected);
    connect(
            &server, &GruvServer::connectionRejected, &server,
            [&] { told = QThread::currentThread(); }, Qt::DirectConnection);
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(rejected.size(), 1);
    QCOMPARE(told, server.thread());
    QCOMPARE(rejected.first().at(0).value<QHostAddress>(), Loopback);
    QCOMPARE(rejected.first().at(1).value<GruvServer::RejectReason>(),
             GruvServer::RejectReason::TooManyConnections);
    QTRY_COMPARE(clients[2].state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(server.clientCount(), 2);
    clients[0].disconnectFromHost();
    QCOMPARE(ask(&clients[1], "my turn"), "my turn");
    QTRY_COMPARE(server.clientCount(), 1);
    GruvSocket next;
    QVERIFY(connectTo(&next, server));
    QTRY_COMPARE(server.clientCount(), 2);
    QCOMPARE(rejected.size(), 1);
}

void tst_Handlers::startTwiceIsRefused()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    QSignalSpy errors(&server, &GruvServer::errorOccurred);
    QVERIFY(!server.start([](const GruvPeer &, GruvSocket &) {}, 5551, Loopback));
    QCOMPARE(errors.size(), 1);
    QCOMPARE(server.error(), GruvServer::Error::AlreadyListening);
    const QString sentence = QStringLiteral("cannot listen on 127.0.0.1:5551: already listening on "
                                            "127.0.0.1:%1, call stop() first");
    QCOMPARE(server.errorString(), sentence.arg(server.serverPort()));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QCOMPARE(ask(&client, "the first handler"), "the first handler");
}

QTEST_GUILESS_MAIN(tst_Handlers)
#include "tst_handlers.moc"
