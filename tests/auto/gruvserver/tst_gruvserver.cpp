// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>
#include <servertools.h>

#include <array>

// GruvServer::listen(): connections in the server's own event loop, told by signals.
class tst_GruvServer : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void startsWithItsDefaults();
    void connectedAndDisconnectedComeOnceEach_data();
    void connectedAndDisconnectedComeOnceEach();
    void handlerRunsBeforeTheSignalAndTheFirstMessage();
    void handlerMayBeTakenAway();
    void relaysMessagesOfAllClients();
    void relaysToAReceiverThatComesLate();
    void messageIsRelayedOnceToEachReceiver();
    void blockingReadInTheHandlerLosesNothing();
    void clientsAreListedWhileConnected();
    void broadcastKeepsTheOrderWithOwnSends();
    void broadcastCountsWhoAccepted();
    void disconnectClientClosesOneGracefully();
};

using ServerTools::connectTo;
using Messages = QList<QByteArray>;

// What arrives at a client, in order.
static void collect(GruvSocket *socket, Messages *messages)
{
    QObject::connect(socket, &GruvSocket::messageReceived, socket,
                     [messages](const QByteArray &message) { messages->append(message); });
}

void tst_GruvServer::startsWithItsDefaults()
{
    const GruvServer server;
    QCOMPARE(server.maximumConnections(), 10'000);
    QCOMPARE(server.maximumHandlerThreads(), 64);
    QCOMPARE(server.isDebug(), false);
    QCOMPARE(server.socketOptions(), GruvSocketOptions());
    QCOMPARE(server.error(), GruvServer::Error::NoError);
    QCOMPARE(server.errorString(), QString());
    QCOMPARE(server.clientCount(), 0);
    QVERIFY(server.clients().isEmpty());
    QVERIFY(!server.isListening());
}

void tst_GruvServer::connectedAndDisconnectedComeOnceEach_data()
{
    using End = std::function<void(GruvServer *, GruvSocket *)>;
    QTest::addColumn<End>("end");
    QTest::newRow("client-closes")
            << End([](auto *, GruvSocket *client) { client->disconnectFromHost(); });
    QTest::newRow("client-aborts") << End([](auto *, GruvSocket *client) { client->abort(); });
    QTest::newRow("server-closes") << End(
            [](GruvServer *server, auto *) { server->clients().first()->disconnectFromHost(); });
    QTest::newRow("server-aborts")
            << End([](GruvServer *server, auto *) { server->clients().first()->abort(); });
    QTest::newRow("server-disconnects-it") << End([](GruvServer *server, auto *) {
        server->disconnectClient(server->clients().first()->connectionId());
    });
    QTest::newRow("server-stops") << End([](GruvServer *server, auto *) { server->stop(); });
    QTest::newRow("a-fault") << End([](GruvServer *server, GruvSocket *client) {
        GruvSocketOptions options = server->clients().first()->options();
        options.maximumMessageSize = 3;
        server->clients().first()->setOptions(options);
        client->sendMessage("four");
    });
}

void tst_GruvServer::connectedAndDisconnectedComeOnceEach()
{
    QFETCH(const std::function<void(GruvServer *, GruvSocket *)>, end);
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QList<std::pair<GruvSocket *, char>> steps;
    connect(&server, &GruvServer::clientConnected, this, [&](GruvSocket *socket) {
        steps.append({ socket, '+' });
    });
    connect(&server, &GruvServer::clientDisconnected, this, [&](GruvSocket *socket) {
        steps.append({ socket, '-' });
    });
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(steps.size(), 1);
    GruvSocket *const socket = server.clients().value(0);
    QSignalSpy destroyed(socket, &QObject::destroyed);
    end(&server, &client);
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(destroyed.size(), 1);
    QCOMPARE(steps, (QList<std::pair<GruvSocket *, char>>{ { socket, '+' }, { socket, '-' } }));
    QCOMPARE(server.clientCount(), 0);
}

void tst_GruvServer::handlerRunsBeforeTheSignalAndTheFirstMessage()
{
    GruvServer server;
    QStringList order;
    server.setConnectionHandler([&](GruvSocket *socket) {
        order.append(QStringLiteral("handler"));
        QCOMPARE(socket->parent(), &server);
        QCOMPARE(socket->state(), QAbstractSocket::ConnectedState);
        connect(socket, &GruvSocket::messageReceived, this,
                [&](const QByteArray &message) { order.append(QString::fromLatin1(message)); });
    });
    connect(&server, &GruvServer::clientConnected, this,
            [&] { order.append(QStringLiteral("signal")); });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QTcpSocket client; // its message is there before the server looks at the connection
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(client.waitForConnected());
    client.write(RawPeer::frame("one") + RawPeer::frame("two"));
    QVERIFY(client.waitForBytesWritten());
    QTRY_COMPARE(order.join(u' '), QStringLiteral("handler signal one two"));
}

void tst_GruvServer::handlerMayBeTakenAway()
{
    GruvServer server;
    int calls = 0;
    server.setConnectionHandler([&](GruvSocket *) {
        ++calls;
        server.setConnectionHandler({}); // while it runs
    });
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(connected.size(), 3);
    QCOMPARE(calls, 1);
}

void tst_GruvServer::relaysMessagesOfAllClients()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QHash<GruvSocket *, Messages> got;
    connect(&server, &GruvServer::messageReceived, this,
            [&](GruvSocket *socket, const QByteArray &message) { got[socket].append(message); });
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients) {
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage("first"));
        QVERIFY(client.sendMessage(QByteArray::number(client.localPort())));
    }
    const auto complete = [&] {
        return got.size() == 3
               && std::all_of(got.begin(), got.end(), [](const auto &m) { return m.size() == 2; });
    };
    QTRY_VERIFY(complete());
    for (auto it = got.cbegin(); it != got.cend(); ++it)
        QCOMPARE(it.value(), (Messages{ "first", QByteArray::number(it.key()->peerPort()) }));
}

