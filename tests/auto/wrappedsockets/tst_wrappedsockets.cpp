// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>
#include <story.h>

#include <algorithm>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

// Sockets that stay what they are when they are adopted: Qt reads and writes them.
class tst_WrappedSockets : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void descriptorIsOfTheConnection_data() { kinds(); }
    void descriptorIsOfTheConnection();
    void bothWays_data() { kinds(); }
    void bothWays();
    void gracefulCloseLosesNothing_data() { kinds(); }
    void gracefulCloseLosesNothing();
    void gracefulCloseAgainstASilentPeerEnds_data() { kinds(); }
    void gracefulCloseAgainstASilentPeerEnds();
    void gracefulCloseToAPeerThatDoesNotReadTimesOut_data() { kinds(); }
    void gracefulCloseToAPeerThatDoesNotReadTimesOut();
    void halfClosedPeerEndsItAtOnce();
    void unbufferedOneWhosePeerHasGone_data();
    void unbufferedOneWhosePeerHasGone();
    void deadOneIsLeftToItsSlot();
    void deadOneGoesWithoutAnEventLoop();

private:
    static void kinds();
};

namespace {

using RawPeer::frame;

enum class Kind { Plain, Derived, StillWriting, Socks, Http };

class DerivedSocket : public QTcpSocket
{
    Q_OBJECT
};

void setBuffer(qintptr descriptor, int option, int size)
{
    ::setsockopt(int(descriptor), SOL_SOCKET, option, &size, sizeof size);
}

// What a proxy says until the connection is there.
bool playProxy(QTcpSocket *peer, Kind kind)
{
    struct Step
    {
        int asked; // bytes
        QByteArray answer;
    };
    const QList<Step> socks = { { 3, QByteArray("\5\0", 2) },
                                { 10, QByteArray("\5\0\0\1\x7f\0\0\1\0\x50", 10) } };
    const QList<Step> http = { { 40, "HTTP/1.1 200 OK\r\n\r\n" } };
    const QList<Step> steps = kind == Kind::Socks  ? socks
                              : kind == Kind::Http ? http
                                                   : QList<Step>();
    return std::all_of(steps.begin(), steps.end(), [peer](const Step &step) {
        const bool isAsked = QTest::qWaitFor([&] { return peer->bytesAvailable() >= step.asked; });
        peer->readAll();
        return isAsked && peer->write(step.answer) > 0;
    });
}

// A connection whose near end is of a kind; the far end takes little unless it reads.
struct Link
{
    explicit Link(Kind kind);

