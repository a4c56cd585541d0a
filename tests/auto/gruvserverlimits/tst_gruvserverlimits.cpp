// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocks.h>

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <array>

// What a server refuses, what it hands to its connections, and what it logs.
class tst_GruvServerLimits : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void maximumConnectionsRejects();
    void maximumConnectionsLoweredKeepsWhoIsThere();
    void eachReasonToReject_data();
    void eachReasonToReject();
    void crowdAtTheDoorDoesNotFillTheLog();
    void firstMessageTimeout_data();
    void firstMessageTimeout();
    void socketOptionsReachNewConnections();
    void debugLogsEachStep();
    void withoutDebugNothingIsLogged();
    void nullAddressIsRefused();
    void emptyHandlerIsRefused();
    void broadcastPassesOverWhoIsClosing();
};

using ServerTools::connectTo;
using ServerTools::MessageLog;

void tst_GruvServerLimits::maximumConnectionsRejects()
{
    GruvServer server;
    server.setMaximumConnections(2);
    QCOMPARE(server.maximumConnections(), 2);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QSignalSpy rejected(&server, &GruvServer::connectionRejected);
    std::array<GruvSocket, 4> clients;
    for (size_t i = 0; i < 3; ++i)
        QVERIFY(connectTo(&clients[i], server));
    QTRY_COMPARE(clients[2].state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(rejected.size(), 1);
    QCOMPARE(rejected.first().at(0).value<QHostAddress>(), QHostAddress(QHostAddress::LocalHost));
    QCOMPARE(rejected.first().at(1).value<GruvServer::RejectReason>(),
             GruvServer::RejectReason::TooManyConnections);
    QCOMPARE(connected.size(), 2);
    QCOMPARE(server.clientCount(), 2);
    clients[0].disconnectFromHost();
    QTRY_COMPARE(server.clientCount(), 1);
    QVERIFY(connectTo(&clients[3], server));
    QTRY_COMPARE(connected.size(), 3);
    QCOMPARE(rejected.size(), 1);
    QCOMPARE(clients[1].state(), QAbstractSocket::ConnectedState);
}

void tst_GruvServerLimits::maximumConnectionsLoweredKeepsWhoIsThere()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy rejected(&server, &GruvServer::connectionRejected);
    std::array<GruvSocket, 3> clients;
    QVERIFY(connectTo(&clients[0], server) && connectTo(&clients[1], server));
    QTRY_COMPARE(server.clientCount(), 2);
    server.setMaximumConnections(-1);
    QCOMPARE(server.maximumConnections(), 0);
    QVERIFY(connectTo(&clients[2], server));
    QTRY_COMPARE(rejected.size(), 1);
    QCOMPARE(server.clientCount(), 2);
}

void tst_GruvServerLimits::eachReasonToReject_data()
{
    QTest::addColumn<QByteArray>("how");
    QTest::addColumn<int>("perAddress");
    QTest::addColumn<int>("rate");
    QTest::addColumn<GruvServer::RejectReason>("reason");
    for (const QByteArray how : { "loop", "threads", "handlers" }) {
        QTest::addRow("per-address-%s", how.constData())
                << how << 2 << 0 << GruvServer::RejectReason::TooManyFromAddress;
        QTest::addRow("rate-%s", how.constData())
                << how << 0 << 2 << GruvServer::RejectReason::TooFast;
    }
}

