// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_receivers.h"

#include "leaver.h"

#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>

using namespace std::chrono_literals;
using ReadStatus = GruvSocket::ReadStatus;

void tst_Receivers::ways(Cut most)
{
    QTest::addColumn<Way>("way");
    QTest::newRow("disconnect-pointers") << Way::DisconnectPointers;
    QTest::newRow("disconnect-connection") << Way::DisconnectConnection;
    QTest::newRow("disconnect-receiver") << Way::DisconnectReceiver;
    QTest::newRow("delete-receiver") << Way::DeleteReceiver;
    if (most == JustOne)
        return;
    QTest::newRow("disconnect-signal") << Way::DisconnectSignal;
    QTest::newRow("disconnect-all") << Way::DisconnectAll;
}

namespace {

constexpr int Count = 100;
constexpr int Last = 40; // the message in whose slot the receiver leaves

// A burst that arrives with one read, and a receiver that leaves in the middle of it.
class Burst : public WirePair
{
public:
    explicit Burst(Way way)
        : leaver(new Leaver(socket.get(), &got))
        , m_way(way)
    {
        leaver->afterwards = [this](const QByteArray &message) {
            if (message.toInt() == Last)
                leave();
        };
    }
    ~Burst() { delete leaver; }

    void leave()
    {
        hadArrived = socket->statistics().bytesReceived;
        leaver->leave(m_way);
        if (afterLeaving)
            afterLeaving();
    }

    bool begin()
    {
        if (!connect())
            return false;
        send(numbers(0, Count));
        return true;
    }

    // Whether list is what came, and nothing comes a second time: one more message ends it.
    bool isAll(const QList<QByteArray> &list)
    {
        send({ "the end" });
        return QTest::qWaitFor([&] { return got.endsWith("the end"); })
               && got == list + QList<QByteArray>{ "the end" };
    }

    static qsizetype bytes() { return wireOf(numbers(0, Count)).size(); }

    QList<QByteArray> got;
    QPointer<Leaver> leaver;
    qint64 hadArrived = -1;
    std::function<void()> afterLeaving;

private:
    const Way m_way;
};

} // namespace

void tst_Receivers::restWaitsForRead()
{
    QFETCH(Way, way);
    Burst burst(way);
    QVERIFY(burst.begin());
    QTRY_COMPARE(burst.got.size(), Last + 1);
    QCOMPARE(burst.hadArrived, Burst::bytes()); // all of it was there
    for (int i = Last + 1; i < Count; ++i)
        QCOMPARE(burst.socket->read(5s).data, QByteArray::number(i));
    QCOMPARE(burst.socket->read(-1ms).status, ReadStatus::Timeout);
    QCOMPARE(burst.got, numbers(0, Last + 1));
    QCOMPARE(burst.socket->statistics().messagesReceived, Count);
}

