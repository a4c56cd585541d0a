// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>
#include <story.h>

// Contract 4: what a graceful close keeps, and that a frame is never cut with FIN.
class tst_Closing : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void gracefulCloseSendsEverything();
    void gracefulCloseWithUnreadInputLosesNothing();
    void gracefulCloseAgainstASilentPeerEnds();
    void gracefulCloseToAPeerThatDoesNotReadTimesOut();
    void halfClosingPeerGetsItsAnswers();
    void abortedFrameIsResetNotCut();
    void processDeathWouldNotCutAFrame();
    void destructorSendsFinAfterEverything();
};

using RawPeer::frame;

void tst_Closing::gracefulCloseSendsEverything()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const Story story(&socket);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    const QByteArray large(20 << 20, 'L');
    GruvSocketOptions options;
    options.maximumMessageSize = large.size();
    socket.setOptions(options);
    QVERIFY(socket.sendMessage(large));
    QVERIFY(socket.sendMessage("the last word"));
    socket.disconnectFromHost();
    QCOMPARE(socket.state(), QAbstractSocket::ClosingState);
    QVERIFY(!socket.sendMessage("too late"));
    QCOMPARE(socket.error(), GruvSocket::Error::NotConnected);
    QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
    QVERIFY(peer->readAll() == frame(large) + frame("the last word"));
    QTRY_COMPARE(story.text(), QStringLiteral("connected NotConnected disconnected"));
}

void tst_Closing::gracefulCloseWithUnreadInputLosesNothing()
{
    RawPeer::Listener listener;
    for (int round = 0; round < 20; ++round) {
        GruvSocket socket;
        const Story story(&socket);
        const auto peer = listener.connect(&socket);
        QVERIFY(peer);
        socket.pauseReading();
        peer->write(QByteArray(100'000, 'u')); // stays unread: a plain close would now send RST
        QVERIFY(peer->flush());
        QVERIFY(socket.sendMessage(QByteArray(200'000, 'd')));
        socket.disconnectFromHost();
        QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(peer->error(), QAbstractSocket::RemoteHostClosedError);
        QCOMPARE(peer->bytesAvailable(), 200'004);
        QTRY_COMPARE(story.text(), QStringLiteral("connected disconnected"));
    }
}

void tst_Closing::gracefulCloseAgainstASilentPeerEnds()
{
    RawPeer::Listener listener; // accepted by the system only: it never answers our FIN
    GruvSocket socket;
    const Story story(&socket);
    Encryption::connect(&socket, listener.port());
    QVERIFY(socket.waitForConnected());
    QVERIFY(socket.sendMessage("acknowledged by the peer's system"));
    QElapsedTimer time;
    time.start();
    socket.disconnectFromHost();
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(story.text(), QStringLiteral("connected disconnected"));
    QVERIFY2(time.elapsed() < 2000, QByteArray::number(time.elapsed()).constData());
}

void tst_Closing::gracefulCloseToAPeerThatDoesNotReadTimesOut()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.closeTimeout = std::chrono::milliseconds(100);
    socket.setOptions(options);
    const Story story(&socket);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setReadBufferSize(1);
    QVERIFY(socket.sendMessage(QByteArray(16 << 20, 'x')));
    socket.disconnectFromHost();
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(story.text(), QStringLiteral("connected CloseTimeout disconnected"));
}

void tst_Closing::halfClosingPeerGetsItsAnswers()
{
    if (Encryption::isOn())
        QSKIP("Qt closes when the peer does");
    RawPeer::Listener listener;
    GruvSocket socket;
    const Story story(&socket);
    connect(&socket, &GruvSocket::messageReceived, &socket,
            [&](const QByteArray &) { socket.sendMessage(QByteArray(12 << 20, 'a')); });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("question"));
    QVERIFY(peer->flush());
    QCOMPARE(::shutdown(int(peer->socketDescriptor()), SHUT_WR), 0);
    QTRY_COMPARE(peer->bytesAvailable(), (12 << 20) + 4);
    QTRY_COMPARE(story.text(), QStringLiteral("connected disconnected"));
}

void tst_Closing::abortedFrameIsResetNotCut()
{
    RawPeer::Listener listener;
    for (const bool destroyed : { false, true }) {
        auto socket = std::make_unique<GruvSocket>();
        const auto peer = listener.connect(socket.get());
        QVERIFY(peer);
        QSignalSpy errors(peer.get(), &QTcpSocket::errorOccurred);
        peer->setReadBufferSize(1);
        QVERIFY(socket->sendMessage(QByteArray(16 << 20, 'x')));
        QTRY_VERIFY(peer->bytesAvailable() > 0);
        QVERIFY(socket->bytesToWrite() > 0);
        if (destroyed)
            socket.reset();
        else
            socket->abort();
        char byte;
        QCOMPARE(::recv(int(peer->socketDescriptor()), &byte, 1, MSG_PEEK | MSG_DONTWAIT), 1);
        peer->setReadBufferSize(0);
        int error = 0;
        socklen_t size = sizeof error;
        QCOMPARE(::getsockopt(int(peer->socketDescriptor()), SOL_SOCKET, SO_ERROR, &error, &size),
                 0);
        QCOMPARE(error, ECONNRESET);
    }
}

// A killed process is closed by the system: while a frame is half sent, that must be a reset.
void tst_Closing::processDeathWouldNotCutAFrame()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    const auto resetsOnClose = [&socket] {
        linger value{ 0, 1 };
        socklen_t size = sizeof value;
        ::getsockopt(int(socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &value, &size);
        return value.l_onoff && value.l_linger == 0;
    };
    peer->setReadBufferSize(1);
    QVERIFY(socket.sendMessage("whole"));
    QVERIFY(!resetsOnClose());
    QVERIFY(socket.sendMessage(QByteArray(16 << 20, 'x')));
    QVERIFY(socket.bytesToWrite() > 0);
    QVERIFY(resetsOnClose());
    peer->setReadBufferSize(0);
    QVERIFY(socket.waitForMessagesWritten());
    QVERIFY(!resetsOnClose());
}

void tst_Closing::destructorSendsFinAfterEverything()
{
    RawPeer::Listener listener;
    auto socket = std::make_unique<GruvSocket>();
    const auto peer = listener.connect(socket.get());
    QVERIFY(peer);
    *socket << "one"
            << "two";
    socket.reset();
    QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(peer->error(), QAbstractSocket::RemoteHostClosedError);
    QCOMPARE(peer->readAll(), frame("one") + frame("two"));
}

QTEST_GUILESS_MAIN(tst_Closing)
#include "tst_closing.moc"