// Two come in, the third does not; of those refused for their address, one more when one has left.
void tst_GruvServerLimits::eachReasonToReject()
{
    QFETCH(QByteArray, how);
    QFETCH(int, perAddress);
    QFETCH(int, rate);
    GruvServer server;
    server.setMaximumConnectionsPerAddress(perAddress);
    server.setMaximumAcceptRate(rate);
    QCOMPARE(server.maximumConnectionsPerAddress(), perAddress);
    QCOMPARE(server.maximumAcceptRate(), rate);
    server.setThreadCount(how == "threads" ? 1 : 0);
    QSignalSpy rejected(&server, &GruvServer::connectionRejected);
    int deleted = 0; // its place is free then
    QObject context;
    connect(&server, &GruvServer::clientConnected, &context, [&](GruvSocket *socket) {
        connect(socket, &QObject::destroyed, &context, [&deleted] { ++deleted; });
    });
    const QHostAddress loopback(QHostAddress::LocalHost);
    QVERIFY(how == "handlers" ? server.start(Gruv::echoHandler, 0, loopback)
                              : server.listen(loopback));
    std::array<GruvSocket, 4> clients;
    for (size_t i = 0; i < 3; ++i)
        QVERIFY(connectTo(&clients[i], server));
    QTRY_COMPARE(rejected.size(), 1);
    QTRY_COMPARE(clients[2].state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(rejected.first().at(0).value<QHostAddress>(), loopback);
    QTEST(rejected.first().at(1).value<GruvServer::RejectReason>(), "reason");
    QTRY_COMPARE(server.clientCount(), 2);
    QCOMPARE(clients[0].state(), QAbstractSocket::ConnectedState);
    clients[0].disconnectFromHost();
    QTRY_COMPARE(server.clientCount(), 1);
    QTRY_COMPARE(deleted, how == "handlers" ? 0 : 1);
    if (rate > 0)
        server.setMaximumAcceptRate(3); // a new bucket, for the old one fills with time
    QVERIFY(connectTo(&clients[3], server));
    QTRY_COMPARE(server.clientCount(), 2);
    QCOMPARE(rejected.size(), 1);
}

void tst_GruvServerLimits::crowdAtTheDoorDoesNotFillTheLog()
{
    const MessageLog log;
    GruvServer server;
    server.setDebug(true);
    server.setMaximumConnections(0);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy rejected(&server, &GruvServer::connectionRejected);
    QElapsedTimer time;
    time.start();
    std::array<GruvSocket, 50> clients;
    for (GruvSocket &client : clients)
        client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_COMPARE(rejected.size(), 50);
    const auto lines = log.of("gruv.server").filter(QStringLiteral("rejected"));
    QVERIFY2(lines.size() <= 1 + time.elapsed() / 1000, qPrintable(lines.join(u'\n')));
    QVERIFY(!lines.isEmpty());
}

void tst_GruvServerLimits::firstMessageTimeout_data()
{
    QTest::addColumn<int>("threads");
    QTest::addColumn<bool>("receiver");
    QTest::newRow("loop") << 0 << true;
    QTest::newRow("threads") << 2 << true;
    QTest::newRow("nobody-takes-it") << 0 << false;
}

// Silent clients go when their time is up; one that has said something stays.
void tst_GruvServerLimits::firstMessageTimeout()
{
    QFETCH(int, threads);
    QFETCH(bool, receiver);
    GruvServer server;
    GruvSocketOptions options;
    options.firstMessageTimeout = std::chrono::milliseconds(300);
    server.setSocketOptions(options);
    server.setThreadCount(threads);
    QList<QByteArray> messages;
    if (receiver)
        connect(&server, &GruvServer::messageReceived, this,
                [&](GruvSocket *, const QByteArray &message) { messages.append(message); });
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QVERIFY(clients[1].sendMessage("here I am"));
    QElapsedTimer time;
    time.start();
    QTRY_COMPARE(ended.size(), 2);
    QVERIFY2(time.elapsed() < 1300, QByteArray::number(time.elapsed()).constData());
    QVERIFY(!ended.wait(400));
    QTRY_COMPARE(clients[0].state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(clients[1].state(), QAbstractSocket::ConnectedState);
    QCOMPARE(messages.size(), receiver ? 1 : 0);
}

void tst_GruvServerLimits::socketOptionsReachNewConnections()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 2> clients;
    QVERIFY(connectTo(&clients[0], server));
    QTRY_COMPARE(server.clientCount(), 1);
    GruvSocket *before = server.clients().first();
    GruvSocketOptions options;
    options.timeout = std::chrono::milliseconds(1234);
    options.maximumMessageSize = 100;
    server.setSocketOptions(options);
    QCOMPARE(server.socketOptions(), options);
    GruvSocket *after = nullptr;
    connect(&server, &GruvServer::clientConnected, this,
            [&](GruvSocket *socket) { after = socket; });
    QVERIFY(connectTo(&clients[1], server));
    QTRY_VERIFY(after);
    QCOMPARE(after->options(), options);
    QCOMPARE(before->options(), GruvSocketOptions());
    QSignalSpy faults(after, &GruvSocket::errorOccurred);
    QVERIFY(clients[1].sendMessage(QByteArray(101, 'm')));
    QTRY_COMPARE(faults.size(), 1);
    QCOMPARE(faults.first().first().value<GruvSocket::Error>(),
             GruvSocket::Error::IncomingMessageTooLarge);
}

void tst_GruvServerLimits::debugLogsEachStep()
{
    const MessageLog log;
    GruvServer server;
    server.setDebug(true);
    QVERIFY(server.socketOptions().debug);
    server.setMaximumConnections(1);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QString port = QString::number(server.serverPort());
    std::array<GruvSocket, 2> clients;
    QVERIFY(connectTo(&clients[0], server) && connectTo(&clients[1], server));
    QTRY_VERIFY(log.has(QStringLiteral("rejected")));
    const quint64 id = server.clients().first()->connectionId();
    const QString client = QString::number(clients[0].localPort());
    QVERIFY(!server.listen(QHostAddress::LocalHost));
    const QString refusal = server.errorString();
    server.stop();
    QCOMPARE(
            log.of("gruv.server"),
            (QStringList{ QStringLiteral("gruv.server listening on 127.0.0.1:") + port,
                          QStringLiteral("gruv.server %1 connected from 127.0.0.1:%2")
                                  .arg(id)
                                  .arg(client),
                          QStringLiteral(
                                  "gruv.server rejected 127.0.0.1: maximumConnections (1) reached"),
                          QStringLiteral("gruv.server ") + refusal,
                          QStringLiteral("gruv.server no longer listening"),
                          QStringLiteral("gruv.server %1 disconnected").arg(id) }));
    QVERIFY(!log.of("gruv.socket").isEmpty()); // its connections log too
}

void tst_GruvServerLimits::withoutDebugNothingIsLogged()
{
    const MessageLog log;
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
    server.stop();
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(log.lines(), QStringList());
}

// QTcpServer takes it for all addresses: a misspelt one would open the service to the network.
void tst_GruvServerLimits::nullAddressIsRefused()
{
    GruvServer server;
    QVERIFY(!server.listen(QHostAddress(QStringLiteral("localhost"))));
    QCOMPARE(server.error(), GruvServer::Error::AddressNotAvailable);
    QVERIFY(!server.isListening());
}

void tst_GruvServerLimits::emptyHandlerIsRefused()
{
    GruvServer server;
    QVERIFY(!server.start({}, 0, QHostAddress::LocalHost));
    QCOMPARE(server.error(), GruvServer::Error::NoHandler);
    QVERIFY(!server.isListening());
}

void tst_GruvServerLimits::broadcastPassesOverWhoIsClosing()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    std::array<GruvSocket, 2> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(connected.size(), 2);
    GruvSocket *kicked = server.clients().first();
    QSignalSpy errors(kicked, &GruvSocket::errorOccurred);
    kicked->sendMessage(QByteArray(12 << 20, 'k')); // so that closing takes its time
    kicked->disconnectFromHost();
    QCOMPARE(server.broadcast("to the room"), 1);
    QCOMPARE(errors.size(), 0);
}

QTEST_GUILESS_MAIN(tst_GruvServerLimits)
#include "tst_gruvserverlimits.moc"
