// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_turns.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <deque>
#include <functional>

#include <wirepair.h>

using namespace std::chrono_literals;

namespace {

// What runs the slot that sends.
enum Sender { ZeroTimer, Timer, PostedCall, Readable };

// Whether so much has arrived; the socket's event loop does not move meanwhile.
bool arrives(QTcpSocket *peer, qint64 bytes)
{
    while (peer->bytesAvailable() < bytes && peer->waitForReadyRead(5000)) {
    }
    return peer->bytesAvailable() == bytes;
}

void call(Sender sender, WirePair *pair, QObject *context, const std::function<void()> &slot)
{
    switch (sender) {
    case ZeroTimer: {
        auto *timer = new QTimer(context); // singleShot(0) would be a posted call
        timer->setSingleShot(true);
        QObject::connect(timer, &QTimer::timeout, context, slot);
        timer->start(0);
        break;
    }
    case Timer:
        QTimer::singleShot(3, context, slot);
        break;
    case PostedCall:
        QMetaObject::invokeMethod(context, slot, Qt::QueuedConnection);
        break;
    case Readable:
        pair->socket->setMessageHandler([slot](const QByteArray &) { slot(); });
        pair->send({ "your turn" });
        break;
    }
}

} // namespace
Q_DECLARE_METATYPE(Sender)

void tst_Turns::senders()
{
    QTest::addColumn<Sender>("sender");
    QTest::newRow("zero-timer") << ZeroTimer;
    QTest::newRow("timer") << Timer;
    QTest::newRow("posted-call") << PostedCall;
    QTest::newRow("message") << Readable;
}

void tst_Turns::gatheredWithinATurn()
{
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] {
        for (int i = 0; i < 100; ++i)
            pair.socket->sendMessage("message");
        QCOMPARE(pair.socket->bytesToWrite(), 1100); // one write will do for all of them
        QCOMPARE(pair.socket->statistics().bytesSent, 0);
        QTimer::singleShot(0, &loop, &QEventLoop::quit);
    });
    loop.exec();
    QCOMPARE(pair.socket->bytesToWrite(), 0);
    QVERIFY(arrives(pair.peer.get(), 1100));
}

// The slot of the next turn finds it at the other end.
void tst_Turns::leavesAtTheTurnsEnd()
{
    QFETCH(Sender, sender);
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    bool hasArrived = false;
    call(sender, &pair, &loop, [&] {
        pair.socket->sendMessage("hello");
        QTimer::singleShot(1, &loop, [&] {
            hasArrived = arrives(pair.peer.get(), 9);
            loop.quit();
        });
    });
    loop.exec();
    QVERIFY(hasArrived);
}

// With a zero timer that runs all the time no turn ends by waiting.
void tst_Turns::leavesFromALoopThatNeverWaits()
{
    QFETCH(Sender, sender);
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    int turns = 0;
    int turnsSince = -1;
    QTimer busy;
    connect(&busy, &QTimer::timeout, &loop, [&] {
        ++turns;
        if (turnsSince >= 0 && ++turnsSince == 3)
            loop.quit();
    });
    busy.start(0);
    call(sender, &pair, &loop, [&] {
        pair.socket->sendMessage("hello");
        turnsSince = 0;
    });
    loop.exec();
    QVERIFY(turns >= 3);
    QVERIFY(arrives(pair.peer.get(), 9));
}

void tst_Turns::leavesInANestedLoop()
{
    QFETCH(Sender, sender);
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop outer;
    bool outerArrived = false;
    bool innerArrived = false;
    call(sender, &pair, &outer, [&] {
        pair.socket->sendMessage("outer"); // before the inner loop begins
        QEventLoop inner;
        QTimer::singleShot(1, &inner, [&] {
            outerArrived = arrives(pair.peer.get(), 9);
            pair.socket->sendMessage("inner");
            QTimer::singleShot(1, &inner, [&] {
                innerArrived = arrives(pair.peer.get(), 18);
                inner.quit();
            });
        });
        inner.exec();
        outer.quit();
    });
    outer.exec();
    QVERIFY(outerArrived);
    QVERIFY(innerArrived);
}

void tst_Turns::leavesInProcessEventsOfASlot()
{
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    bool hasArrived = false;
    QTimer::singleShot(0, &loop, [&] {
        pair.socket->sendMessage("hello");
        QCOMPARE(pair.socket->bytesToWrite(), 9);
        QCoreApplication::processEvents();
        QCOMPARE(pair.socket->bytesToWrite(), 0);
        hasArrived = arrives(pair.peer.get(), 9);
        loop.quit();
    });
    loop.exec();
    QVERIFY(hasArrived);
}

// The loop that is to come may be long in coming.
void tst_Turns::leavesAtOnceBeforeTheLoop()
{
    WirePair pair;
    QVERIFY(pair.connect());
    pair.socket->sendMessage("before");
    QCOMPARE(pair.socket->bytesToWrite(), 0);
    QVERIFY(arrives(pair.peer.get(), 10));
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] {
        pair.socket->sendMessage("inside");
        QTimer::singleShot(0, &loop, &QEventLoop::quit);
    });
    loop.exec();
    pair.socket->sendMessage("after");
    QVERIFY(arrives(pair.peer.get(), 29));
}

// A thread that only looks for events now and then: nobody knows when it will again.
void tst_Turns::leavesAtOnceFromProcessEvents()
{
    WirePair pair;
    QVERIFY(pair.connect());
    bool hasSent = false;
    QTimer::singleShot(0, pair.socket.get(), [&] {
        pair.socket->sendMessage("hello");
        hasSent = true;
    });
    for (int i = 0; i < 100 && !hasSent; ++i)
        QCoreApplication::processEvents();
    QVERIFY(hasSent);
    QVERIFY(arrives(pair.peer.get(), 9));
}

