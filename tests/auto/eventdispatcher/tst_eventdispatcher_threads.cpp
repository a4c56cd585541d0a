// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "pipes.h"
#include "stage.h"
#include "tst_eventdispatcher.h"

#include <QtCore/qsemaphore.h>
#include <QtCore/qtimer.h>

#include <scarcedescriptors.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/wait.h>

using Stage::post;
using Stage::Story;
using Stage::turn;
using Stage::turnUntil;

// No event is lost and no wait goes on, however the posts fall.
void tst_EventDispatcher::wakeUpFromOtherThreads()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        constexpr int Threads = 4;
        constexpr int Count = 20'000;
        QObject context;
        int received = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < Threads; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < Count; ++i)
                    post(&context, [&] { ++received; });
            });
        }
        turnUntil([&] { return received == Threads * Count; }, Threads * Count * 2);
        for (std::thread &thread : threads)
            thread.join();
        told.add("received", received);
        // One at a time: each finds the thread asleep, or just about to be.
        int rounds = 0;
        QSemaphore next;
        std::thread pingPong([&] {
            for (int i = 0; i < Count; ++i) {
                post(&context, [&] {
                    ++rounds;
                    next.release();
                });
                next.tryAcquire(1, Stage::Patience);
            }
        });
        turnUntil([&] { return rounds == Count; }, Count * 4);
        pingPong.join();
        told.add("rounds", rounds);
    });
    QCOMPARE(story, QStringLiteral("received=80000 rounds=20000"));
}

void tst_EventDispatcher::wakeUpOfItself()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        auto *dispatcher = QThread::currentThread()->eventDispatcher();
        turn();
        dispatcher->wakeUp();
        dispatcher->wakeUp();
        told.add("woken", turn(QEventLoop::WaitForMoreEvents)); // does not block
        told.add("again", turn());
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        onActivated(&notifier, [&] {
            pair.take();
            dispatcher->wakeUp();
        });
        pair.tell();
        turn();
        told.add("woken", turn(QEventLoop::WaitForMoreEvents));
        told.add("again", turn());
    });
    QCOMPARE(story, QStringLiteral("woken=1 again=0 woken=1 again=0"));
}

void tst_EventDispatcher::interruptEndsTheWait()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        auto *dispatcher = QThread::currentThread()->eventDispatcher();
        QObject context;
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        onActivated(&notifier, [&] { told.add("bytes", pair.take()); });
        pair.tell();
        post(&context, [&] { dispatcher->interrupt(); });
        told.add("turn", turn(QEventLoop::WaitForMoreEvents)); // leaves before it looks
        told.add("turn", turn(QEventLoop::WaitForMoreEvents));
        std::thread other([&] { dispatcher->interrupt(); });
        turn(QEventLoop::WaitForMoreEvents);
        other.join();
        told.add("back");
    });
    QCOMPARE(story, QStringLiteral("turn=0 bytes=1 turn=1 back"));
}

void tst_EventDispatcher::signalsOfTheSystemDoNotEndTheWait()
{
    QFETCH_GLOBAL(Kind, kind);
    static std::atomic<int> caught{ 0 };
    struct sigaction action = {}, before = {};
    action.sa_handler = [](int) { ++caught; };
    ::sigaction(SIGUSR1, &action, &before); // without SA_RESTART
    const QString story = Stage::in(kind, [](Story &told) {
        caught = 0;
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &timer, &QTimer::stop);
        timer.start(30);
        const pthread_t self = ::pthread_self();
        std::thread other([self] {
            for (int i = 0; i < 5; ++i) {
                ::pthread_kill(self, SIGUSR1);
                for (int spins = 0; caught <= i && spins < 1'000'000; ++spins)
                    std::this_thread::yield();
            }
        });
        turn(QEventLoop::WaitForMoreEvents);
        other.join();
        told.add("timer", !timer.isActive());
        told.add("caught", caught.load());
    });
    ::sigaction(SIGUSR1, &before, nullptr);
    QCOMPARE(story, QStringLiteral("timer=1 caught=5"));
}

// What the child of a fork() does with its loop is nothing to the parent's.
void tst_EventDispatcher::childOfForkHasItsOwn()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        Pair fresh;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        int bytes = 0;
        onActivated(&notifier, [&] { bytes += pair.take(); });
        turn();
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(20);
            notifier.setEnabled(false); // in the child alone
            QSocketNotifier own(fresh.near(), QSocketNotifier::Read);
            int got = 0;
            onActivated(&own, [&] { got += fresh.take(); });
            bool isOver = false;
            QTimer::singleShot(5, Qt::PreciseTimer, [&] { isOver = true; });
            fresh.tell();
            turnUntil([&] { return got == 1 && isOver; });
            QThread::currentThread()->eventDispatcher()->wakeUp();
            ::_exit(got == 1 && isOver && turn(QEventLoop::WaitForMoreEvents) ? 7 : 8);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        told.add("child", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        told.add("woken", turn());
        pair.tell();
        turn(QEventLoop::WaitForMoreEvents);
        told.add("bytes", bytes);
    });
    QCOMPARE(story, QStringLiteral("child=7 woken=0 bytes=1"));
}

// It is woken, told of what is readable, and all of it again when descriptors are free.
void tst_EventDispatcher::beginsWithoutDescriptors()
{
    QFETCH_GLOBAL(Kind, kind);
    if (kind == Kind::Unix)
        QSKIP("Qt's own ends the program there");
    Pair pair;
    QThread thread;
    QObject context;
    context.moveToThread(&thread);
    QSemaphore heard;
    const auto tellTwice = [&] {
        post(&context, [&] { heard.release(); });
        pair.tell();
        return heard.tryAcquire(2, Stage::Patience);
    };
    {
        const ScarceDescriptors none(0);
        QVERIFY(EpollDispatcher::start(&thread));
        post(&context, [&] {
            auto *notifier = new QSocketNotifier(pair.near(), QSocketNotifier::Read, &context);
            onActivated(notifier, [&] { heard.release(pair.take()); });
        });
        QVERIFY(tellTwice());
        QVERIFY(tellTwice());
    }
    for (int i = 0; i < 100; ++i)
        QVERIFY(tellTwice());
    post(&context, [&] { qDeleteAll(context.children()); });
    thread.quit();
    QVERIFY(thread.wait(Stage::Patience));
}