    std::unique_ptr<QTcpSocket> peer;
    std::unique_ptr<GruvSocket> socket; // null: no connection came up
    QByteArray written;                 // before it was adopted
};

Link::Link(Kind kind)
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    setBuffer(server.socketDescriptor(), SO_RCVBUF, 4096); // accepted ones inherit it
    auto client = kind == Kind::Derived ? std::make_unique<DerivedSocket>()
                                        : std::make_unique<QTcpSocket>();
    const QString host = QStringLiteral("127.0.0.1");
    if (kind == Kind::Socks)
        client->setProxy({ QNetworkProxy::Socks5Proxy, host, server.serverPort() });
    else if (kind == Kind::Http)
        client->setProxy({ QNetworkProxy::HttpProxy, host, server.serverPort() });
    client->connectToHost(host, server.serverPort());
    if (!QTest::qWaitFor([&] { return server.hasPendingConnections(); }))
        return;
    peer.reset(server.nextPendingConnection());
    peer->setParent(nullptr);
    if (!playProxy(peer.get(), kind)
        || !QTest::qWaitFor([&] { return client->state() == QAbstractSocket::ConnectedState; }))
        return;
    peer->setReadBufferSize(1);
    if (kind == Kind::StillWriting) {
        setBuffer(client->socketDescriptor(), SO_SNDBUF, 4096);
        written = frame(QByteArray(60'000, 'w'));
        client->write(written);
    }
    socket = std::make_unique<GruvSocket>(client.release());
    setBuffer(socket->socketDescriptor(), SO_SNDBUF, 400'000);
}

} // namespace

void tst_WrappedSockets::kinds()
{
    QTest::addColumn<Kind>("kind");
    QTest::newRow("plain") << Kind::Plain;
    QTest::newRow("derived") << Kind::Derived;
    QTest::newRow("still-writing") << Kind::StillWriting;
    QTest::newRow("socks") << Kind::Socks;
    QTest::newRow("http") << Kind::Http;
}

void tst_WrappedSockets::descriptorIsOfTheConnection()
{
    QFETCH(const Kind, kind);
    const Link link(kind);
    QVERIFY(link.socket);
    sockaddr_in local = {};
    socklen_t size = sizeof local;
    QCOMPARE(::getsockname(int(link.socket->socketDescriptor()),
                           reinterpret_cast<sockaddr *>(&local), &size),
             0);
    QCOMPARE(ntohs(local.sin_port), link.peer->peerPort());
}

void tst_WrappedSockets::bothWays()
{
    QFETCH(const Kind, kind);
    Link link(kind);
    QVERIFY(link.socket);
    link.peer->setReadBufferSize(0);
    const QByteArray large(3 << 20, 'L');
    QVERIFY(link.socket->sendMessage(large));
    const qint64 size = link.written.size() + 4 + large.size();
    QTRY_COMPARE(link.peer->bytesAvailable(), size);
    QVERIFY(link.peer->readAll() == link.written + frame(large));
    QTRY_COMPARE(link.socket->bytesToWrite(), 0);
    link.peer->write(frame(large));
    QVERIFY(link.socket->read().data == large);
}

/*
    The system has every byte and the peer has not; then the peer sends. A close at this time is
   RST, and the peer never gets the rest.
*/
void tst_WrappedSockets::gracefulCloseLosesNothing()
{
    QFETCH(const Kind, kind);
    Link link(kind);
    QVERIFY(link.socket);
    const Story story(link.socket.get());
    QByteArray expected = link.written;
    for (int i = 0; i < 10; ++i) {
        QVERIFY(link.socket->sendMessage(QByteArray(10'000, char('a' + i))));
        expected += frame(QByteArray(10'000, char('a' + i)));
    }
    link.socket->disconnectFromHost();
    QTRY_COMPARE(link.socket->bytesToWrite(), 0);
    link.peer->write(frame("meanwhile"));
    QVERIFY(link.peer->flush());
    QCOMPARE(story.text(), QString());
    link.peer->setReadBufferSize(0);
    QTRY_COMPARE(link.peer->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(link.peer->error(), QAbstractSocket::RemoteHostClosedError);
    QVERIFY(link.peer->readAll() == expected);
    QTRY_COMPARE(story.text(), QStringLiteral("disconnected"));
    QCOMPARE(link.socket->disconnectReason().unsentBytes, 0);
    QCOMPARE(link.socket->disconnectReason().unacknowledgedBytes, 0);
}

// The peer's system acknowledges, but the peer stays open.
void tst_WrappedSockets::gracefulCloseAgainstASilentPeerEnds()
{
    QFETCH(const Kind, kind);
    Link link(kind);
    QVERIFY(link.socket);
    const Story story(link.socket.get());
    link.peer->setReadBufferSize(0);
    QTRY_COMPARE(link.socket->bytesToWrite(), 0);
    const int copy = ::dup(int(link.peer->socketDescriptor())); // keeps it open
    QVERIFY(link.socket->sendMessage("last"));
    link.socket->disconnectFromHost();
    QVERIFY(link.socket->waitForDisconnected(std::chrono::seconds(5)));
    QCOMPARE(story.text(), QStringLiteral("disconnected"));
    ::close(copy);
}

// With RST, for a frame is cut.
void tst_WrappedSockets::gracefulCloseToAPeerThatDoesNotReadTimesOut()
{
    QFETCH(const Kind, kind);
    Link link(kind);
    QVERIFY(link.socket);
    GruvSocketOptions options;
    options.closeTimeout = std::chrono::milliseconds(100);
    link.socket->setOptions(options);
    const Story story(link.socket.get());
    QVERIFY(link.socket->sendMessage(QByteArray(16 << 20, 'x')));
    link.socket->disconnectFromHost();
    QVERIFY(link.socket->waitForDisconnected());
    QCOMPARE(story.text(), QStringLiteral("CloseTimeout disconnected"));
    QVERIFY(link.socket->disconnectReason().unsentBytes > 0);
    int error = 0;
    socklen_t size = sizeof error;
    QCOMPARE(::getsockopt(int(link.peer->socketDescriptor()), SOL_SOCKET, SO_ERROR, &error, &size),
             0);
    QCOMPARE(error, ECONNRESET);
}

// Qt closes its descriptor at the peer's end: what it had not sent is lost, and said so.
void tst_WrappedSockets::halfClosedPeerEndsItAtOnce()
{
    Link link(Kind::Derived);
    QVERIFY(link.socket);
    const Story story(link.socket.get());
    connect(link.socket.get(), &GruvSocket::messageReceived, this,
            [&link] { link.socket->sendMessage(QByteArray(15'000, 'a')); });
    setBuffer(link.socket->socketDescriptor(), SO_SNDBUF, 4096); // Qt's buffer has the rest
    link.peer->write(frame("ask") + frame("ask again"));
    QVERIFY(link.peer->flush());
    ::shutdown(int(link.peer->socketDescriptor()), SHUT_WR);
    QTRY_COMPARE(link.socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(story.text(), QStringLiteral("NetworkError disconnected"));
    QVERIFY(link.socket->disconnectReason().unsentBytes > 0);
}

void tst_WrappedSockets::unbufferedOneWhosePeerHasGone_data()
{
    QTest::addColumn<Kind>("kind");
    QTest::newRow("plain") << Kind::Plain;
    QTest::newRow("derived") << Kind::Derived;
}

// It is while it is taken over that Qt sees the end.
void tst_WrappedSockets::unbufferedOneWhosePeerHasGone()
{
    QFETCH(const Kind, kind);
    RawPeer::Listener listener;
    auto taken = kind == Kind::Derived ? std::make_unique<DerivedSocket>()
                                       : std::make_unique<QTcpSocket>();
    taken->connectToHost(QHostAddress(QHostAddress::LocalHost), listener.port(),
                         QIODevice::ReadWrite | QIODevice::Unbuffered);
    const auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(taken->state(), QAbstractSocket::ConnectedState);
    peer->write(frame("last"));
    QVERIFY(peer->flush());
    peer->disconnectFromHost();
    GruvSocket socket(taken.release());
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    const Story story(&socket);
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    QTRY_COMPARE(story.text(), QStringLiteral("disconnected"));
    QCOMPARE(messages.size(), 1);
    QCOMPARE(messages[0][0].toByteArray(), QByteArray("last"));
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

// Has the peer of a socket that is just connected reset the connection, unseen by Qt so far.
static bool loseThePeer(QTcpServer *server, QTcpSocket *socket)
{
    const bool isThere = server->hasPendingConnections() || server->waitForNewConnection(5000);
    if (isThere)
        RawPeer::reset(server->nextPendingConnection());
    QTest::ignoreMessage(QtWarningMsg, "GruvSocket: the QTcpSocket to take over is not connected");
    return isThere && socket->write("to nobody") > 0;
}

void tst_WrappedSockets::deadOneIsLeftToItsSlot()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QPointer<QTcpSocket> taken = new QTcpSocket;
    QEventLoop loop;
    connect(taken.data(), &QTcpSocket::connected, &loop, [&] {
        loop.quit();
        QVERIFY(loseThePeer(&server, taken));
        const auto socket = std::make_unique<GruvSocket>(taken.data());
        QCOMPARE(socket->state(), QAbstractSocket::UnconnectedState);
        QVERIFY(taken);
    });
    taken->connectToHost(server.serverAddress(), server.serverPort());
    loop.exec();
    QTRY_VERIFY(!taken);
}

void tst_WrappedSockets::deadOneGoesWithoutAnEventLoop()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QPointer<QTcpSocket> taken = new QTcpSocket;
    taken->connectToHost(server.serverAddress(), server.serverPort());
    QVERIFY(taken->waitForConnected(5000));
    QVERIFY(loseThePeer(&server, taken));
    {
        const GruvSocket socket(taken.data());
        QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    }
    QVERIFY(!taken);
}

QTEST_GUILESS_MAIN(tst_WrappedSockets)
#include "tst_wrappedsockets.moc"
