// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <wirepair.h>

using namespace std::chrono_literals;

// Deadlines of a connection on which both ends wait for the other.
class tst_Stalls : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void peerThatTakesNothingIsIdle_data();
    void peerThatTakesNothingIsIdle();
    void peerThatTakesSlowlyIsNotIdle();
    void peerOfAPollingReaderIsIdle_data();
    void peerOfAPollingReaderIsIdle();
    void pausedConnectionThatFailedEnds();
    void waitInASlotSeesThatTheConnectionFailed();
};

void tst_Stalls::peerThatTakesNothingIsIdle_data()
{
    QTest::addColumn<bool>("paused");
    QTest::addColumn<int>("messages");
    QTest::newRow("more-than-the-system-takes") << false << 240;
    QTest::newRow("paused") << true << 240;
    QTest::newRow("paused-the-system-takes-all") << true << 16;
}

// The system goes on to take a little of what waits, which says nothing of the peer.
void tst_Stalls::peerThatTakesNothingIsIdle()
{
    QFETCH(bool, paused);
    QFETCH(int, messages);
    WirePair pair;
    GruvSocketOptions options;
    options.idleTimeout = 1s;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1);
    QSignalSpy ended(pair.socket.get(), &GruvSocket::disconnected);
    if (paused)
        pair.socket->pauseReading();
    QElapsedTimer time;
    time.start();
    for (int i = 0; i < messages; ++i)
        QVERIFY(pair.socket->sendMessage(QByteArray(64 * 1024, 'i')));
    QVERIFY(ended.wait(10'000));
    QCOMPARE(pair.socket->error(), GruvSocket::Error::IdleTimeout);
    QVERIFY2(time.elapsed() < 1800, QByteArray::number(time.elapsed()).constData());
}

// Between two looks of the event loop the system takes nothing from us, but the peer from it.
void tst_Stalls::peerThatTakesSlowlyIsNotIdle()
{
    constexpr int Size = 4 << 20;
    WirePair pair;
    GruvSocketOptions options;
    options.idleTimeout = 300ms;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(64 * 1024);
    QVERIFY(pair.socket->sendMessage(QByteArray(Size, 's')));
    QElapsedTimer time;
    time.start();
    QTimer slowly;
    qint64 taken = 0;
    connect(&slowly, &QTimer::timeout, this, [&] { taken += pair.peer->readAll().size(); });
    slowly.start(20);
    QTRY_COMPARE_WITH_TIMEOUT(taken, Size + 4, 30'000);
    QVERIFY(time.elapsed() > 3 * options.idleTimeout.count());
    QCOMPARE(pair.socket->state(), QAbstractSocket::ConnectedState);
}

void tst_Stalls::peerOfAPollingReaderIsIdle_data()
{
    QTest::addColumn<bool>("resumed");
    QTest::newRow("never-paused") << false;
    QTest::newRow("paused-and-resumed") << true;
}

// Each time it finds nothing, so it is the peer who is silent in between.
void tst_Stalls::peerOfAPollingReaderIsIdle()
{
    QFETCH(bool, resumed);
    WirePair pair;
    GruvSocketOptions options;
    options.idleTimeout = 200ms;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    if (resumed) {
        pair.socket->pauseReading();
        pair.socket->resumeReading(); // it asks for a turn of an event loop
    }
    QElapsedTimer time;
    time.start();
    while (pair.socket->state() == QAbstractSocket::ConnectedState && time.elapsed() < 10'000)
        pair.socket->read(-1ms);
    QCOMPARE(pair.socket->error(), GruvSocket::Error::IdleTimeout);
}

// A sender that waits for writableChanged(true) before it reads on would wait for ever.
void tst_Stalls::pausedConnectionThatFailedEnds()
{
    WirePair pair;
    GruvSocketOptions options;
    options.closeTimeout = 100ms;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1);
    QSignalSpy ended(pair.socket.get(), &GruvSocket::disconnected);
    connect(pair.socket.get(), &GruvSocket::messageReceived, this, [&] {
        pair.socket->pauseReading();
        QVERIFY(pair.socket->sendMessage(QByteArray(15 << 20, 'p')));
    });
    pair.send({ "first", "second" });
    QTRY_VERIFY(pair.socket->isReadingPaused());
    RawPeer::reset(pair.peer.get());
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(pair.socket->error(), GruvSocket::Error::ConnectionReset);
    QVERIFY(!pair.socket->isReadingPaused()); // the next connection is not deaf
    QCOMPARE(pair.readWaiting(), QList<QByteArray>{ "second" });
}

// Its end is told when the slot has returned; until then nothing of it can be sent.
void tst_Stalls::waitInASlotSeesThatTheConnectionFailed()
{
    WirePair pair;
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1);
    QSignalSpy ended(pair.socket.get(), &GruvSocket::disconnected);
    QElapsedTimer time;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this, [&] {
        QVERIFY(pair.socket->sendMessage(QByteArray(16 << 20, 'w')));
        QTimer::singleShot(0, pair.peer.get(), [&pair] { RawPeer::reset(pair.peer.get()); });
        time.start();
        QVERIFY(!pair.socket->waitForMessagesWritten(8s));
        QVERIFY2(time.elapsed() < 4000, QByteArray::number(time.elapsed()).constData());
        QCOMPARE(ended.size(), 0);
    });
    pair.peer->write(RawPeer::frame("ask"));
    QVERIFY(ended.wait(10'000));
    QCOMPARE(pair.socket->error(), GruvSocket::Error::ConnectionReset);
}

QTEST_GUILESS_MAIN(tst_Stalls)
#include "tst_stalls.moc"
