// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

using namespace std::chrono_literals;

// The deadlines of GruvSocketOptions, with short times.
class tst_Deadlines : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void connectTimeout();
    void readTimeout();
    void messageTimeout();
    void drippedMessageTimesOut();
    void messageTimeoutStandsWhilePaused();
    void holdingInputIsNotHeldAgainstThePeer_data();
    void holdingInputIsNotHeldAgainstThePeer();
    void idleTimeout();
    void idleTimeoutAfterBlockingCalls();
    void slotThatDoesNotReturnIsNotHeldAgainstThePeer();
    void pausedBeforeConnecting();
    void nestedLoopInADeadlineLeavesTheOthers();
    void trafficKeepsAnIdleConnection();
    void deadPeerOptionsReachTheSystem();
    void manyDeadlinesInOneThread();

private:
    GruvSocketOptions options;
};

using RawPeer::frame;

// A listener whose backlog is full answers no SYN: connecting to it takes for ever.
void tst_Deadlines::connectTimeout()
{
    QTcpServer blackHole;
    blackHole.setListenBacklogSize(0);
    QVERIFY(blackHole.listen(QHostAddress::LocalHost));
    blackHole.pauseAccepting();
    QTcpSocket fillers[3];
    for (QTcpSocket &filler : fillers)
        filler.connectToHost(QHostAddress::LocalHost, blackHole.serverPort());
    QTRY_COMPARE(fillers[0].state(), QAbstractSocket::ConnectedState);
    GruvSocket socket;
    options = {};
    options.connectTimeout = 200ms;
    socket.setOptions(options);
    QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    QElapsedTimer time;
    time.start();
    socket.connectToHost(QHostAddress::LocalHost, blackHole.serverPort());
    QVERIFY(!socket.waitForConnected());
    QVERIFY2(time.elapsed() >= 180 && time.elapsed() < 2000,
             QByteArray::number(time.elapsed()).constData());
    QCOMPARE(socket.error(), GruvSocket::Error::ConnectTimeout);
    QCOMPARE(errors.size(), 1);
    QCOMPARE(ended.size(), 0);
}

void tst_Deadlines::readTimeout()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    socket.setTimeout(50ms);
    QElapsedTimer time;
    time.start();
    QCOMPARE(socket.read().status, GruvSocket::ReadStatus::Timeout);
    QVERIFY(time.elapsed() >= 49);
    time.restart();
    QCOMPARE(socket.read(150ms).status, GruvSocket::ReadStatus::Timeout); // the override
    QVERIFY(time.elapsed() >= 149);
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    time.restart();
    QCOMPARE(socket.read(-1ms).status, GruvSocket::ReadStatus::Timeout); // it only looks
    QVERIFY(time.elapsed() < 50);
    socket.setTimeout(0ms);
    QCOMPARE(socket.read().status, GruvSocket::ReadStatus::Timeout);
    peer->write(frame("now"));
    QTRY_COMPARE(socket.statistics().bytesReceived, 7);
    QCOMPARE(socket.read().data, "now");
}

void tst_Deadlines::messageTimeout()
{
    RawPeer::Listener listener;
    for (int begun : { 2, 4, 6 }) {
        GruvSocket socket;
        options = {};
        options.messageTimeout = 100ms;
        socket.setOptions(options);
        QSignalSpy messages(&socket, &GruvSocket::messageReceived);
        QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
        QSignalSpy ended(&socket, &GruvSocket::disconnected);
        const auto peer = listener.connect(&socket);
        QVERIFY(peer);
        peer->write(frame("whole") + frame("never complete").left(begun));
        QTRY_COMPARE(ended.size(), 1);
        QCOMPARE(errors.size(), 1);
        QCOMPARE(messages.size(), 1);
        QCOMPARE(socket.error(), GruvSocket::Error::MessageTimeout);
    }
}

void tst_Deadlines::drippedMessageTimesOut()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.messageTimeout = 200ms;
    socket.setOptions(options);
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(RawPeer::header(1'000'000));
    QTimer drip;
    connect(&drip, &QTimer::timeout, peer.get(), [&] { peer->write("x"); });
    drip.start(5);
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(socket.error(), GruvSocket::Error::MessageTimeout);
}

void tst_Deadlines::messageTimeoutStandsWhilePaused()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.messageTimeout = 60ms;
    socket.setOptions(options);
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("patience").left(7));
    QTRY_COMPARE(socket.statistics().bytesReceived, 7);
    socket.pauseReading();
    QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
    QVERIFY(!errors.wait(150));
    socket.resumeReading();
    peer->write(frame("patience").mid(7));
    QTRY_COMPARE(messages.size(), 1);
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
}

void tst_Deadlines::holdingInputIsNotHeldAgainstThePeer_data()
{
    QTest::addColumn<bool>("paused");
    QTest::newRow("paused") << true;
    QTest::newRow("no-receiver") << false;
}

// The peer sends all the time; it is we who do not read.
void tst_Deadlines::holdingInputIsNotHeldAgainstThePeer()
{
    QFETCH(bool, paused);
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.idleTimeout = options.messageTimeout = 400ms; // time enough for 8 MiB under load
    socket.setOptions(options);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    if (paused)
        socket.pauseReading();
    const QByteArray large(8 << 20, 'h');
    peer->write(frame(large));
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    QVERIFY(!ended.wait(900));
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    socket.resumeReading();
    QTRY_COMPARE(messages.size(), 1);
    QVERIFY(messages.first().first().toByteArray() == large);
}

