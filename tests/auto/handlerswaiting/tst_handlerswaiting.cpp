// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>
#include <servertools.h>
#include <threadtools.h>

#include <array>

// Connections after GruvServer::start() while every thread for a handler is taken.
class tst_HandlersWaiting : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void whoLeavesMakesRoom_data();
    void whoLeavesMakesRoom();
    void waitIsBounded_data();
    void waitIsBounded();
    void crowdThatWaitsInVain();
    void theDoorOpensAgain();
    void whoWaitsBeyondTheClose();
};

using namespace std::chrono_literals;
using ServerTools::MessageLog;
using ThreadTools::Gate;
using ThreadTools::Patience;

static const QHostAddress Loopback(QHostAddress::LocalHost);

namespace {

// One handler, which is busy until the gate opens; who comes next has to wait.
class BusyServer
{
public:
    ~BusyServer() { gate.open(100); }

    bool start()
    {
        server.setMaximumHandlerThreads(1);
        const auto handler = [this](const GruvPeer &, GruvSocket &socket) {
            if (gate.pass())
                socket.sendMessage("your turn");
        };
        return server.start(handler, 0, Loopback) && come(&m_first) && gate.awaitArrivals(1);
    }
    // Returns when the server has accepted it.
    bool come(QTcpSocket *peer)
    {
        const int before = server.clientCount();
        peer->connectToHost(Loopback, server.serverPort());
        return peer->waitForConnected(Patience)
               && QTest::qWaitFor([&] { return server.clientCount() == before + 1; });
    }

    Gate gate;
    GruvServer server;

private:
    QTcpSocket m_first;
};

// What a peer that waits does before another one leaves.
enum class Deed { Stay, Ask, AskAndShutDown, ShutDown, Leave, Reset };

void perform(Deed deed, QTcpSocket *peer)
{
    if (deed == Deed::Ask || deed == Deed::AskAndShutDown) {
        peer->write(RawPeer::frame("a request"));
        QVERIFY(peer->waitForBytesWritten(Patience));
    }
    if (deed == Deed::AskAndShutDown || deed == Deed::ShutDown)
        ::shutdown(int(peer->socketDescriptor()), SHUT_WR);
    else if (deed == Deed::Leave)
        peer->abort();
    else if (deed == Deed::Reset)
        RawPeer::reset(peer);
}

} // namespace
Q_DECLARE_METATYPE(Deed)

void tst_HandlersWaiting::whoLeavesMakesRoom_data()
{
    QTest::addColumn<Deed>("deed");
    QTest::addColumn<bool>("stays");
    QTest::newRow("stays-silent") << Deed::Stay << true;
    QTest::newRow("asks") << Deed::Ask << true;
    QTest::newRow("asks-and-shuts-down") << Deed::AskAndShutDown << true;
    QTest::newRow("shuts-down") << Deed::ShutDown << false;
    QTest::newRow("leaves") << Deed::Leave << false;
    QTest::newRow("resets") << Deed::Reset << false;
}

