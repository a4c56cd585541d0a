// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtTest/qtest.h>

#include <rawpeer.h>
#include <servertools.h>
#include <threadtools.h>

// The porting table, SOCK_* and Socket: each function has the line of gruv-socks in a comment and
// does the same.
class tst_Porting : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void sockError();
    void sockTimeout();

    void socketOfASocket();
    void socketWithTimeoutAndDebug();
    void socketTimeout();
    void socketDebug();
    void socketStr();
    void socketPlusBytes();
    void socketPlusStr();
    void socketConnect();
    void socketRead();
    void socketReadTimeoutOverride();
    void socketWriteBytes();
    void socketWriteStr();
    void socketDisconnect();
    void socketDestructor();
};

using namespace std::chrono_literals;
using RawPeer::frame;
using ReadStatus = GruvSocket::ReadStatus;

static const QHostAddress Loopback(QHostAddress::LocalHost);

// if status is False and data == SOCK_ERROR:
void tst_Porting::sockError()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    auto peer = listener.connect(&sock);
    QVERIFY(peer);
    peer.reset();
    const auto [status, data] = sock.read();
    QVERIFY(status == ReadStatus::Error);
    QVERIFY(data.isEmpty());
}

// elif status is False and data == SOCK_TIMEOUT:
void tst_Porting::sockTimeout()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    sock.setTimeout(20ms);
    const auto [status, data] = sock.read();
    QVERIFY(status == ReadStatus::Timeout);
    QCOMPARE(sock.state(), QAbstractSocket::ConnectedState);
}

// sock = Socket(sock=existing)
void tst_Porting::socketOfASocket()
{
    RawPeer::Listener listener;
    auto *existing = new QTcpSocket; // the new object owns it
    existing->connectToHost(Loopback, listener.port());
    const auto peer = listener.accept();
    QVERIFY(peer && existing->waitForConnected());
    GruvSocket sock(existing);
    peer->write(frame("to the new owner"));
    QCOMPARE(sock.read().data, "to the new owner");
    QVERIFY(sock.sendMessage("back"));
    QTRY_COMPARE(peer->bytesAvailable(), 8);
    QCOMPARE(peer->readAll(), frame("back"));
}

// sock = Socket(timeout=5, debug=True)
void tst_Porting::socketWithTimeoutAndDebug()
{
    GruvSocket sock;
    QCOMPARE(sock.timeout(), 60s); // the same defaults
    QCOMPARE(sock.isDebug(), false);
    GruvSocketOptions options;
    options.timeout = 5s;
    options.debug = true;
    sock.setOptions(options);
    QCOMPARE(sock.timeout(), 5s);
    QCOMPARE(sock.isDebug(), true);
}

// sock.timeout = 5
void tst_Porting::socketTimeout()
{
    GruvSocket sock;
    sock.setTimeout(5s);
    QCOMPARE(sock.timeout(), 5s);
}

// sock.debug = True
void tst_Porting::socketDebug()
{
    QTcpSocket bound; // its port is taken, so no other test listens there
    QVERIFY(bound.bind(Loopback));
    const quint16 port = bound.localPort();
    const ServerTools::MessageLog log;
    GruvSocket sock;
    sock.setDebug(true);
    sock.connectToHost(QStringLiteral("127.0.0.1"), port);
    QVERIFY(!sock.waitForConnected());
    const QString place = QStringLiteral("127.0.0.1:") + QString::number(port);
    QVERIFY(log.has(QStringLiteral("connecting to ") + place));
    QVERIFY(log.has(QStringLiteral("cannot connect to %1: Connection refused").arg(place)));
    QCOMPARE(log.of("gruv.socket"), log.lines());

    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    QVERIFY(ServerTools::connectTo(&sock, server));
    QVERIFY(sock.sendMessage("secret") && sock.read());
    sock.disconnectFromHost();
    QVERIFY(sock.waitForDisconnected());
    for (const char *step : { "connected to 127.0.0.1", "sending a frame of 10 bytes",
                              "received a message of 6 bytes", "closing", "connection ended" })
        QVERIFY2(log.has(QLatin1String(step)), step);
    QVERIFY(!log.has(QStringLiteral("secret"))); // sizes, never payload
}

// print(str(sock))
void tst_Porting::socketStr()
{
    GruvSocket sock;
    sock.setTimeout(5s);
    sock.setDebug(true);
    const QString text = sock.toString();
    QCOMPARE(text, QStringLiteral("GruvSocket(no peer, UnconnectedState, timeout=5000 ms, "
                                  "debug=true)"));
    QTest::ignoreMessage(QtInfoMsg, qPrintable(text));
    qInfo() << sock;
}

// sock + b"Hello world!"
void tst_Porting::socketPlusBytes()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    QVERIFY(!(sock + QByteArray("not connected")));
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    QVERIFY(sock + QByteArray("Hello\0world!", 12));
    QTRY_COMPARE(peer->bytesAvailable(), 16);
    QCOMPARE(peer->readAll(), frame(QByteArray("Hello\0world!", 12)));
}

