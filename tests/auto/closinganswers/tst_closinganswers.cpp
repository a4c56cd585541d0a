// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qsemaphore.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <encryption.h>
#include <mainloop.h>
#include <wirepair.h>

#include <atomic>
#include <thread>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {
constexpr int Messages = 100;
}

// Contract 4 where the other end answers each message: its answers meet who has left, and must not
// cost it what it has not read yet.
class tst_ClosingAnswers : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void answersToWhoLeftCostNothing_data();
    void answersToWhoLeftCostNothing();
    void closingServerHasSentItsLastWord_data();
    void closingServerHasSentItsLastWord();
    void answersToWhoIsGoneCostNothing_data();
    void answersToWhoIsGoneCostNothing();
    void silentPeerIsNotWaitedForLong();
    void resetBeforeTheCloseIsTold();
};

void tst_ClosingAnswers::answersToWhoLeftCostNothing_data()
{
    QTest::addColumn<int>("threads");
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("answer");
    for (int threads : { 0, 1 }) {
        const auto add = [threads](const char *tag, int count, int size, int answer) {
            const QByteArray where = threads == 0 ? "one-loop-" : "two-threads-";
            QTest::newRow((where + tag).constData()) << threads << count << size << answer;
        };
        add("100-of-10", 100, 10, 5);
        add("1000-of-10000", 1000, 10'000, 10);
        add("10-of-1-mib", 10, 1 << 20, 10);
        add("much-answered", 1000, 10'000, 10'000);
    }
}

void tst_ClosingAnswers::answersToWhoLeftCostNothing()
{
    QFETCH(int, threads);
    QFETCH(int, count);
    QFETCH(int, size);
    QFETCH(int, answer);
    GruvServer server;
    std::atomic<int> received = 0;
    std::atomic<bool> hasEnded = false;
    server.setThreadCount(threads);
    server.setConnectionHandler([&](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, [&received, socket, answer] {
            ++received;
            socket->sendMessage(QByteArray(answer, 'a'));
        });
        connect(socket, &GruvSocket::disconnected, socket, [&hasEnded] { hasEnded = true; });
    });
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    for (int round = 0; round < 5; ++round) {
        received = 0;
        hasEnded = false;
        GruvSocket socket;
        Encryption::connect(&socket, server.serverPort());
        QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
        for (int i = 0; i < count; ++i)
            QVERIFY(socket.sendMessage(QByteArray(size, 'm')));
        socket.disconnectFromHost();
        QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
        if (answer < size || !Encryption::isOn()) // else Qt may end with answers that nobody reads
            QCOMPARE(socket.error(), GruvSocket::Error::NoError);
        QTRY_VERIFY(hasEnded);
        QCOMPARE(received, count);
    }
}

void tst_ClosingAnswers::closingServerHasSentItsLastWord_data()
{
    QTest::addColumn<int>("count");
    QTest::newRow("100") << 100;
    QTest::newRow("10000") << 10'000;
}

// The client never stops sending while the server says what it has to and closes.
void tst_ClosingAnswers::closingServerHasSentItsLastWord()
{
    QFETCH(int, count);
    GruvServer server;
    server.setConnectionHandler([count](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, [socket, count] {
            for (int i = 0; i < count; ++i)
                socket->sendMessage(QByteArray(100, 's'));
            socket->disconnectFromHost();
        });
    });
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket socket;
    int received = 0;
    connect(&socket, &GruvSocket::messageReceived, this, [&] {
        ++received;
        socket.sendMessage(QByteArray(1000, 'c'));
    });
    connect(&socket, &GruvSocket::connected, this, [&] { socket.sendMessage("go"); });
    Encryption::connect(&socket, server.serverPort());
    QTRY_VERIFY(received > 0);
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(received, count);
}

