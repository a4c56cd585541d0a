// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/epolldispatcher_p.h>
#include <gruvsocks/timerheap_p.h>

#include <QtCore/qrandom.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <timerevents.h>

#include <map>
#include <memory>

// When timers come due, without an event loop.
class tst_TimerHeap : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void firstDueAgreesWithQt_data();
    void firstDueAgreesWithQt();
    void coarseDueKeepsItsBounds();
    void heapAgainstASortedList();
};

void tst_TimerHeap::firstDueAgreesWithQt_data()
{
    QTest::addColumn<Qt::TimerType>("type");
    QTest::newRow("precise") << Qt::PreciseTimer;
    QTest::newRow("coarse") << Qt::CoarseTimer;
    QTest::newRow("very-coarse") << Qt::VeryCoarseTimer;
}

/*
    The same interval started on both at nearly the same time comes due at the same time. Where a
    rounding falls on another side, because a millisecond began in between, the two are asked again.
*/
void tst_TimerHeap::firstDueAgreesWithQt()
{
    QFETCH(Qt::TimerType, type);
    auto *qt = QThread::currentThread()->eventDispatcher();
    QCOMPARE(qt->metaObject()->className(), "QEventDispatcherUNIX");
    const std::unique_ptr<QAbstractEventDispatcher> ours(EpollDispatcher::create());
    TimerEvents object;
    const auto agree = [&](int interval) {
        const int id = qt->registerTimer(interval, type, &object);
        ours->registerTimer(id, interval, type, &object);
        const int difference = qt->remainingTime(id) - ours->remainingTime(id);
        ours->unregisterTimer(id);
        qt->unregisterTimer(id);
        return std::abs(difference) <= 1;
    };
    QRandomGenerator random(42);
    for (int i = 0; i < 20'000; ++i) {
        const int interval = i < 1200 ? i : int(random.bounded(i % 2 ? 3000 : 60'000));
        bool agreed = false;
        for (int attempt = 0; attempt < 5 && !agreed; ++attempt)
            agreed = agree(interval);
        QVERIFY2(agreed, QByteArray::number(interval).constData());
    }
}

// Within 5 % of the interval, at a whole millisecond, and never before now.
void tst_TimerHeap::coarseDueKeepsItsBounds()
{
    constexpr qint64 Millisecond = 1'000'000;
    QRandomGenerator random(3);
    for (int i = 0; i < 200'000; ++i) {
        const qint64 interval = 21 + random.bounded(19'978);
        const qint64 now = 5'000'000'000'000 + random.generate64() % 3'000'000'000;
        const qint64 wanted = now + interval * Millisecond;
        const qint64 due = TimerHeap::coarseDue(interval, wanted, now);
        QCOMPARE(due % Millisecond, 0);
        QVERIFY(due >= now);
        const qint64 most = interval * Millisecond / 20 + 4 * Millisecond;
        QVERIFY2(std::abs(due - wanted) <= most, QByteArray::number(interval).constData());
    }
}

void tst_TimerHeap::heapAgainstASortedList()
{
    constexpr qint64 Millisecond = 1'000'000;
    QList<int> fired;
    TimerEvents object([&](int id) { fired.append(id); });
    TimerHeap heap;
    std::map<int, qint64> dues; // by id
    QRandomGenerator random(11);
    qint64 now = 1'000'000'000;
    for (int step = 0; step < 20'000; ++step) {
        const int id = 1 + random.bounded(300);
        if (dues.erase(id)) {
            QVERIFY(heap.remove(id));
        } else {
            const qint64 interval = 1 + random.bounded(1000);
            heap.insert(id, interval, Qt::PreciseTimer, &object, now);
            dues[id] = now + interval * Millisecond;
        }
        qint64 earliest = -1;
        for (const auto &[other, due] : dues)
            earliest = earliest < 0 ? due : std::min(earliest, due);
        const int wait = heap.timeUntilNext(now);
        QCOMPARE(wait, earliest < 0 ? -1 : int(std::max<qint64>(0, earliest - now) / Millisecond));
        if (step % 10 != 0)
            continue;
        now += random.bounded(30) * Millisecond;
        fired.clear();
        heap.fire(now);
        qint64 last = 0;
        for (const int which : std::as_const(fired)) {
            QVERIFY(dues.at(which) <= now);
            QVERIFY(dues.at(which) >= last);
            last = dues.at(which);
            dues.erase(which);
            QVERIFY(heap.remove(which));
        }
        for (const auto &[other, due] : dues)
            QVERIFY(due > now);
    }
}

QTEST_GUILESS_MAIN(tst_TimerHeap)
#include "tst_timerheap.moc"