void tst_Receivers::restWaitsForTheNextReceiver()
{
    QFETCH(Way, way);
    Burst burst(way);
    QVERIFY(burst.begin());
    QTRY_COMPARE(burst.got.size(), Last + 1);
    connect(burst.socket.get(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { burst.got.append(message); });
    QTRY_COMPARE(burst.got, numbers(0, Count));
    QVERIFY(burst.isAll(numbers(0, Count)));
}

void tst_Receivers::restWaitsForAHandler()
{
    QFETCH(Way, way);
    Burst burst(way);
    QVERIFY(burst.begin());
    QTRY_COMPARE(burst.got.size(), Last + 1);
    burst.socket->setMessageHandler([&](const QByteArray &m) { burst.got.append(m); });
    QTRY_COMPARE(burst.got, numbers(0, Count));
    QVERIFY(burst.isAll(numbers(0, Count)));
}

void tst_Receivers::nextReceiverComesInTheSlot()
{
    QFETCH(Way, way);
    Burst burst(way);
    burst.afterLeaving = [&] {
        connect(burst.socket.get(), &GruvSocket::messageReceived, this,
                [&](const QByteArray &message) { burst.got.append(message); });
    };
    QVERIFY(burst.begin());
    QTRY_COMPARE(burst.got, numbers(0, Count));
    QCOMPARE(burst.hadArrived, Burst::bytes());
    QVERIFY(burst.isAll(numbers(0, Count)));
}

void tst_Receivers::restOutlivesThePeersEnd()
{
    QFETCH(Way, way);
    Burst burst(way);
    QVERIFY(burst.begin());
    burst.peer->disconnectFromHost();
    QTRY_COMPARE(burst.got.size(), Last + 1);
    QList<QByteArray> rest;
    while (const auto result = burst.socket->read(5s))
        rest.append(result.data);
    QCOMPARE(rest, numbers(Last + 1, Count));
    QCOMPARE(burst.socket->error(), GruvSocket::Error::NoError);
    QCOMPARE(burst.got, numbers(0, Last + 1));
}

void tst_Receivers::oneOfTwoLeaves()
{
    QFETCH(Way, way);
    Burst burst(way);
    QList<QByteArray> other;
    connect(burst.socket.get(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { other.append(message); });
    QVERIFY(burst.begin());
    QTRY_COMPARE(other, numbers(0, Count));
    QCOMPARE(burst.got, numbers(0, Last + 1));
    QCOMPARE(burst.readWaiting(), QList<QByteArray>());
}

void tst_Receivers::bothLeave()
{
    QFETCH(Way, way);
    Burst burst(way);
    QList<QByteArray> other;
    const QPointer<Leaver> second = new Leaver(burst.socket.get(), &other);
    second->afterwards = [&](const QByteArray &message) {
        if (message.toInt() == Last + 5)
            second->leave(way);
    };
    QVERIFY(burst.begin());
    QTRY_COMPARE(other.size(), Last + 6);
    QCOMPARE(burst.got, numbers(0, Last + 1));
    QCOMPARE(burst.readWaiting(), numbers(Last + 6, Count));
    QCOMPARE(other, numbers(0, Last + 6));
    delete second;
}

void tst_Receivers::oneCutsBoth()
{
    for (const Way way : { Way::DisconnectSignal, Way::DisconnectAll }) {
        Burst burst(way);
        QList<QByteArray> other;
        const Leaver second(burst.socket.get(), &other);
        QVERIFY(burst.begin());
        QTRY_COMPARE(burst.got.size(), Last + 1);
        QCOMPARE(other, numbers(0, Last)); // Qt skips who was cut meanwhile
        QCOMPARE(burst.readWaiting(), numbers(Last + 1, Count));
    }
}

void tst_Receivers::leavesInAnEventLoopOfTheSlot()
{
    QFETCH(Way, way);
    Burst burst(way);
    bool isOver = false;
    burst.leaver->afterwards = [&](const QByteArray &message) {
        if (message.toInt() != Last)
            return;
        QEventLoop loop;
        QTimer::singleShot(0, &loop, [&] {
            burst.leave();
            QTimer::singleShot(0, &loop, &QEventLoop::quit);
        });
        loop.exec();
        isOver = true;
    };
    QVERIFY(burst.begin());
    QTRY_VERIFY(isOver);
    QCOMPARE(burst.got, numbers(0, Last + 1));
    QCOMPARE(burst.readWaiting(), numbers(Last + 1, Count));
}

void tst_Receivers::leavesWhilePaused()
{
    QFETCH(Way, way);
    Burst burst(way);
    burst.leaver->afterwards = [&](const QByteArray &message) {
        if (message.toInt() == Last)
            burst.socket->pauseReading();
    };
    QVERIFY(burst.begin());
    QTRY_COMPARE(burst.got.size(), Last + 1);
    burst.leave();
    burst.socket->resumeReading();
    burst.send({ "more" }); // arrives after that; by then it would have been delivered
    QTRY_VERIFY(burst.socket->statistics().bytesReceived > Burst::bytes());
    QCOMPARE(burst.got, numbers(0, Last + 1));
    QCOMPARE(burst.readWaiting(), numbers(Last + 1, Count) + QList<QByteArray>{ "more" });
}

void tst_Receivers::singleShotTakesOne()
{
    WirePair pair;
    QList<QByteArray> got;
    const auto takeOne = [&] {
        connect(
                pair.socket.get(), &GruvSocket::messageReceived, this,
                [&](const QByteArray &message) { got.append(message); }, Qt::SingleShotConnection);
    };
    takeOne();
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    for (int i = 1; i <= 10; ++i) {
        QTRY_COMPARE(got, numbers(0, i));
        takeOne();
    }
    QTRY_COMPARE(got, numbers(0, 11));
    QCOMPARE(pair.readWaiting(), numbers(11, Count));
}

// Each message goes to a receiver of its own, which the one before brought.
void tst_Receivers::handsOverEachTime()
{
    WirePair pair;
    QList<QByteArray> got;
    std::function<void()> hire = [&] {
        auto *leaver = new Leaver(pair.socket.get(), &got);
        leaver->afterwards = [&, leaver](const QByteArray &) {
            leaver->leave(Way::DeleteReceiver);
            hire();
        };
        leaver->setParent(pair.socket.get());
    };
    hire();
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    QTRY_COMPARE(got, numbers(0, Count));
}

void tst_Receivers::anotherComesInMidBurst()
{
    WirePair pair;
    QList<QByteArray> got;
    QList<QByteArray> late;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        got.append(message);
        if (message.toInt() == Last)
            connect(pair.socket.get(), &GruvSocket::messageReceived, this,
                    [&](const QByteArray &m) { late.append(m); });
    });
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    QTRY_COMPARE(got, numbers(0, Count));
    QCOMPARE(late, numbers(Last + 1, Count));
}

// What a read() finds beside the one message it takes is the receiver's.
void tst_Receivers::readBesideAReceiver()
{
    WirePair pair;
    QList<QByteArray> got;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { got.append(message); });
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    QCOMPARE(pair.socket->read(5s).data, "0");
    QTRY_COMPARE(got, numbers(1, Count));
}

QTEST_GUILESS_MAIN(tst_Receivers)
