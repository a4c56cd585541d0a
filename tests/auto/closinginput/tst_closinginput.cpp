// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <wirepair.h>

#include <thread>

#include <sys/ioctl.h>

using namespace std::chrono_literals;

// What a peer still sends, or does not take, while the connection is closing.
class tst_ClosingInput : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void halfClosedPeerThatReadsNothingCostsNoTurns();
    void closeInASlotDropsWhatFollows();
    void closeWhilePausedSendsEverything();
    void readTellsWhyAnotherThreadClosed();
    void readTellsThatThePeerHasGone();
    void endIsSeenWithoutWaiting();
    void refusalsLeaveTheReasonOfTheEnd();
    void refusalOfTheLastConnectionIsNotTold();
};

// Its end is there to be read until the connection has ended.
void tst_ClosingInput::halfClosedPeerThatReadsNothingCostsNoTurns()
{
    WirePair pair;
    GruvSocketOptions options;
    options.closeTimeout = 300ms;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1);
    connect(pair.socket.get(), &GruvSocket::messageReceived, this,
            [&pair] { pair.socket->sendMessage(QByteArray(15 << 20, 'x')); });
    pair.send({ "ask" });
    QVERIFY(::shutdown(int(pair.peer->socketDescriptor()), SHUT_WR) == 0);
    QTRY_COMPARE(pair.socket->state(), QAbstractSocket::ClosingState);
    QSignalSpy ended(pair.socket.get(), &GruvSocket::disconnected);
    QSignalSpy turns(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::aboutToBlock);
    QVERIFY(ended.wait());
    QCOMPARE(pair.socket->error(), GruvSocket::Error::CloseTimeout);
    QVERIFY2(turns.size() < 100, QByteArray::number(turns.size()).constData());
}

