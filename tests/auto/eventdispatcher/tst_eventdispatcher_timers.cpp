// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "stage.h"
#include "tst_eventdispatcher.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qrandom.h>
#include <QtCore/qtimer.h>

#include <timerevents.h>

#include <map>

using Stage::Story;
using Stage::turn;
using Stage::turnUntil;

namespace {

// Computes until so many milliseconds are over; the event loop does not run.
void stayBusy(int milliseconds)
{
    QElapsedTimer elapsed;
    elapsed.start();
    while (!elapsed.hasExpired(milliseconds)) {
    }
}

} // namespace

void tst_EventDispatcher::timersInOrder()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        std::map<int, int> intervals;
        int fired = 0;
        TimerEvents object([&](int id) {
            ++fired;
            told.add(QString::number(intervals[id]));
            object.killTimer(id);
        });
        for (const int interval : { 12, 3, 9, 0, 6, 3 })
            intervals[object.startTimer(interval, Qt::PreciseTimer)] = interval;
        stayBusy(20);
        turn(); // all are due: in the order of their times, equal ones as they were started
        told.add("fired", fired);
    });
    QCOMPARE(story, QStringLiteral("0 3 3 6 9 12 fired=6"));
}

void tst_EventDispatcher::zeroTimerOncePerTurn()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        int fired = 0;
        TimerEvents late([&](int) { told.add("late"); });
        TimerEvents object([&](int id) {
            if (++fired == 2)
                late.startTimer(0); // its turn is the next one
            Q_UNUSED(id);
        });
        object.startTimer(0);
        for (int i = 0; i < 3; ++i) {
            told.add("turn", turn(QEventLoop::WaitForMoreEvents)); // a zero timer is no event
            told.add("fired", fired);
        }
    });
    QCOMPARE(story, QStringLiteral("turn=0 fired=1 turn=0 fired=2 late turn=0 fired=3"));
}

void tst_EventDispatcher::zeroTimerLeavesRoomForOthers()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        TimerEvents busy;
        busy.startTimer(0);
        bool isPosted = false;
        QMetaObject::invokeMethod(
                &busy, [&] { isPosted = true; }, Qt::QueuedConnection);
        bool isOver = false;
        TimerEvents other([&](int) { isOver = true; });
        other.startTimer(5, Qt::PreciseTimer);
        told.add("over", turnUntil([&] { return isOver; }, 10'000'000));
        told.add("posted", isPosted);
    });
    QCOMPARE(story, QStringLiteral("over=1 posted=1"));
}

void tst_EventDispatcher::stoppedAndStartedInSlots()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        QTimer first;
        QTimer second;
        QTimer third;
        auto *doomed = new QTimer;
        QObject::connect(&first, &QTimer::timeout, &first, [&] {
            told.add("first");
            second.stop(); // due too, and not told any more
            delete std::exchange(doomed, nullptr);
            first.start(0); // itself, again
            if (!third.isActive())
                third.start(0);
        });
        QObject::connect(&second, &QTimer::timeout, &second, [&] { told.add("second"); });
        QObject::connect(doomed, &QTimer::timeout, doomed, [&] { told.add("doomed"); });
        QObject::connect(&third, &QTimer::timeout, &third, [&] {
            told.add("third");
            first.stop();
            third.stop();
        });
        first.start(0);
        second.start(0);
        doomed->start(0);
        turn();
        told.add("|");
        turn();
        turn();
    });
    QCOMPARE(story, QStringLiteral("first | first third"));
}

void tst_EventDispatcher::missedTimesAreNotMadeUpFor()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        int fired = 0;
        TimerEvents object([&](int) { ++fired; });
        object.startTimer(10, Qt::PreciseTimer);
        stayBusy(65);
        turn();
        told.add("fired", fired);
        turn();
        told.add("fired", fired); // the next one is 10 ms away
        turnUntil([&] { return fired == 2; });
        told.add("fired", fired);
    });
    QCOMPARE(story, QStringLiteral("fired=1 fired=1 fired=2"));
}

void tst_EventDispatcher::nestedLoopLeavesTheRunningTimerOut()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        bool isNested = false;
        int others = 0;
        TimerEvents other([&](int) { ++others; });
        TimerEvents object([&](int) {
            told.add(isNested ? "again" : "runs");
            if (std::exchange(isNested, true))
                return;
            turnUntil([&] { return others == 3; });
            isNested = false;
        });
        const int id = object.startTimer(2, Qt::PreciseTimer);
        other.startTimer(10, Qt::PreciseTimer);
        turn(QEventLoop::WaitForMoreEvents);
        told.add("others", others);
        object.killTimer(id);
        // Stopped while it runs.
        TimerEvents stops([&](int own) {
            stops.killTimer(own);
            turn();
            told.add("stopped");
        });
        stops.startTimer(0);
        turn();
        turn();
    });
    QCOMPARE(story, QStringLiteral("runs others=3 stopped"));
}

