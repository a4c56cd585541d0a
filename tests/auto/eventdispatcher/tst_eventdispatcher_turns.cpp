// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "pipes.h"
#include "stage.h"
#include "tst_eventdispatcher.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qtimer.h>

#include <deque>
#include <thread>

using Stage::post;
using Stage::Story;
using Stage::turn;
using Stage::turnUntil;

void tst_EventDispatcher::returnsWhetherAnythingHappened()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        onActivated(&notifier, [&] { pair.take(); });
        told.add("nothing", turn());
        pair.tell();
        told.add("notifier", turn());
        told.add("nothing", turn());
        QObject context;
        post(&context, [] {});
        told.add("posted", turn());
        told.add("nothing", turn());
        QTimer::singleShot(1, Qt::PreciseTimer, &context, [] {});
        told.add("timer", turn(QEventLoop::WaitForMoreEvents));
        told.add("nothing", turn());
    });
    QCOMPARE(story, QStringLiteral("nothing=0 notifier=1 nothing=0 posted=1 nothing=0 timer=1 "
                                   "nothing=0"));
}

void tst_EventDispatcher::excludeSocketNotifiers()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        onActivated(&notifier, [&] { told.add("bytes", pair.take()); });
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
            told.add("timer");
            timer.stop();
        });
        pair.tell();
        timer.start(3);
        told.add("turn", turn(QEventLoop::ExcludeSocketNotifiers));
        // The ready descriptor does not end this wait, the timer does.
        told.add("turn", turn(QEventLoop::ExcludeSocketNotifiers | QEventLoop::WaitForMoreEvents));
        std::thread waker([dispatcher = QThread::currentThread()->eventDispatcher()] {
            dispatcher->wakeUp();
        });
        told.add("woken", turn(QEventLoop::ExcludeSocketNotifiers | QEventLoop::WaitForMoreEvents));
        waker.join();
        told.add("turn", turn());
    });
    QCOMPARE(story, QStringLiteral("turn=0 timer turn=1 woken=1 bytes=1 turn=1"));
}

void tst_EventDispatcher::excludeTimers()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        onActivated(&notifier, [&] { told.add("bytes", pair.take()); });
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
            told.add("timer");
            timer.stop();
        });
        timer.start(0);
        told.add("turn", turn(QEventLoop::X11ExcludeTimers));
        std::thread writer([&] { pair.tell(); });
        told.add("turn", turn(QEventLoop::X11ExcludeTimers | QEventLoop::WaitForMoreEvents));
        writer.join();
        turn();
    });
    QCOMPARE(story, QStringLiteral("turn=0 bytes=1 turn=1 timer"));
}

// Not before its time, and rounded up to milliseconds.
void tst_EventDispatcher::waitEndsWithATimer()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        for (const int interval : { 1, 2, 5, 11 }) {
            QElapsedTimer elapsed;
            bool isOver = false;
            QObject context;
            elapsed.start();
            QTimer::singleShot(interval, Qt::PreciseTimer, &context, [&] { isOver = true; });
            int turns = 0;
            turnUntil([&] {
                ++turns;
                return isOver;
            });
            if (elapsed.nsecsElapsed() < interval * 1'000'000 || turns > 4)
                told.add("early", interval);
        }
    });
    QCOMPARE(story, QString());
}

void tst_EventDispatcher::nestedLoopServesWhatIsPending()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        std::deque<Pair> pairs(5);
        std::deque<QSocketNotifier> notifiers;
        int depth = 0;
        int calls = 0;
        for (Pair &pair : pairs) {
            QSocketNotifier &notifier = notifiers.emplace_back(pair.near(), QSocketNotifier::Read);
            onActivated(&notifier, [&] {
                ++calls;
                pair.take();
                if (depth++ == 0) { // the others are pending in the outer loop
                    turn();
                    told.add("nested", calls);
                }
                --depth;
            });
            pair.tell();
        }
        turn();
        told.add("calls", calls);
    });
    QCOMPARE(story, QStringLiteral("nested=5 calls=5"));
}

void tst_EventDispatcher::nestedLoopsQuitInnermostFirst()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        QEventLoop outer;
        QEventLoop inner;
        QObject context;
        post(&context, [&] {
            QTimer::singleShot(0, &context, [&] {
                outer.exit(1);
                told.add("still", inner.isRunning());
                QTimer::singleShot(0, &inner, [&] { inner.exit(2); });
            });
            told.add("inner", inner.exec());
        });
        told.add("outer", outer.exec());
    });
    QCOMPARE(story, QStringLiteral("still=1 inner=2 outer=1"));
}

void tst_EventDispatcher::postedEventsInOrder()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        QObject context;
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        onActivated(&notifier, [&] { told.add("bytes", pair.take()); });
        QTimer timer;
        timer.setSingleShot(true);
        QObject::connect(&timer, &QTimer::timeout, &timer, [&] { told.add("timer"); });
        timer.start(0);
        pair.tell();
        post(&context, [&] {
            told.add("one");
            post(&context, [&] { told.add("three"); }); // the next turn
        });
        post(&context, [&] { told.add("two"); });
        told.add("turn", turn());
        told.add("turn", turn());
    });
    QCOMPARE(story, QStringLiteral("one two bytes=1 timer turn=1 three turn=0"));
}

void tst_EventDispatcher::deferredDelete()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        QEventLoop outer;
        QObject context;
        auto *object = new QObject;
        QObject::connect(object, &QObject::destroyed, &context, [&] { told.add("destroyed"); });
        post(&context, [&] {
            object->deleteLater();
            QEventLoop inner;
            QTimer::singleShot(1, &inner, &QEventLoop::quit);
            inner.exec(); // not in here
            told.add("inner");
            QTimer::singleShot(1, &outer, &QEventLoop::quit);
        });
        outer.exec();
        told.add("outer");
    });
    QCOMPARE(story, QStringLiteral("inner destroyed outer"));
}

void tst_EventDispatcher::awakeAndAboutToBlock()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        auto *dispatcher = QThread::currentThread()->eventDispatcher();
        QObject context;
        turn();
        QObject::connect(dispatcher, &QAbstractEventDispatcher::awake, &context,
                         [&] { told.add("awake"); });
        QObject::connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context,
                         [&] { told.add("block"); });
        turn();
        told.add("|");
        QTimer::singleShot(1, &context, [] {});
        turn(QEventLoop::WaitForMoreEvents);
        told.add("|");
        post(&context, [&] { post(&context, [] {}); });
        turn(QEventLoop::WaitForMoreEvents); // there is more to do: no block
        told.add("|");
        turn();
    });
    QCOMPARE(story, QStringLiteral("awake | awake block | awake | awake"));
}