// Whoever leaves behind the guest shows that the guest was looked at, too.
void tst_HandlersWaiting::whoLeavesMakesRoom()
{
    QFETCH(const Deed, deed);
    QFETCH(const bool, stays);
    QTcpSocket guest;
    QTcpSocket leaver;
    const MessageLog log;
    BusyServer busy;
    busy.server.setDebug(true);
    QVERIFY(busy.start());
    QSignalSpy rejected(&busy.server, &GruvServer::connectionRejected);
    QVERIFY(busy.come(&guest) && busy.come(&leaver));
    perform(deed, &guest);
    leaver.abort();
    QTRY_COMPARE(busy.server.clientCount(), stays ? 2 : 1);
    QTRY_VERIFY(log.has(QStringLiteral(
            "gruv.server 127.0.0.1 left while it waited for one of maximumHandlerThreads (1)")));
    QCOMPARE(rejected.size(), 0); // nobody was turned away
    busy.gate.open(3);
    if (stays) {
        QTRY_VERIFY(guest.bytesAvailable() > 0);
        QCOMPARE(guest.readAll(), RawPeer::frame("your turn"));
    } else if (deed == Deed::ShutDown) {
        QTRY_COMPARE(guest.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(guest.readAll(), QByteArray());
    }
}

void tst_HandlersWaiting::waitIsBounded_data()
{
    QTest::addColumn<std::chrono::milliseconds>("firstMessage");
    QTest::addColumn<std::chrono::milliseconds>("idle");
    QTest::addColumn<bool>("stays");
    QTest::newRow("off") << 0ms << 0ms << true;
    QTest::newRow("long") << 3'600'000ms << 3'600'000ms << true;
    QTest::newRow("first-message") << 1ms << 0ms << false;
    QTest::newRow("idle") << 0ms << 1ms << false;
    QTest::newRow("first-message-sooner") << 1ms << 3'600'000ms << false;
    QTest::newRow("idle-sooner") << 3'600'000ms << 1ms << false;
}

// The options may come later than those who wait.
void tst_HandlersWaiting::waitIsBounded()
{
    QFETCH(const std::chrono::milliseconds, firstMessage);
    QFETCH(const std::chrono::milliseconds, idle);
    QFETCH(const bool, stays);
    QTcpSocket guest;
    QTcpSocket leaver;
    BusyServer busy;
    QVERIFY(busy.start());
    QSignalSpy rejected(&busy.server, &GruvServer::connectionRejected);
    QVERIFY(busy.come(&guest) && busy.come(&leaver));
    guest.write(RawPeer::frame("a request"));
    GruvSocketOptions options;
    options.firstMessageTimeout = firstMessage;
    options.idleTimeout = idle;
    busy.server.setSocketOptions(options);
    leaver.abort();
    QTRY_COMPARE(busy.server.clientCount(), stays ? 2 : 1);
    if (stays) {
        QCOMPARE(guest.state(), QAbstractSocket::ConnectedState);
        QCOMPARE(rejected.size(), 0);
        return;
    }
    QTRY_COMPARE(guest.state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(rejected.size(), 1);
    QCOMPARE(rejected.first().at(0).value<QHostAddress>(), Loopback);
    QCOMPARE(rejected.first().at(1).value<GruvServer::RejectReason>(),
             GruvServer::RejectReason::WaitedTooLong);
}

// Each is told, but the log has a line a second at most.
void tst_HandlersWaiting::crowdThatWaitsInVain()
{
    const MessageLog log;
    BusyServer busy;
    busy.server.setDebug(true);
    QVERIFY(busy.start());
    QSignalSpy rejected(&busy.server, &GruvServer::connectionRejected);
    std::array<QTcpSocket, 20> guests;
    for (QTcpSocket &guest : guests)
        QVERIFY(busy.come(&guest));
    QElapsedTimer time;
    time.start();
    GruvSocketOptions options = busy.server.socketOptions();
    options.firstMessageTimeout = 1ms;
    busy.server.setSocketOptions(options);
    QTRY_COMPARE(rejected.size(), int(guests.size()));
    const QStringList lines = log.of("gruv.server").filter(QStringLiteral("rejected"));
    QVERIFY2(lines.size() <= 1 + time.elapsed() / 1000, qPrintable(lines.join(u'\n')));
    QVERIFY(!lines.isEmpty());
    QCOMPARE(lines.first(), QStringLiteral("gruv.server rejected 127.0.0.1: none of "
                                           "maximumHandlerThreads (1) was free in time"));
    QCOMPARE(busy.server.clientCount(), 1);
}

// Some that came and went must not keep out who comes later.
void tst_HandlersWaiting::theDoorOpensAgain()
{
    constexpr int Places = 20;
    BusyServer busy;
    busy.server.setMaximumConnections(Places);
    QVERIFY(busy.start());
    QSignalSpy rejected(&busy.server, &GruvServer::connectionRejected);
    for (int round = 0; round < 2; ++round) {
        std::array<QTcpSocket, Places - 1> passersBy;
        for (QTcpSocket &passerBy : passersBy)
            QVERIFY(busy.come(&passerBy));
        QTcpSocket refused;
        refused.connectToHost(Loopback, busy.server.serverPort());
        QTRY_COMPARE(rejected.size(), round + 1);
        for (QTcpSocket &passerBy : passersBy)
            passerBy.abort();
        QTRY_COMPARE(busy.server.clientCount(), 1);
    }
    QTcpSocket newcomer;
    QVERIFY(busy.come(&newcomer));
    busy.gate.open(2);
    busy.server.setMaximumHandlerThreads(2);
    QTRY_VERIFY(newcomer.bytesAvailable() > 0);
    QCOMPARE(rejected.size(), 2);
}

// They are looked at as before, though nobody can come any more.
void tst_HandlersWaiting::whoWaitsBeyondTheClose()
{
    QTcpSocket guest;
    QTcpSocket leaver;
    BusyServer busy;
    QVERIFY(busy.start());
    QSignalSpy rejected(&busy.server, &GruvServer::connectionRejected);
    QVERIFY(busy.come(&guest) && busy.come(&leaver));
    busy.server.close();
    leaver.abort();
    QTRY_COMPARE(busy.server.clientCount(), 2);
    QCOMPARE(rejected.size(), 0); // it left by itself
    GruvSocketOptions options;
    options.firstMessageTimeout = 1ms;
    busy.server.setSocketOptions(options);
    QTRY_COMPARE(busy.server.clientCount(), 1);
    QTRY_COMPARE(rejected.size(), 1);
    QCOMPARE(rejected.first().at(1).value<GruvServer::RejectReason>(),
             GruvServer::RejectReason::WaitedTooLong);
    QTRY_COMPARE(guest.state(), QAbstractSocket::UnconnectedState);
}

QTEST_GUILESS_MAIN(tst_HandlersWaiting)
#include "tst_handlerswaiting.moc"
