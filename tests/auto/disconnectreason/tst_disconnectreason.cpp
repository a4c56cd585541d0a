// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qdebug.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>

#include <cerrno>

using namespace std::chrono_literals;
using EndedBy = GruvDisconnectReason::EndedBy;
using Error = GruvSocket::Error;
using Protocol = GruvDisconnectReason::Protocol;
using Stage = GruvDisconnectReason::Stage;
using RawPeer::frame;

// GruvSocket::disconnectReason(): who ended a connection, in what stage, what is lost.
class tst_DisconnectReason : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void nothingYet();
    void peerEnds_data();
    void peerEnds();
    void thisEndEnds_data();
    void thisEndEnds();
    void deadlines_data();
    void deadlines();
    void foreignProtocols_data();
    void foreignProtocols();
    void refusedAndUnknown();
    void peerThatOnlyStoppedSending();
    void unsentBytes();
    void validInSlotsAndUntilTheNextConnection();
    void refusalsLeaveIt();
    void toDebug();
};

namespace {

struct Pair
{
    explicit Pair(const GruvSocketOptions &options = {})
    {
        socket.setOptions(options);
        peer = listener.connect(&socket);
    }
    bool awaitEnd()
    {
        return QTest::qWaitFor(
                [this] { return socket.state() == QAbstractSocket::UnconnectedState; });
    }

    RawPeer::Listener listener;
    GruvSocket socket;
    std::unique_ptr<QTcpSocket> peer;
};

void compare(const GruvDisconnectReason &reason, EndedBy endedBy, Stage stage)
{
    QCOMPARE(reason.endedBy, endedBy);
    QCOMPARE(reason.stage, stage);
}

} // namespace

void tst_DisconnectReason::nothingYet()
{
    Pair pair;
    QVERIFY(pair.peer);
    compare(pair.socket.disconnectReason(), EndedBy::Nobody, Stage::Unconnected);
    compare(GruvSocket().disconnectReason(), EndedBy::Nobody, Stage::Unconnected);
}

void tst_DisconnectReason::peerEnds_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("reset");
    QTest::addColumn<Stage>("stage");
    QTest::addColumn<Error>("error");
    const QByteArray whole = frame("whole");
    QTest::newRow("fin") << QByteArray() << false << Stage::BetweenMessages << Error::NoError;
    QTest::newRow("fin-after-a-message")
            << whole << false << Stage::BetweenMessages << Error::NoError;
    QTest::newRow("fin-in-header")
            << whole + whole.left(2) << false << Stage::InsideMessage << Error::TruncatedMessage;
    QTest::newRow("fin-in-payload")
            << whole.left(6) << false << Stage::InsideMessage << Error::TruncatedMessage;
    QTest::newRow("reset") << QByteArray() << true << Stage::BetweenMessages
                           << Error::ConnectionReset;
    QTest::newRow("reset-in-payload")
            << whole.left(6) << true << Stage::InsideMessage << Error::ConnectionReset;
}

void tst_DisconnectReason::peerEnds()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, reset);
    QFETCH(Stage, stage);
    Pair pair;
    QVERIFY(pair.peer);
    QSignalSpy messages(&pair.socket, &GruvSocket::messageReceived);
    pair.peer->write(bytes);
    pair.peer->flush();
    QTRY_COMPARE(pair.socket.statistics().bytesReceived, bytes.size());
    if (reset)
        RawPeer::reset(pair.peer.get());
    else
        pair.peer->disconnectFromHost();
    QVERIFY(pair.awaitEnd());
    const GruvDisconnectReason reason = pair.socket.disconnectReason();
    compare(reason, EndedBy::Peer, stage);
    QTEST(pair.socket.error(), "error");
    QCOMPARE(reason.osError, reset ? ECONNRESET : 0);
    QCOMPARE(reason.osErrorString, reset ? qt_error_string(ECONNRESET) : QString());
    QCOMPARE(reason.unsentBytes, 0);
    QCOMPARE(reason.unacknowledgedBytes, 0);
}

