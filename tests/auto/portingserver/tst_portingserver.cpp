// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtTest/qtest.h>

#include <rawpeer.h>
#include <servertools.h>
#include <threadtools.h>

// The porting table, functions and ServerBase: each function has the line of gruv-socks in a
// comment and does the same.
class tst_PortingServer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void echoCallback();
    void serverTest();
    void serverDebug();
    void serverStart();
    void serverStartDefaultAddress();
    void serverStartBlocking();
    void serverStop();
    void serverDestructor();
    void usageEchoServerAndClient();
};

using RawPeer::frame;
using ReadStatus = GruvSocket::ReadStatus;

static const QHostAddress Loopback(QHostAddress::LocalHost);

// server.start(echo_callback, port)
void tst_PortingServer::echoCallback()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    QTcpSocket peer; // as gruv-socks has it on the wire
    peer.connectToHost(Loopback, server.serverPort());
    peer.write(frame("one") + frame("") + frame("two"));
    QTRY_COMPARE(peer.bytesAvailable(), 18);
    QCOMPARE(peer.readAll(), frame("one") + frame("") + frame("two"));
}

// print(server_test())
void tst_PortingServer::serverTest()
{
    QCOMPARE(Gruv::selfTest(), "If you see this message, that means gruv_socks is working!");
}

// server = ServerBase(debug=True)
void tst_PortingServer::serverDebug()
{
    const ServerTools::MessageLog log;
    GruvServer server;
    QCOMPARE(server.isDebug(), false);
    server.setDebug(true);
    QCOMPARE(server.isDebug(), true);
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    server.stop();
    QVERIFY(log.has(QStringLiteral("handlers serve from here on")));
    QVERIFY(log.has(QStringLiteral("listening on 127.0.0.1:")));
    QVERIFY(log.has(QStringLiteral("no longer listening")));
}

// server.start(callback, port, address="127.0.0.1", blocking=False)
void tst_PortingServer::serverStart()
{
    GruvServer server;
    const auto callback = [](const GruvPeer &addr, GruvSocket &sock) {
        sock.sendText(addr.address.toString() + u' ' + QString::number(addr.port));
    };
    QVERIFY(server.start(callback, 0, Loopback, GruvServer::StartMode::Background));
    GruvSocket sock;
    QVERIFY(ServerTools::connectTo(&sock, server));
    QCOMPARE(sock.read().data, "127.0.0.1 " + QByteArray::number(sock.localPort()));
}

// server.start(callback, port)  # address="0.0.0.0"
void tst_PortingServer::serverStartDefaultAddress()
{
    QTcpServer other; // keeps the port, so that this test never listens beyond loopback
    QVERIFY(other.listen(Loopback));
    GruvServer server;
    QVERIFY(!server.start(Gruv::echoHandler, other.serverPort()));
    QCOMPARE(server.error(), GruvServer::Error::AddressInUse);
    const QString place = QStringLiteral("0.0.0.0:%1:").arg(other.serverPort());
    QVERIFY2(server.errorString().contains(place), qPrintable(server.errorString()));
}

// server.start(callback, port, blocking=True)
void tst_PortingServer::serverStartBlocking()
{
    GruvServer server;
    GruvSocket sock;
    connect(&server, &GruvServer::listeningChanged, &sock, [&](bool listening) {
        if (listening)
            sock.connectToHost(Loopback, server.serverPort());
    });
    const auto callback = [&](const GruvPeer &, GruvSocket &) { server.stop(); };
    ThreadTools::Watchdog watchdog([&] { server.stop(); });
    QVERIFY(server.start(callback, 0, Loopback, GruvServer::StartMode::Blocking));
    QVERIFY(watchdog.rest());
    QVERIFY(!server.isListening());
}

// server.stop()
void tst_PortingServer::serverStop()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    const quint16 port = server.serverPort();
    server.stop();
    QVERIFY(!server.isListening());
    QVERIFY(server.start(Gruv::echoHandler, port, Loopback)); // the port is free again
}

// del server
void tst_PortingServer::serverDestructor()
{
    auto server = std::make_unique<GruvServer>();
    QVERIFY(server->start(Gruv::echoHandler, 0, Loopback));
    GruvSocket sock;
    QVERIFY(ServerTools::connectTo(&sock, *server));
    const quint16 port = server->serverPort();
    server.reset();
    QCOMPARE(sock.read().status, ReadStatus::Error);
    QVERIFY(GruvServer().start(Gruv::echoHandler, port, Loopback));
}

// Both scripts of "Usage", whole.
void tst_PortingServer::usageEchoServerAndClient()
{
    QMutex mutex;
    QStringList printed;
    GruvServer server;
    const auto callback = [&](const GruvPeer &addr, GruvSocket &sock) {
        const auto [status, data] = sock.read();
        if (status != ReadStatus::Ok)
            return;
        const QMutexLocker lock(&mutex);
        printed.append(addr.address.toString() + QStringLiteral(" said: ")
                       + QString::fromUtf8(data));
        sock.sendMessage(data);
    };
    QVERIFY(server.start(callback, 0, Loopback));
    GruvSocket sock;
    sock.connectToHost(QStringLiteral("localhost"), server.serverPort());
    QVERIFY(sock.waitForConnected());
    QVERIFY(sock + "Hello world!");
    QCOMPARE(sock.read().data, "Hello world!");
    sock.disconnectFromHost();
    QVERIFY(sock.waitForDisconnected());
    const QMutexLocker lock(&mutex);
    QCOMPARE(printed, QStringList{ QStringLiteral("127.0.0.1 said: Hello world!") });
}

QTEST_GUILESS_MAIN(tst_PortingServer)
#include "tst_portingserver.moc"