using Call = std::function<void(GruvSocket *)>;
Q_DECLARE_METATYPE(Call)

void tst_Turns::leftBehindByItsLoop_data()
{
    QTest::addColumn<Call>("next");
    QTest::newRow("wait-for-written")
            << Call([](GruvSocket *socket) { socket->waitForMessagesWritten(); });
    QTest::newRow("read") << Call([](GruvSocket *socket) { socket->read(-1ms); });
    QTest::newRow("send") << Call([](GruvSocket *socket) { socket->sendMessage("again"); });
    QTest::newRow("close") << Call([](GruvSocket *socket) { socket->disconnectFromHost(); });
    QTest::newRow("process-events")
            << Call([](GruvSocket *) { QCoreApplication::processEvents(); });
    QTest::newRow("another-loop") << Call([](GruvSocket *) {
        QEventLoop loop;
        QTimer::singleShot(0, &loop, &QEventLoop::quit);
        loop.exec();
    });
    QTest::newRow("delete") << Call([](GruvSocket *socket) { delete socket; });
}

/*
    The loop is left in the turn in which it was sent. Some dispatchers (GLib's) end that turn
    properly; with the others the next call of the thread sends it.
*/
void tst_Turns::leftBehindByItsLoop()
{
    QFETCH(Call, next);
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    QTimer::singleShot(1, &loop, [&] { // timers come last in a turn: nothing follows it
        pair.socket->sendMessage("hello");
        loop.quit();
    });
    loop.exec();
    const bool isDeleted = QTest::currentDataTag() == QByteArray("delete");
    next(isDeleted ? pair.socket.release() : pair.socket.get());
    while (pair.peer->bytesAvailable() < 9 && pair.peer->waitForReadyRead(5000)) {
    }
    QCOMPARE(pair.peer->readAll().left(9), RawPeer::frame("hello"));
}

void tst_Turns::eachTurnHasItsMessage()
{
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    int sent = 0;
    int late = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, &loop, [&] {
        late += pair.socket->bytesToWrite() > 0; // of the turn before
        pair.socket->sendMessage(QByteArray::number(sent));
        if (++sent == 300)
            loop.quit();
    });
    timer.start(0);
    loop.exec();
    QCOMPARE(late, 0);
    QVERIFY(pair.socket->waitForMessagesWritten());
    const QByteArray wire = wireOf(numbers(0, 300));
    QVERIFY(arrives(pair.peer.get(), wire.size()));
    QCOMPARE(pair.peer->readAll(), wire);
}

// Some go while the others are told, and one comes.
void tst_Turns::manySocketsInOneTurn()
{
    std::deque<WirePair> pairs(20);
    for (WirePair &pair : pairs)
        QVERIFY(pair.connect());
    QEventLoop loop;
    int written = 0;
    connect(pairs[3].socket.get(), &GruvSocket::bytesWritten, &loop, [&] {
        if (written++ > 0)
            return;
        pairs[2].socket.reset();  // has been told
        pairs[10].socket.reset(); // has not: what it sends goes as it does
        pairs[11].socket->abort();
        pairs[3].socket->sendMessage("again");
        QTimer::singleShot(1, &loop, [&] { // one turn more, for what is sent again
            QTimer::singleShot(1, &loop, &QEventLoop::quit);
        });
    });
    QTimer::singleShot(0, &loop, [&] {
        for (WirePair &pair : pairs)
            pair.socket->sendMessage("hello");
    });
    loop.exec();
    for (size_t i = 0; i < pairs.size(); ++i) {
        if (i != 11)
            QVERIFY2(arrives(pairs[i].peer.get(), i == 3 ? 18 : 9), qPrintable(QString::number(i)));
    }
    QVERIFY(!arrives(pairs[11].peer.get(), 9)); // a reset
}

void tst_Turns::deletedInTheTurnItSentIn()
{
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] {
        pair.socket->sendMessage("hello");
        pair.socket.reset();
        QTimer::singleShot(1, &loop, &QEventLoop::quit);
    });
    loop.exec();
    QVERIFY(arrives(pair.peer.get(), 9)); // the destructor sends what the system takes at once
}

void tst_Turns::abortedInTheTurnItSentIn()
{
    WirePair pair;
    QVERIFY(pair.connect());
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] {
        pair.socket->sendMessage("hello");
        pair.socket->abort();
        QCOMPARE(pair.socket->bytesToWrite(), 0);
        pair.socket->connectToHost(QHostAddress::LocalHost, pair.listener.port());
        pair.socket->sendMessage("fresh");
    });
    connect(pair.socket.get(), &GruvSocket::bytesWritten, &loop, &QEventLoop::quit);
    QTimer::singleShot(5s, &loop, &QEventLoop::quit);
    loop.exec();
    const auto second = pair.listener.accept();
    QVERIFY(second);
    QVERIFY(arrives(second.get(), 9));
    QTimer::singleShot(1, &loop, [&] {
        pair.socket->sendMessage("again"); // nothing of the turn before keeps it here
        QTimer::singleShot(1, &loop, [&] { QTimer::singleShot(1, &loop, &QEventLoop::quit); });
    });
    pair.socket->disconnect(&loop);
    loop.exec();
    QVERIFY(arrives(second.get(), 18));
    QCOMPARE(second->readAll(), wireOf({ "fresh", "again" }));
    QVERIFY(!arrives(pair.peer.get(), 9));
}

QTEST_GUILESS_MAIN(tst_Turns)