// sock + "Hello wörld!"
void tst_Porting::socketPlusStr()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    QVERIFY(!(sock + "not connected"));
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    QVERIFY(sock + "literal");
    QVERIFY(sock + QStringLiteral("w\u00f6rld"));
    sock << "chained" << QStringLiteral("\u00e9") << QByteArray("bytes");
    const QByteArray expected = frame("literal") + frame("w\xc3\xb6rld") + frame("chained")
                                + frame("\xc3\xa9") + frame("bytes");
    QTRY_COMPARE(peer->bytesAvailable(), expected.size());
    QCOMPARE(peer->readAll(), expected);
}

// ok = sock.connect("localhost", port)
void tst_Porting::socketConnect()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    GruvSocket sock;
    sock.connectToHost(QStringLiteral("localhost"), server.serverPort());
    bool ok = sock.waitForConnected();
    QVERIFY(ok);
    server.stop();
    QVERIFY(sock.waitForDisconnected());
    QTcpSocket bound; // its port is taken, and nobody listens there
    QVERIFY(bound.bind(Loopback));
    sock.connectToHost(QStringLiteral("localhost"), bound.localPort());
    ok = sock.waitForConnected();
    QVERIFY(!ok);
    QCOMPARE(sock.error(), GruvSocket::Error::ConnectionRefused);
}

// status, data = sock.read()
void tst_Porting::socketRead()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    peer->write(frame("data"));
    const auto [status, data] = sock.read();
    QCOMPARE(status, ReadStatus::Ok);
    QCOMPARE(data, "data");
    peer->write(frame("more"));
    if (const auto result = sock.read())
        QCOMPARE(result.data, "more");
    else
        QFAIL("a result of status Ok is true");
}

// status, data = sock.read(timeout_override=1)
void tst_Porting::socketReadTimeoutOverride()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    QElapsedTimer clock;
    clock.start();
    const auto [status, data] = sock.read(30ms);
    QCOMPARE(status, ReadStatus::Timeout);
    QVERIFY(clock.elapsed() >= 30);
    QVERIFY(clock.elapsed() < ThreadTools::Patience);
    QCOMPARE(sock.timeout(), 60s); // for this one call
    sock.setTimeout(1ms);
    connect(peer.get(), &QTcpSocket::readyRead, peer.get(),
            [&] { peer->write(frame(peer->readAll())); });
    QVERIFY(sock.sendMessage("ping"));
    QCOMPARE(sock.read(10s).data, frame("ping")); // it prolongs as well
}

// ok = sock.write(b"\x00\xff")
void tst_Porting::socketWriteBytes()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    QVERIFY(!sock.sendMessage("not connected"));
    QCOMPARE(sock.error(), GruvSocket::Error::NotConnected);
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    const bool ok = sock.sendMessage(QByteArray("\x00\xff", 2));
    QVERIFY(ok);
    QTRY_COMPARE(peer->bytesAvailable(), 6);
    QCOMPARE(peer->readAll(), QByteArray("\x00\x00\x00\x02\x00\xff", 6));
}

// ok = sock.write("wörld")
void tst_Porting::socketWriteStr()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    const bool ok = sock.sendText(QStringLiteral("w\u00f6rld"));
    QVERIFY(ok);
    QTRY_COMPARE(peer->bytesAvailable(), 10);
    QCOMPARE(peer->readAll(), QByteArray("\x00\x00\x00\x06w\xc3\xb6rld", 10));
}

// What the peer has when the connection is over, which must end with FIN.
static QByteArray everythingUntilFin(QTcpSocket *peer)
{
    if (!QTest::qWaitFor([&] { return peer->state() == QAbstractSocket::UnconnectedState; }))
        return "still connected";
    return peer->error() == QAbstractSocket::RemoteHostClosedError ? peer->readAll() : "reset";
}

// sock.disconnect()
void tst_Porting::socketDisconnect()
{
    RawPeer::Listener listener;
    GruvSocket sock;
    const auto peer = listener.connect(&sock);
    QVERIFY(peer);
    const QByteArray large(4 << 20, 'l');
    QVERIFY(sock.sendMessage(large));
    sock.disconnectFromHost();
    QVERIFY(everythingUntilFin(peer.get()) == frame(large));
    QVERIFY(sock.waitForDisconnected());
    QVERIFY(!sock.sendMessage("too late"));
}

// del sock
void tst_Porting::socketDestructor()
{
    RawPeer::Listener listener;
    auto sock = std::make_unique<GruvSocket>();
    const auto peer = listener.connect(sock.get());
    QVERIFY(peer);
    QVERIFY(sock->sendMessage("last words"));
    sock.reset();
    QCOMPARE(everythingUntilFin(peer.get()), frame("last words"));
}

QTEST_GUILESS_MAIN(tst_Porting)
#include "tst_porting.moc"