void tst_GruvServer::relaysToAReceiverThatComesLate()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QVERIFY(client.sendMessage("early"));
    QTRY_COMPARE(server.clientCount(), 1);
    QTRY_COMPARE(server.clients().first()->statistics().bytesReceived, 9);
    Messages got;
    connect(&server, &GruvServer::messageReceived, this,
            [&](GruvSocket *, const QByteArray &message) { got.append(message); });
    QVERIFY(client.sendMessage("late"));
    QTRY_COMPARE(got, (Messages{ "early", "late" }));
}

void tst_GruvServer::messageIsRelayedOnceToEachReceiver()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy first(&server, &GruvServer::messageReceived);
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
    QSignalSpy second(&server, &GruvServer::messageReceived);
    QVERIFY(client.sendMessage("one"));
    QTRY_COMPARE(second.size(), 1);
    QVERIFY(client.sendMessage("two"));
    QTRY_COMPARE(second.size(), 2);
    QCOMPARE(first.size(), 2);
}

void tst_GruvServer::blockingReadInTheHandlerLosesNothing()
{
    GruvServer server;
    Messages got;
    server.setConnectionHandler([&](GruvSocket *socket) {
        got.append(socket->read().data);
        got.append(socket->read().data);
    });
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    for (const char *message : { "one", "two", "three", "four" })
        QVERIFY(client.sendMessage(message));
    QTRY_COMPARE(connected.size(), 1);
    QCOMPARE(got, (Messages{ "one", "two" }));
    got.append(server.clients().first()->read().data);
    connect(server.clients().first(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { got.append(message); });
    QVERIFY(client.sendMessage("five"));
    QTRY_COMPARE(got, (Messages{ "one", "two", "three", "four", "five" }));
}

void tst_GruvServer::clientsAreListedWhileConnected()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSet<GruvSocket *> expected;
    connect(&server, &GruvServer::clientConnected, this, [&](GruvSocket *socket) {
        expected.insert(socket);
        QVERIFY(server.clients().contains(socket));
    });
    connect(&server, &GruvServer::clientDisconnected, this, [&](GruvSocket *socket) {
        expected.remove(socket);
        QVERIFY(!server.clients().contains(socket));
    });
    std::array<GruvSocket, 4> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    for (int left = 4; left > 0; --left) {
        QTRY_COMPARE(expected.size(), left);
        const QList<GruvSocket *> listed = server.clients();
        QCOMPARE(QSet<GruvSocket *>(listed.begin(), listed.end()), expected);
        QCOMPARE(server.clientCount(), left);
        clients[size_t(left - 1)].disconnectFromHost();
    }
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_GruvServer::broadcastKeepsTheOrderWithOwnSends()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QCOMPARE(server.broadcast("to nobody"), 0);
    std::array<GruvSocket, 3> clients;
    std::array<Messages, 3> got;
    for (size_t i = 0; i < clients.size(); ++i) {
        collect(&clients[i], &got[i]);
        QVERIFY(connectTo(&clients[i], server));
    }
    QTRY_COMPARE(server.clientCount(), 3);
    const QByteArray large(300'000, 'l');
    const auto sendToEach = [&](const QByteArray &message) {
        for (GruvSocket *socket : server.clients())
            QVERIFY(socket->sendMessage(message));
    };
    sendToEach("own 1");
    QCOMPARE(server.broadcast("all 1"), 3);
    sendToEach(large);
    QCOMPARE(server.broadcast(large), 3);
    QCOMPARE(server.broadcast(""), 3);
    sendToEach("own 2");
    for (const Messages &messages : got)
        QTRY_COMPARE(messages, (Messages{ "own 1", "all 1", large, large, "", "own 2" }));
}

void tst_GruvServer::broadcastCountsWhoAccepted()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 2> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 2);
    GruvSocket *strict = server.clients().first();
    GruvSocketOptions options = strict->options();
    options.maximumMessageSize = 4;
    strict->setOptions(options);
    QSignalSpy refused(strict, &GruvSocket::errorOccurred);
    QCOMPARE(server.broadcast("four"), 2);
    QCOMPARE(server.broadcast("fives"), 1);
    QCOMPARE(refused.size(), 1);
    QCOMPARE(strict->error(), GruvSocket::Error::MessageTooLarge);
    QCOMPARE(server.clientCount(), 2);
}

void tst_GruvServer::disconnectClientClosesOneGracefully()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 2> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 2);
    GruvSocket *leaver = server.clients().first();
    GruvSocket &client = leaver->peerPort() == clients[0].localPort() ? clients[0] : clients[1];
    Messages got;
    collect(&client, &got);
    QVERIFY(!server.disconnectClient(0));
    const quint64 id = leaver->connectionId();
    const QByteArray large(2 << 20, 'x');
    QVERIFY(leaver->sendMessage(large));
    QVERIFY(server.disconnectClient(id));
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(got, Messages{ large });
    QCOMPARE(client.error(), GruvSocket::Error::NoError);
    QTRY_COMPARE(server.clientCount(), 1);
    QVERIFY(!server.disconnectClient(id));
    QCOMPARE(server.broadcast("still here"), 1);
}

QTEST_GUILESS_MAIN(tst_GruvServer)
#include "tst_gruvserver.moc"
