// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <array>

// Contract 3 for the server, what the matrix of anyslot does not tell: several sockets at once.
class tst_GruvServerReentrancy : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void rejectedMayDeleteTheServer();
    void broadcastMayMeetAServerThatDies();
    void stopMayMeetAServerThatDies();
    void nestedConnectionsInsideAConnectionHandler();
};

using ServerTools::connectTo;

void tst_GruvServerReentrancy::rejectedMayDeleteTheServer()
{
    auto server = std::make_unique<GruvServer>();
    server->setMaximumConnections(0);
    connect(server.get(), &GruvServer::connectionRejected, this, [&] { server.reset(); });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 2> clients;
    for (GruvSocket &client : clients)
        client.connectToHost(QHostAddress::LocalHost, server->serverPort());
    QTRY_VERIFY(!server);
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
}

// Each socket refuses the message and says so: the slot of the first one deletes them all.
void tst_GruvServerReentrancy::broadcastMayMeetAServerThatDies()
{
    auto server = std::make_unique<GruvServer>();
    GruvSocketOptions options;
    options.maximumMessageSize = 1;
    server->setSocketOptions(options);
    int refusals = 0;
    server->setConnectionHandler([&](GruvSocket *socket) {
        connect(socket, &GruvSocket::errorOccurred, this, [&] {
            ++refusals;
            server.reset();
        });
    });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, *server));
    QTRY_COMPARE(server->clientCount(), 3);
    QCOMPARE(server->broadcast("too large"), 0);
    QVERIFY(!server);
    QCOMPARE(refusals, 1);
}

void tst_GruvServerReentrancy::stopMayMeetAServerThatDies()
{
    auto server = std::make_unique<GruvServer>();
    int ended = 0;
    connect(server.get(), &GruvServer::clientDisconnected, this, [&] {
        ++ended;
        server.reset();
    });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, *server));
    QTRY_COMPARE(server->clientCount(), 3);
    server->stop();
    QVERIFY(!server);
    QCOMPARE(ended, 1);
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
}

void tst_GruvServerReentrancy::nestedConnectionsInsideAConnectionHandler()
{
    GruvServer server;
    std::array<GruvSocket, 3> clients;
    size_t next = 1;
    int depth = 0;
    int deepest = 0;
    server.setConnectionHandler([&](GruvSocket *) {
        deepest = std::max(deepest, ++depth);
        if (next < clients.size()) {
            const int expected = int(++next);
            clients[next - 1].connectToHost(QHostAddress::LocalHost, server.serverPort());
            QTRY_VERIFY(server.clientCount() >= expected);
        }
        --depth;
    });
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    clients[0].connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_COMPARE(connected.size(), 3);
    QCOMPARE(deepest, 3);
    QCOMPARE(server.clientCount(), 3);
}

QTEST_GUILESS_MAIN(tst_GruvServerReentrancy)
#include "tst_gruvserverreentrancy.moc"