// Most of the 1 MB is still in the system at that time, from the middle of a message on.
void tst_ClosingInput::closeInASlotDropsWhatFollows()
{
    WirePair pair;
    QVERIFY(pair.connect());
    int messages = 0;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this, [&] {
        ++messages;
        QVERIFY(pair.socket->sendMessage(QByteArray(15 << 20, 'x'))); // so that closing lasts
        pair.socket->disconnectFromHost();
    });
    QByteArray junk; // taken for lengths, its bytes would be many messages
    for (int i = 0; i < 100; ++i)
        junk += RawPeer::frame(QByteArray(10'000, '\0'));
    pair.peer->setReadBufferSize(1);
    pair.socket->pauseReading();
    const int room = 1 << 20; // so that the first read does not take all that is there
    const int descriptor = int(pair.socket->socketDescriptor());
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    pair.peer->write(junk);
    QTRY_COMPARE(pair.peer->bytesToWrite(), 0);
    int waiting = 0;
    QTRY_VERIFY(::ioctl(descriptor, FIONREAD, &waiting) == 0 && waiting > 200'000);
    pair.socket->resumeReading();
    QTRY_COMPARE(pair.socket->state(), QAbstractSocket::ClosingState);
    QCOMPARE(pair.readWaiting(), QList<QByteArray>());
    QCOMPARE(pair.socket->state(), QAbstractSocket::ClosingState);
    QCOMPARE(messages, 1);
}

void tst_ClosingInput::closeWhilePausedSendsEverything()
{
    WirePair pair;
    QVERIFY(pair.connect());
    const QByteArray large(15 << 20, 'l');
    connect(pair.socket.get(), &GruvSocket::messageReceived, this, [&] {
        QVERIFY(pair.socket->sendMessage(large));
        pair.socket->pauseReading();
        pair.socket->disconnectFromHost();
    });
    pair.peer->setReadBufferSize(1);
    pair.peer->write(wireOf({ "go", QByteArray(15 << 20, 'p') }));
    QTRY_COMPARE(pair.peer->bytesToWrite(), 0); // it reads when it has sent everything
    pair.peer->setReadBufferSize(0);
    QTRY_COMPARE(pair.peer->state(), QAbstractSocket::UnconnectedState);
    QVERIFY(pair.peer->readAll() == RawPeer::frame(large));
    QTRY_COMPARE(pair.socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(pair.socket->disconnectReason().unsentBytes, 0);
}

void tst_ClosingInput::readTellsWhyAnotherThreadClosed()
{
    WirePair pair;
    QVERIFY(pair.connect());
    GruvSocket *const socket = pair.socket.get();
    std::thread other([socket] { socket->disconnectFromHost(); });
    const GruvSocket::ReadResult result = socket->read(5s);
    other.join();
    QCOMPARE(result.status, GruvSocket::ReadStatus::Error);
    QCOMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(socket->error(), GruvSocket::Error::NoError);
    QCOMPARE(socket->disconnectReason().endedBy, GruvDisconnectReason::EndedBy::ThisEnd);
    socket->connectToHost(QHostAddress::LocalHost, pair.listener.port());
    QCOMPARE(socket->error(), GruvSocket::Error::NoError); // not AlreadyConnected
}

// It only stops sending, and takes its answer late.
void tst_ClosingInput::readTellsThatThePeerHasGone()
{
    WirePair pair;
    QVERIFY(pair.connect());
    const QByteArray answer(15 << 20, 'a');
    pair.peer->setReadBufferSize(1);
    QVERIFY(pair.socket->sendMessage(answer));
    QTRY_VERIFY(pair.socket->bytesToWrite() > 0);
    QVERIFY(::shutdown(int(pair.peer->socketDescriptor()), SHUT_WR) == 0);
    connect(pair.socket.get(), &GruvSocket::stateChanged, this,
            [&pair] { pair.peer->setReadBufferSize(0); });
    QCOMPARE(pair.socket->read(10s).status, GruvSocket::ReadStatus::Error);
    QCOMPARE(pair.socket->disconnectReason().endedBy, GruvDisconnectReason::EndedBy::Peer);
    QVERIFY(!pair.socket->errorString().isEmpty());
    QTRY_COMPARE(pair.peer->state(), QAbstractSocket::UnconnectedState);
    QVERIFY(pair.peer->readAll() == RawPeer::frame(answer));
}

void tst_ClosingInput::endIsSeenWithoutWaiting()
{
    WirePair pair;
    QVERIFY(pair.connect());
    pair.peer.reset();
    for (int i = 0; i < 10'000 && !pair.socket->waitForDisconnected(-1ms); ++i) {
    }
    QCOMPARE(pair.socket->state(), QAbstractSocket::UnconnectedState);
}

// In another thread they may be read at this moment.
void tst_ClosingInput::refusalsLeaveTheReasonOfTheEnd()
{
    WirePair pair;
    QVERIFY(pair.connect());
    GruvSocket *const socket = pair.socket.get();
    connect(socket, &GruvSocket::errorOccurred, this, [socket](GruvSocket::Error error) {
        QVERIFY(error == GruvSocket::Error::NotConnected || !socket->sendMessage("too late"));
    });
    RawPeer::reset(pair.peer.get());
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    const QString text = socket->errorString();
    QVERIFY(text.contains(QLatin1String("reset")));
    QSignalSpy errors(socket, &GruvSocket::errorOccurred);
    QVERIFY(!socket->sendMessage("later"));
    std::thread([socket] { QVERIFY(!socket->sendMessage("and from elsewhere")); }).join();
    QTRY_COMPARE(errors.size(), 2);
    QCOMPARE(socket->error(), GruvSocket::Error::ConnectionReset);
    QCOMPARE(socket->errorString(), text);
}

void tst_ClosingInput::refusalOfTheLastConnectionIsNotTold()
{
    WirePair pair;
    GruvSocketOptions options;
    options.writeBufferLimit = 1000;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    GruvSocket *const socket = pair.socket.get();
    std::thread([socket] { QVERIFY(!socket->sendMessage(QByteArray(2000, 'r'))); }).join();
    socket->abort();
    QSignalSpy errors(socket, &GruvSocket::errorOccurred);
    const auto peer = pair.listener.connect(socket);
    QVERIFY(peer);
    QVERIFY(socket->sendMessage("fine"));
    QTRY_COMPARE(peer->bytesAvailable(), 8);
    QCOMPARE(errors.size(), 0);
    QCOMPARE(socket->error(), GruvSocket::Error::NoError);
}

QTEST_GUILESS_MAIN(tst_ClosingInput)
#include "tst_closinginput.moc"