void tst_EventDispatcher::registeredTimers()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        auto *dispatcher = QThread::currentThread()->eventDispatcher();
        TimerEvents object;
        TimerEvents other;
        other.startTimer(1);
        for (const int interval : { 30'000, 5, 21, 20, 700, 19'999, 20'000, 1499, 499 })
            object.startTimer(interval, Qt::CoarseTimer);
        object.startTimer(1499, Qt::VeryCoarseTimer);
        object.startTimer(42, Qt::PreciseTimer);
        QStringList lines;
        const auto infos = dispatcher->registeredTimers(&object);
        for (const auto &info : infos)
            lines.append(QStringLiteral("%1/%2").arg(info.interval).arg(info.timerType));
        lines.sort();
        told.add(lines.join(u' '));
        told.add("others", dispatcher->registeredTimers(&other).size());
        told.add("stopped", dispatcher->unregisterTimer(infos.first().timerId));
        told.add("twice", dispatcher->unregisterTimer(infos.first().timerId));
        told.add("left", dispatcher->registeredTimers(&object).size());
        told.add("all", dispatcher->unregisterTimers(&object));
        told.add("left", dispatcher->registeredTimers(&object).size());
        told.add("others", dispatcher->registeredTimers(&other).size());
    });
    QCOMPARE(story,
             QStringLiteral("1000/2 1499/1 19999/1 20/0 20000/2 21/1 30000/2 42/0 499/1 5/0 700/1 "
                            "others=1 stopped=1 twice=0 left=10 all=1 left=0 others=1"));
}

void tst_EventDispatcher::remainingTime()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        auto *dispatcher = QThread::currentThread()->eventDispatcher();
        TimerEvents object;
        const int id = object.startTimer(200, Qt::PreciseTimer);
        const int left = dispatcher->remainingTime(id);
        told.add("left", left > 150 && left <= 200);
        stayBusy(10);
        told.add("less", dispatcher->remainingTime(id) <= left - 9);
        const int due = object.startTimer(1, Qt::PreciseTimer);
        stayBusy(3);
        told.add("due", dispatcher->remainingTime(due));
        told.add("unknown", dispatcher->remainingTime(id + 10'000));
    });
    QCOMPARE(story, QStringLiteral("left=1 less=1 due=0 unknown=-1"));
}

void tst_EventDispatcher::timersOfADeletedObject()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        auto *victim = new TimerEvents([&](int) { told.add("victim"); });
        TimerEvents killer([&](int id) {
            killer.killTimer(id);
            delete std::exchange(victim, nullptr);
            told.add("killer");
        });
        killer.startTimer(0);
        victim->startTimer(0);
        victim->startTimer(1, Qt::PreciseTimer);
        stayBusy(3);
        turn();
        turn();
    });
    QCOMPARE(story, QStringLiteral("killer"));
}

// Started, fired in the order of their times, and stopped.
void tst_EventDispatcher::tenThousandTimers()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        constexpr int Count = 10'000;
        auto *dispatcher = QThread::currentThread()->eventDispatcher();
        QRandomGenerator random(7);
        QElapsedTimer elapsed;
        elapsed.start();
        std::map<int, std::pair<qint64, qint64>> dues; // ns: not before, and not after
        qint64 last = 0;
        int fired = 0;
        TimerEvents object([&](int id) {
            if (dues[id].second < last)
                told.add("disorder", last - dues[id].second);
            last = std::max(last, dues[id].first);
            ++fired;
            object.killTimer(id);
        });
        for (int i = 0; i < Count; ++i) {
            const int interval = 1 + random.bounded(100);
            const qint64 before = elapsed.nsecsElapsed();
            const int id = object.startTimer(interval, Qt::PreciseTimer);
            const qint64 length = interval * 1'000'000;
            dues[id] = { before + length, elapsed.nsecsElapsed() + length };
        }
        told.add("registered", dispatcher->registeredTimers(&object).size());
        stayBusy(250);
        turn();
        told.add("fired", fired);
        told.add("left", dispatcher->registeredTimers(&object).size());
    });
    QCOMPARE(story, QStringLiteral("registered=10000 fired=10000 left=0"));
}
