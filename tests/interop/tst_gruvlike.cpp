// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// The traps of Python's gruv_socks 0.9.8, one test each: what it does, and that we live with it.

#include "link.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qregularexpression.h>
#include <QtNetwork/qhostinfo.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class tst_Gruvlike : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void emptyWriteOfThePeerSendsNothing_data() { roles(); }
    void emptyWriteOfThePeerSendsNothing();
    void emptyMessageIsReadByThePeer_data() { roles(); }
    void emptyMessageIsReadByThePeer();
    void headerIsNeverSplit_data() { roles(); }
    void headerIsNeverSplit();
    void headerAndPayloadLeaveInOneWrite_data() { roles(); }
    void headerAndPayloadLeaveInOneWrite();
    void burstOfSmallMessagesIsRead_data() { roles(); }
    void burstOfSmallMessagesIsRead();
    void cutFrameEndsInResetNotInEndOfStream_data();
    void cutFrameEndsInResetNotInEndOfStream();
    void frameThatNeverEndsTimesOut_data();
    void frameThatNeverEndsTimesOut();
    void gapsInsideAFrameAreShort_data() { roles(); }
    void gapsInsideAFrameAreShort();
    void localhostIsReachedQuickly();
    void peerConnectsToLocalhost();
    void peerAsksEchoHandler();
    void blockingClientAsksPeersEcho();

private:
    static void roles();
    static void finish(Link &link);
    static void end(Link &link, const QByteArray &how);
};

void tst_Gruvlike::init()
{
    if (*INTEROP_PYTHON == '\0')
        QTest::qSkip("python3 was not there at configure time", __FILE__, __LINE__);
    QTest::failOnWarning(QRegularExpression(u".?"_s));
}

void tst_Gruvlike::roles()
{
    QTest::addColumn<Link::Role>("role");
    QTest::newRow("client") << Link::Role::Client;
    QTest::newRow("server") << Link::Role::Server;
    QTest::newRow("adopted") << Link::Role::Adopted;
}

// A clean close by us: no error here, end of stream there.
void tst_Gruvlike::finish(Link &link)
{
    QVERIFY(link.socket);
    link.socket->disconnectFromHost();
    QVERIFY(link.waitForEnd(30s));
    QVERIFY2(link.peer.endsWell(), link.peer.heard().constData());
    QCOMPARE(link.endings, QStringList{ u"disconnected"_s });
    QVERIFY2(link.peer.line("end").startsWith("eof"), link.peer.heard().constData());
}

void tst_Gruvlike::emptyWriteOfThePeerSendsNothing()
{
    QFETCH(Link::Role, role);
    Link link;
    QVERIFY(link.open(role, { u"say"_s, u"0"_s, u"3"_s, u"0"_s, u"0"_s, u"1"_s, u"0"_s }));
    QVERIFY2(link.waitForMessages(2, 30s), link.peer.heard().constData());
    QCOMPARE(link.peer.line("wrote"), "True True True True True True");
    finish(link);
    QCOMPARE(link.messages, (QByteArrayList{ "xxx", "x" }));
}

void tst_Gruvlike::emptyMessageIsReadByThePeer()
{
    QFETCH(Link::Role, role);
    Link link;
    QVERIFY(link.open(role, { u"answer"_s }));
    QCOMPARE(link.ask(QByteArray()), receipt(QByteArray()));
    QCOMPARE(link.ask("x"), receipt("x"));
    finish(link);
    QCOMPARE(link.peer.line("end"), "eof after 2");
}