void tst_Deadlines::idleTimeout()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.idleTimeout = 80ms;
    socket.setOptions(options);
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(socket.error(), GruvSocket::Error::IdleTimeout);
}

// Blocking calls first, as before exec() in main(), then an event loop.
void tst_Deadlines::idleTimeoutAfterBlockingCalls()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.idleTimeout = 80ms;
    socket.setOptions(options);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QCOMPARE(socket.read(20ms).status, GruvSocket::ReadStatus::Timeout);
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(socket.error(), GruvSocket::Error::IdleTimeout);
}

void tst_Deadlines::slotThatDoesNotReturnIsNotHeldAgainstThePeer()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.idleTimeout = 80ms;
    socket.setOptions(options);
    int messages = 0;
    connect(&socket, &GruvSocket::messageReceived, this, [&] {
        if (messages++ > 0)
            return;
        QEventLoop dialog;
        QTimer::singleShot(400, &dialog, &QEventLoop::quit);
        dialog.exec();
        QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("open a dialog"));
    QTimer chatter;
    connect(&chatter, &QTimer::timeout, peer.get(), [&] { peer->write(frame("more")); });
    chatter.start(20);
    QTRY_VERIFY(messages > 5);
}

void tst_Deadlines::pausedBeforeConnecting()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.idleTimeout = 80ms;
    socket.setOptions(options);
    socket.pauseReading();
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("patience"));
    QVERIFY(!ended.wait(250));
    socket.resumeReading();
    QTRY_COMPARE(messages.size(), 1);
}

void tst_Deadlines::nestedLoopInADeadlineLeavesTheOthers()
{
    RawPeer::Listener listener;
    GruvSocket first;
    GruvSocket second;
    const auto firstPeer = listener.connect(&first);
    const auto secondPeer = listener.connect(&second);
    QVERIFY(firstPeer && secondPeer);
    bool arrived = false;
    QEventLoop outer;
    connect(&first, &GruvSocket::bytesWritten, this, [&] {
        QEventLoop nested; // waits for what the second was to send in the same turn
        connect(secondPeer.get(), &QTcpSocket::readyRead, &nested, &QEventLoop::quit);
        QTimer::singleShot(3000, &nested, &QEventLoop::quit);
        nested.exec();
        arrived = secondPeer->bytesAvailable() == 10;
        outer.quit();
    });
    QTimer::singleShot(0, &outer, [&] {
        first.sendMessage("first");
        second.sendMessage("second");
    });
    outer.exec();
    QVERIFY(arrived);
}

void tst_Deadlines::trafficKeepsAnIdleConnection()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    options = {};
    options.idleTimeout = 300ms;
    socket.setOptions(options);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QElapsedTimer time;
    time.start();
    for (int i = 0; time.elapsed() < 700; ++i) {
        if (i % 2)
            socket.sendMessage("we");
        else
            peer->write(frame("they"));
        socket.read(50ms);
        QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    }
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(socket.error(), GruvSocket::Error::IdleTimeout);
}

static int tcpOption(const GruvSocket &socket, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(int(socket.socketDescriptor()), IPPROTO_TCP, name, &value, &size);
    return value;
}

void tst_Deadlines::deadPeerOptionsReachTheSystem()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QCOMPARE(tcpOption(socket, TCP_NODELAY), 1);
    QCOMPARE(tcpOption(socket, TCP_USER_TIMEOUT), 0);
    QCOMPARE(tcpOption(socket, TCP_KEEPIDLE) + 4 * tcpOption(socket, TCP_KEEPINTVL), 60);
    QCOMPARE(tcpOption(socket, TCP_KEEPCNT), 4);
    options = {};
    options.deadPeerTimeout = 8s;
    options.lowDelay = false;
    socket.setOptions(options);
    QCOMPARE(tcpOption(socket, TCP_KEEPIDLE) + 4 * tcpOption(socket, TCP_KEEPINTVL), 8);
    QCOMPARE(tcpOption(socket, TCP_NODELAY), 0);
    options.deadPeerTimeout = 0s;
    socket.setOptions(options);
    QCOMPARE(tcpOption(socket, TCP_USER_TIMEOUT), 0);
}

void tst_Deadlines::manyDeadlinesInOneThread()
{
    GruvServer server;
    options = {};
    options.idleTimeout = 150ms;
    server.setSocketOptions(options);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy gone(&server, &GruvServer::clientDisconnected);
    std::vector<std::unique_ptr<GruvSocket>> sockets;
    for (int i = 0; i < 200; ++i) {
        sockets.push_back(std::make_unique<GruvSocket>());
        sockets.back()->connectToHost(QHostAddress::LocalHost, server.serverPort());
        if (i % 3 == 0)
            sockets.back().reset(); // its deadlines go with it
    }
    QTRY_COMPARE(gone.size(), 200);
    QCOMPARE(server.clientCount(), 0);
}

QTEST_GUILESS_MAIN(tst_Deadlines)
#include "tst_deadlines.moc"