void tst_DisconnectReason::thisEndEnds_data()
{
    QTest::addColumn<bool>("abort");
    QTest::addColumn<bool>("up");
    QTest::addColumn<Stage>("stage");
    QTest::newRow("disconnect") << false << true << Stage::Closing;
    QTest::newRow("abort") << true << true << Stage::BetweenMessages;
    QTest::newRow("disconnect-while-connecting") << false << false << Stage::Connecting;
    QTest::newRow("abort-while-connecting") << true << false << Stage::Connecting;
}

void tst_DisconnectReason::thisEndEnds()
{
    QFETCH(bool, abort);
    QFETCH(bool, up);
    QFETCH(Stage, stage);
    RawPeer::Listener listener;
    GruvSocket socket;
    Encryption::connect(&socket, listener.port());
    if (up)
        QVERIFY(socket.waitForConnected());
    if (abort)
        socket.abort();
    else
        socket.disconnectFromHost();
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    compare(socket.disconnectReason(), EndedBy::ThisEnd, stage);
    QCOMPARE(socket.error(), Error::NoError);
}

void tst_DisconnectReason::deadlines_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<std::chrono::milliseconds GruvSocketOptions::*>("deadline");
    QTest::addColumn<Stage>("stage");
    QTest::addColumn<Error>("error");
    const QByteArray part = frame("part").left(6);
    QTest::newRow("idle") << QByteArray() << &GruvSocketOptions::idleTimeout
                          << Stage::BetweenMessages << Error::IdleTimeout;
    QTest::newRow("message") << part << &GruvSocketOptions::messageTimeout << Stage::InsideMessage
                             << Error::MessageTimeout;
    QTest::newRow("first-message-silent") << QByteArray() << &GruvSocketOptions::firstMessageTimeout
                                          << Stage::BetweenMessages << Error::MessageTimeout;
    QTest::newRow("first-message-begun") << part << &GruvSocketOptions::firstMessageTimeout
                                         << Stage::InsideMessage << Error::MessageTimeout;
}

void tst_DisconnectReason::deadlines()
{
    QFETCH(QByteArray, bytes);
    using Deadline = std::chrono::milliseconds GruvSocketOptions::*;
    QFETCH(Deadline, deadline);
    QFETCH(Stage, stage);
    GruvSocketOptions options;
    options.*deadline = 60ms;
    Pair pair(options);
    QVERIFY(pair.peer);
    pair.peer->write(bytes);
    QVERIFY(pair.awaitEnd());
    compare(pair.socket.disconnectReason(), EndedBy::Deadline, stage);
    QTEST(pair.socket.error(), "error");
}

void tst_DisconnectReason::foreignProtocols_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<Protocol>("protocol");
    QTest::newRow("http") << QByteArray("GET / HTTP/1.1\r\n\r\n") << Protocol::Http;
    QTest::newRow("http2") << QByteArray("PRI * HTTP/2.0\r\n") << Protocol::Http;
    QTest::newRow("tls") << QByteArray("\x16\x03\x01\x02\x00\x01", 6) << Protocol::Tls;
    QTest::newRow("ssh") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n") << Protocol::Ssh;
    QTest::newRow("gzip") << QByteArray("\x1f\x8b\x08\x00", 4) << Protocol::Gzip;
    QTest::newRow("proxy") << QByteArray("PROXY TCP4 ") << Protocol::Proxy;
    QTest::newRow("proxy2") << QByteArray("\r\n\r\n\0\r\nQUIT\n", 12) << Protocol::Proxy;
    QTest::newRow("text") << QByteArray("hello\n") << Protocol::Text;
    QTest::newRow("ff") << QByteArray("\xff\xff\xff\xff") << Protocol::Unknown;
}

void tst_DisconnectReason::foreignProtocols()
{
    QFETCH(QByteArray, bytes);
    Pair pair;
    QVERIFY(pair.peer);
    QSignalSpy messages(&pair.socket, &GruvSocket::messageReceived);
    pair.peer->write(bytes);
    QVERIFY(pair.awaitEnd());
    QCOMPARE(pair.socket.error(), Error::IncomingMessageTooLarge);
    compare(pair.socket.disconnectReason(), EndedBy::Peer, Stage::InsideMessage);
    QTEST(pair.socket.disconnectReason().protocol, "protocol");
}