// Each message is sent into an empty connection, as a user of gruv_socks meets it. (In a long burst
// no sender can help it: TCP may cut a segment anywhere.)
void tst_Gruvlike::headerIsNeverSplit()
{
    QFETCH(Link::Role, role);
    const QByteArray payload(100'000, '\x5a');
    Link link;
    QVERIFY(link.open(role, { u"answer"_s }));
    int count = 0;
    for (qsizetype size = 0; size <= payload.size(); size += 1 + size / 128, ++count) {
        const QByteArray message = payload.first(size);
        QCOMPARE(link.ask(message), receipt(message));
    }
    finish(link);
    QCOMPARE(link.peer.line("end"), "eof after " + QByteArray::number(count));
}

void tst_Gruvlike::headerAndPayloadLeaveInOneWrite()
{
    QFETCH(Link::Role, role);
    const QByteArray payload(2 << 20, '\x5a');
    Link link;
    QVERIFY(link.open(role, { u"whole"_s }));
    for (qsizetype size = 0; size <= payload.size(); size += 1 + size / 16) {
        const QByteArray message = payload.first(size);
        const QByteArray answer = link.ask(message);
        QVERIFY2(answer == receipt(message), link.peer.heard().constData());
    }
    finish(link);
}

// 200 messages in one turn fit one write, and one write of this size one segment.
void tst_Gruvlike::burstOfSmallMessagesIsRead()
{
    QFETCH(Link::Role, role);
    Link link;
    QVERIFY(link.open(role, { u"answer"_s }));
    QByteArrayList expected;
    for (int i = 0; i < 200; ++i) {
        const QByteArray message(i % 101, 'b');
        QVERIFY(link.socket->sendMessage(message));
        expected += receipt(message);
    }
    QVERIFY2(link.waitForMessages(200, 30s), link.peer.heard().constData());
    QCOMPARE(link.messages, expected);
    finish(link);
}

void tst_Gruvlike::cutFrameEndsInResetNotInEndOfStream_data()
{
    QTest::addColumn<Link::Role>("role");
    QTest::addColumn<QByteArray>("how");
    constexpr auto client = Link::Role::Client;
    constexpr auto server = Link::Role::Server;
    constexpr auto adopted = Link::Role::Adopted;
    QTest::newRow("client-aborts") << client << QByteArray("abort");
    QTest::newRow("client-deleted") << client << QByteArray("delete");
    QTest::newRow("client-close-times-out") << client << QByteArray("close");
    QTest::newRow("client-closes-and-is-deleted") << client << QByteArray("close-delete");
    QTest::newRow("adopted-aborts") << adopted << QByteArray("abort");
    QTest::newRow("adopted-deleted") << adopted << QByteArray("delete");
    QTest::newRow("adopted-close-times-out") << adopted << QByteArray("close");
    QTest::newRow("server-side-aborts") << server << QByteArray("abort");
    QTest::newRow("server-side-close-times-out") << server << QByteArray("close");
    QTest::newRow("server-stops") << server << QByteArray("stop");
    QTest::newRow("server-stops-after-drain") << server << QByteArray("drain");
    QTest::newRow("server-deleted") << server << QByteArray("delete-server");
}

void tst_Gruvlike::end(Link &link, const QByteArray &how)
{
    if (how == "abort")
        link.socket->abort();
    else if (how == "delete")
        link.client.reset();
    else if (how == "stop")
        link.server->stop();
    else if (how == "drain")
        link.server->stop(200ms);
    else if (how == "delete-server")
        link.server.reset();
    else
        link.socket->disconnectFromHost();
    if (how == "close-delete")
        link.client.reset();
}

// gruv_socks spins for ever at 100 % CPU when the stream ends in mid-payload.
void tst_Gruvlike::cutFrameEndsInResetNotInEndOfStream()
{
    QFETCH(Link::Role, role);
    QFETCH(QByteArray, how);
    GruvSocketOptions options;
    options.closeTimeout = 300ms;
    Link link;
    QVERIFY(link.open(role, { u"stall"_s }, options));
    QVERIFY(link.socket->sendMessage(QByteArray(16 << 20, 'c')));
    QVERIFY2(link.peer.line("stalled").startsWith("16777216 "), link.peer.heard().constData());
    QVERIFY(link.socket->bytesToWrite() > 0); // so the frame is cut wherever we end now
    end(link, how);
    if (link.socket)
        QVERIFY(link.waitForEnd(30s));
    link.peer.tell("go on");
    QVERIFY2(link.peer.endsWell(), link.peer.heard().constData());
    QCOMPARE(link.peer.line("end"), "ConnectionResetError");
    if (how == "close")
        QCOMPARE(link.endings, (QStringList{ u"CloseTimeout"_s, u"disconnected"_s }));
}

void tst_Gruvlike::frameThatNeverEndsTimesOut_data()
{
    QTest::addColumn<Link::Role>("role");
    QTest::addColumn<int>("missing");
    QTest::addColumn<int>("size");
    for (const auto role : { Link::Role::Client, Link::Role::Server }) {
        const char *name = role == Link::Role::Client ? "client" : "server";
        for (const auto &[missing, size] : { std::pair{ 1, 100 },
                                             { 2, 100 },
                                             { 3, 70'000 },
                                             { 4, 1 << 20 },
                                             { 4, 4 },
                                             { 1, 1 } }) {
            QTest::addRow("%s-%d-of-%d-missing", name, missing, size) << role << missing << size;
        }
    }
}

void tst_Gruvlike::frameThatNeverEndsTimesOut()
{
    QFETCH(Link::Role, role);
    QFETCH(int, missing);
    QFETCH(int, size);
    GruvSocketOptions options;
    options.messageTimeout = 300ms;
    Link link;
    QElapsedTimer clock;
    QVERIFY(link.open(role, { u"drop"_s, QString::number(missing), QString::number(size) },
                      options));
    QCOMPARE(link.peer.line("wrote"), "True"); // and yet its last bytes never left
    clock.start();
    QVERIFY2(link.waitForEnd(10s), link.peer.heard().constData());
    QVERIFY2(clock.elapsed() < 3000, QByteArray::number(clock.elapsed()).constData());
    QCOMPARE(link.endings, (QStringList{ u"MessageTimeout"_s, u"disconnected"_s }));
    QVERIFY(!link.description.isEmpty());
    QVERIFY(link.messages.isEmpty());
    QVERIFY2(link.peer.endsWell(), link.peer.heard().constData());
}

// gruv_socks loses the stream when its read times out inside a frame.
void tst_Gruvlike::gapsInsideAFrameAreShort()
{
    QFETCH(Link::Role, role);
    Link link;
    QVERIFY(link.open(role, { u"gaps"_s, u"6"_s }));
    for (int i = 0; i < 3; ++i) {
        QVERIFY(link.socket->sendMessage(QByteArray(16 << 20, 'g')));
        QVERIFY(link.socket->sendMessage(QByteArray(i, 'g')));
    }
    const QByteArray gap = link.peer.line("gap");
    QVERIFY2(!gap.isEmpty() && gap.toInt() < 1000, link.peer.heard().constData());
    finish(link);
}

// It knows IPv4 only. Run a second time by ctest with a resolver that gives ::1 first.
void tst_Gruvlike::localhostIsReachedQuickly()
{
    if (qEnvironmentVariableIsSet("INTEROP_LOCALHOST_IS_IPV6_FIRST")) {
        const QHostInfo info = QHostInfo::fromName(u"localhost"_s);
        QCOMPARE(info.addresses(), (QList{ QHostAddress(QHostAddress::LocalHostIPv6),
                                           QHostAddress(QHostAddress::LocalHost) }));
    }
    PeerProcess peer;
    peer.start(QString::fromLocal8Bit(INTEROP_PYTHON),
               { QString::fromLocal8Bit(INTEROP_DIR) + u"/gruvlike.py"_s, u"0"_s, u"answer"_s });
    const quint16 port = peer.port();
    QVERIFY2(port != 0, peer.heard().constData());
    GruvSocket socket;
    QSignalSpy connected(&socket, &GruvSocket::connected);
    QElapsedTimer clock;
    clock.start();
    socket.connectToHost(u"localhost"_s, port);
    QVERIFY2(connected.wait(1000), qPrintable(socket.errorString()));
    QVERIFY(clock.elapsed() < 1000);
    QCOMPARE(socket.peerAddress(), QHostAddress(QHostAddress::LocalHost));
    QVERIFY(socket.sendMessage("here"));
    QCOMPARE(socket.read().data, receipt("here"));
}

void tst_Gruvlike::peerConnectsToLocalhost()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, QHostAddress::LocalHost));
    PeerProcess peer;
    peer.start(QString::fromLocal8Bit(INTEROP_PYTHON),
               { QString::fromLocal8Bit(INTEROP_DIR) + u"/gruvlike.py"_s,
                 u"localhost:%1"_s.arg(server.serverPort()), u"ask"_s, u"Hello world!"_s });
    QCOMPARE(peer.line("answer"), "True Hello world!");
    QVERIFY2(peer.endsWell(), peer.heard().constData());
}

