// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "pipes.h"
#include "stage.h"
#include "tst_eventdispatcher.h"

#include <QtCore/qtemporaryfile.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

#include <deque>

#include <arpa/inet.h>
#include <netinet/in.h>

using Stage::Story;
using Stage::turn;

/*
    In a slot: a descriptor that is pending too is closed, another one gets its number and a
    notifier, all in one turn. What was ready was the old one; the new one is ready when it is.
*/
void tst_EventDispatcher::descriptorUsedAgainInTheSameTurn()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair old;
        Pair fresh;
        Pair trigger;
        const int number = old.near();
        auto notifier = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
        onActivated(notifier.get(), [&] { told.add("old"); });
        QSocketNotifier starts(trigger.near(), QSocketNotifier::Read);
        onActivated(&starts, [&] {
            trigger.take();
            notifier.reset();
            old.closeNear();
            told.add("same", ::fcntl(fresh.near(), F_DUPFD_CLOEXEC, number) == number);
            notifier = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
            onActivated(notifier.get(), [&] {
                fresh.take();
                told.add("fresh");
            });
        });
        trigger.tell();
        turn();
        turn();
        told.add("|");
        fresh.tell();
        turn();
        turn();
        notifier.reset();
        ::close(number);
    });
    QCOMPARE(story, QStringLiteral("same=1 | fresh"));
}

/*
    The wrong order, with a copy of the descriptor that lives on: epoll would tell of it for ever.
    A loop that does not rest shows by its turns.
*/
void tst_EventDispatcher::closedBeforeItsNotifier()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        Pair other;
        const int copy = ::dup(pair.near());
        auto notifier = std::make_unique<QSocketNotifier>(pair.near(), QSocketNotifier::Read);
        onActivated(notifier.get(), [&] { told.add("old"); });
        pair.closeNear();
        notifier.reset();
        pair.tell();
        QSocketNotifier alive(other.near(), QSocketNotifier::Read);
        onActivated(&alive, [&] { told.add("bytes", other.take()); });
        int turns = 0;
        QObject::connect(QThread::currentThread()->eventDispatcher(),
                         &QAbstractEventDispatcher::awake, [&] { ++turns; });
        bool over = false;
        QTimer::singleShot(50, Qt::PreciseTimer, [&] { over = true; });
        Stage::turnUntil([&] { return over; }, 1'000'000);
        told.add("rests", turns < 10);
        other.tell();
        turn();
        ::close(copy);
    });
    QCOMPARE(story, QStringLiteral("rests=1 bytes=1"));
}

void tst_EventDispatcher::regularFileIsAlwaysReady()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        QTemporaryFile file;
        file.open();
        QSocketNotifier read(file.handle(), QSocketNotifier::Read);
        QSocketNotifier write(file.handle(), QSocketNotifier::Write);
        onActivated(&read, [&] { told.add("read"); });
        onActivated(&write, [&] {
            told.add("write");
            write.setEnabled(false);
        });
        told.add("turn", turn(QEventLoop::WaitForMoreEvents)); // does not block
        told.add("turn", turn(QEventLoop::WaitForMoreEvents));
        read.setEnabled(false);
        told.add("turn", turn());
    });
    QCOMPARE(story, QStringLiteral("read write turn=1 read turn=1 turn=0"));
}

void tst_EventDispatcher::invalidDescriptorIsDisabled()
{
    QFETCH_GLOBAL(Kind, kind);
    const int closed = ::dup(0) + 500; // nobody has that one
    QTest::ignoreMessage(QtWarningMsg,
                         qPrintable(QStringLiteral("QSocketNotifier: Invalid socket %1 with type "
                                                   "Read, disabling...")
                                            .arg(closed)));
    const QString story = Stage::in(kind, [closed](Story &told) {
        QSocketNotifier notifier(closed, QSocketNotifier::Read);
        onActivated(&notifier, [&] { told.add("read"); });
        told.add("enabled", notifier.isEnabled());
        turn();
        told.add("enabled", notifier.isEnabled());
        turn();
    });
    QCOMPARE(story, QStringLiteral("enabled=1 enabled=0"));
    ::close(closed - 500);
}

// What was invalid is not held against the next one of that number.
void tst_EventDispatcher::closedWithTwoNotifiers()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair old;
        Pair fresh;
        const int number = old.near();
        auto read = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
        auto write = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Write);
        turn();
        old.closeNear();
        read.reset();
        write.reset();
        told.add("same", ::fcntl(fresh.near(), F_DUPFD_CLOEXEC, number) == number);
        read = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
        onActivated(read.get(), [&] { told.add("bytes", fresh.take()); });
        fresh.tell();
        turn();
        read.reset();
        ::close(number);
    });
    QCOMPARE(story, QStringLiteral("same=1 bytes=1"));
}

// Closed before its notifier, and a copy brings the same number and connection back.
void tst_EventDispatcher::closedAndBackAsACopy()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        const int number = pair.near();
        const int copy = ::dup(number);
        auto notifier = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
        pair.closeNear();
        notifier.reset();
        told.add("same", ::dup2(copy, number) == number);
        notifier = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
        onActivated(notifier.get(), [&] {
            char byte;
            told.add("bytes", int(::read(number, &byte, 1)));
        });
        pair.tell();
        turn();
        notifier.reset();
        ::close(number);
        ::close(copy);
    });
    QCOMPARE(story, QStringLiteral("same=1 bytes=1"));
}

void tst_EventDispatcher::twoOfATypeWarn()
{
    QFETCH_GLOBAL(Kind, kind);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("Multiple socket")));
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        QSocketNotifier first(pair.near(), QSocketNotifier::Read);
        QSocketNotifier second(pair.near(), QSocketNotifier::Read);
        onActivated(&first, [&] { told.add("first"); });
        onActivated(&second, [&] { told.add("second"); });
        pair.tell();
        turn();
        second.setEnabled(false);
    });
    QCOMPARE(story, QStringLiteral("second"));
}