// Sends a message, the others once that has been met, and is gone as soon as the system of the
// other end has them.
static void sendAndLeave(quint16 port, int size, QSemaphore *met)
{
    const std::unique_ptr<QTcpSocket> peer(Encryption::connectedPeer(port));
    if (auto *const encrypted = qobject_cast<QSslSocket *>(peer.get()))
        encrypted->waitForEncrypted();
    else
        peer->waitForConnected();
    peer->write(RawPeer::frame("first"));
    peer->waitForBytesWritten();
    met->tryAcquire(1, 10'000);
    for (int i = 1; i < Messages; ++i)
        peer->write(RawPeer::frame(QByteArray(size, 'm')));
    while (peer->bytesToWrite() > 0 && peer->waitForBytesWritten()) {
    }
    const int copy = ::dup(int(peer->socketDescriptor()));
    peer->disconnectFromHost();
    peer->state() == QAbstractSocket::UnconnectedState || peer->waitForDisconnected();
    const QDeadlineTimer deadline(10'000);
    int unacknowledged = 1;
    while (!deadline.hasExpired() && unacknowledged > 0
           && ::ioctl(copy, SIOCOUTQ, &unacknowledged) == 0)
        std::this_thread::yield();
    ::close(copy);
}

void tst_ClosingAnswers::answersToWhoIsGoneCostNothing_data()
{
    QTest::addColumn<int>("size");
    QTest::newRow("in-the-system") << 400;
    QTest::newRow("more-than-qt-buffers") << 3000;
}

// To its first answer the system replies with RST, while the other messages are still in it.
void tst_ClosingAnswers::answersToWhoIsGoneCostNothing()
{
    QFETCH(int, size);
    GruvServer server;
    QSemaphore met;
    std::thread client;
    std::atomic<bool> hasLeft = false;
    int received = 0;
    server.setConnectionHandler([&](GruvSocket *socket) {
        const int room = 1 << 20; // takes all of it
        ::setsockopt(int(socket->socketDescriptor()), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        connect(socket, &GruvSocket::messageReceived, socket, [&, socket] {
            if (++received == 1) {
                socket->pauseReading();
                met.release();
                QTRY_VERIFY_WITH_TIMEOUT(hasLeft.load(), 10'000); // Qt reads meanwhile
                client.join();
                socket->resumeReading();
            }
            socket->sendMessage(QByteArray(200'000, 'a'));
        });
    });
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    client = std::thread([&, port = server.serverPort()] {
        sendAndLeave(port, size, &met);
        hasLeft = true;
    });
    QVERIFY(ended.wait());
    if (client.joinable())
        client.join();
    QCOMPARE(received, Messages);
}

// It has everything, stays connected and says nothing.
void tst_ClosingAnswers::silentPeerIsNotWaitedForLong()
{
    WirePair pair;
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1); // nor does it notice that we leave
    QVERIFY(pair.socket->sendMessage("last"));
    QSignalSpy ended(pair.socket.get(), &GruvSocket::disconnected);
    QElapsedTimer time;
    time.start();
    pair.socket->disconnectFromHost();
    QVERIFY(ended.wait());
    QCOMPARE(pair.socket->error(), GruvSocket::Error::NoError);
    QVERIFY2(time.elapsed() < 3000, QByteArray::number(time.elapsed()).constData());
}

// The thread is busy when the peer resets with much of the message unread, and then closes.
void tst_ClosingAnswers::resetBeforeTheCloseIsTold()
{
    WirePair pair;
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1);
    pair.peer->setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 4096);
    QVERIFY(pair.socket->sendMessage(QByteArray(1 << 20, 'x')));
    QVERIFY(pair.socket->waitForMessagesWritten());
    RawPeer::reset(pair.peer.get());
    pair.socket->disconnectFromHost();
    QTRY_COMPARE(pair.socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(pair.socket->error(), GruvSocket::Error::ConnectionReset);
    QVERIFY(pair.socket->disconnectReason().unacknowledgedBytes > 0);
}

QTEST_GUILESS_MAIN(tst_ClosingAnswers)
#include "tst_closinganswers.moc"