void tst_Gruvlike::peerAsksEchoHandler()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, QHostAddress::LocalHost));
    for (int i = 0; i < 5; ++i) {
        PeerProcess peer;
        peer.start(QString::fromLocal8Bit(INTEROP_PYTHON),
                   { QString::fromLocal8Bit(INTEROP_DIR) + u"/gruvlike.py"_s,
                     QString::number(server.serverPort()), u"ask"_s, QString(i + 1, u'e') });
        QCOMPARE(peer.line("answer"), "True " + QByteArray(i + 1, 'e'));
        QVERIFY2(peer.endsWell(), peer.heard().constData());
    }
}

void tst_Gruvlike::blockingClientAsksPeersEcho()
{
    PeerProcess peer;
    peer.start(QString::fromLocal8Bit(INTEROP_PYTHON),
               { QString::fromLocal8Bit(INTEROP_DIR) + u"/gruvlike.py"_s, u"0"_s, u"echo"_s });
    GruvSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, peer.port());
    QVERIFY2(socket.waitForConnected(), qPrintable(socket.errorString()));
    for (const qsizetype size : { 1, 4, 1000, 70'000, 16 << 20 }) {
        QVERIFY(socket.sendMessage(QByteArray(size, 'e')));
        const auto [status, data] = socket.read();
        QCOMPARE(status, GruvSocket::ReadStatus::Ok);
        QVERIFY(data == QByteArray(size, 'e'));
    }
    socket.disconnectFromHost();
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(peer.line("end"), "eof after 5");
    QVERIFY2(peer.endsWell(), peer.heard().constData());
}

QTEST_GUILESS_MAIN(tst_Gruvlike)

#include "tst_gruvlike.moc"