void tst_DisconnectReason::refusedAndUnknown()
{
    QTcpSocket bound; // its port is taken, so no other test listens there
    QVERIFY(bound.bind(QHostAddress::LocalHost));
    GruvSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, bound.localPort());
    QVERIFY(!socket.waitForConnected());
    compare(socket.disconnectReason(), EndedBy::Peer, Stage::Connecting);
    QCOMPARE(socket.disconnectReason().osErrorString, QStringLiteral("Connection refused"));
    socket.connectToHost(QString(70, u'x'), 1);
    QVERIFY(!socket.waitForConnected(20s));
    compare(socket.disconnectReason(), EndedBy::Network, Stage::Connecting);
}

// It was the peer who began to close, even if our last answers went out after that.
void tst_DisconnectReason::peerThatOnlyStoppedSending()
{
    Pair pair;
    QVERIFY(pair.peer);
    pair.socket.sendMessage(QByteArray(12 << 20, 'a'));
    QVERIFY(pair.socket.bytesToWrite() > 0);
    ::shutdown(int(pair.peer->socketDescriptor()), SHUT_WR);
    QTRY_COMPARE(pair.socket.state(), QAbstractSocket::ClosingState);
    qint64 read = 0;
    QVERIFY(QTest::qWaitFor([&] {
        read += pair.peer->readAll().size();
        return pair.socket.state() == QAbstractSocket::UnconnectedState;
    }));
    compare(pair.socket.disconnectReason(), EndedBy::Peer, Stage::Closing);
    QCOMPARE(pair.socket.errorString(), QStringLiteral("the peer closed the connection"));
}

// What the system has and what it has not add up to what was sent and not acknowledged.
void tst_DisconnectReason::unsentBytes()
{
    Pair pair;
    QVERIFY(pair.peer);
    pair.peer->setReadBufferSize(1);
    const QByteArray large(12 << 20, 'u');
    QVERIFY(pair.socket.sendMessage(large));
    QVERIFY(!pair.socket.waitForMessagesWritten(200ms));
    const qint64 waiting = pair.socket.bytesToWrite();
    QVERIFY(waiting > 0);
    pair.socket.abort();
    const GruvDisconnectReason reason = pair.socket.disconnectReason();
    QCOMPARE(reason.unsentBytes, waiting);
#if defined(Q_OS_LINUX)
    QVERIFY(reason.unacknowledgedBytes > 0);
    QVERIFY(reason.unsentBytes + reason.unacknowledgedBytes <= large.size() + 4);
#endif
}

void tst_DisconnectReason::validInSlotsAndUntilTheNextConnection()
{
    Pair pair;
    QVERIFY(pair.peer);
    QList<EndedBy> seen;
    const auto look = [&] { seen.append(pair.socket.disconnectReason().endedBy); };
    connect(&pair.socket, &GruvSocket::errorOccurred, this, look);
    connect(&pair.socket, &GruvSocket::disconnected, this, look);
    RawPeer::reset(pair.peer.get());
    QVERIFY(pair.awaitEnd());
    QCOMPARE(seen, (QList<EndedBy>{ EndedBy::Peer, EndedBy::Peer }));
    pair.socket.connectToHost(QHostAddress::LocalHost, pair.listener.port());
    compare(pair.socket.disconnectReason(), EndedBy::Nobody, Stage::Unconnected);
}

void tst_DisconnectReason::refusalsLeaveIt()
{
    Pair pair;
    QVERIFY(pair.peer);
    RawPeer::reset(pair.peer.get());
    QVERIFY(pair.awaitEnd());
    QVERIFY(!pair.socket.sendMessage("too late"));
    QCOMPARE(pair.socket.error(), Error::ConnectionReset);
    compare(pair.socket.disconnectReason(), EndedBy::Peer, Stage::BetweenMessages);
}

void tst_DisconnectReason::toDebug()
{
    QString text;
    QDebug(&text) << GruvDisconnectReason();
    QVERIFY2(text.startsWith(QStringLiteral("GruvDisconnectReason(")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Nobody")), qPrintable(text));
}

QTEST_GUILESS_MAIN(tst_DisconnectReason)
#include "tst_disconnectreason.moc"
