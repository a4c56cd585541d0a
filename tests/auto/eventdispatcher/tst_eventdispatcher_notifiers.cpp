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

void tst_EventDispatcher::readableIsToldUntilRead()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        bool reads = false;
        onActivated(&notifier,
                    [&] { told.add(reads ? QString::number(pair.take()) : QStringLiteral("r")); });
        turn();
        told.add("|");
        pair.tell();
        turn();
        turn();
        pair.tell();
        reads = true;
        turn();
        turn();
    });
    QCOMPARE(story, QStringLiteral("| r r 2"));
}

// Urgent data makes a TCP socket exceptional, and readable is told first.
void tst_EventDispatcher::threeTypesOnOneDescriptor()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        QTcpServer server;
        server.listen(QHostAddress::LocalHost);
        const int far = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.serverPort());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::connect(far, reinterpret_cast<sockaddr *>(&address), sizeof address);
        server.waitForNewConnection(Stage::Patience);
        server.pauseAccepting();
        const std::unique_ptr<QTcpSocket> accepted(server.nextPendingConnection());
        const int near = ::dup(int(accepted->socketDescriptor()));
        accepted->abort();
        QSocketNotifier read(near, QSocketNotifier::Read);
        QSocketNotifier write(near, QSocketNotifier::Write);
        QSocketNotifier exception(near, QSocketNotifier::Exception);
        onActivated(&read, [&] { told.add("read"); });
        onActivated(&write, [&] { told.add("write"); });
        onActivated(&exception, [&] { told.add("exception"); });
        turn();
        told.add("|");
        ::send(far, "!", 1, MSG_OOB);
        turn();
        told.add("|");
        write.setEnabled(false);
        Pair::write(far);
        turn();
        told.add("|");
        exception.setEnabled(false);
        turn();
        ::close(far);
        ::close(near);
    });
    QCOMPARE(story, QStringLiteral("write | read write exception | read exception | read"));
}

void tst_EventDispatcher::hangUpIsToldToAll()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        QSocketNotifier exception(pair.near(), QSocketNotifier::Exception);
        QSocketNotifier read(pair.near(), QSocketNotifier::Read);
        onActivated(&read, [&] { told.add("read"); });
        onActivated(&exception, [&] { told.add("exception"); });
        turn();
        pair.closeFar();
        turn();
        read.setEnabled(false);
        turn();
        exception.setEnabled(false);
        turn();
    });
    QCOMPARE(story, QStringLiteral("read exception exception"));
}

// Two are ready; whichever comes first disables the other.
void tst_EventDispatcher::disabledWhilePending()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pairs[2];
        QSocketNotifier a(pairs[0].near(), QSocketNotifier::Read);
        QSocketNotifier b(pairs[1].near(), QSocketNotifier::Read);
        int calls = 0;
        const auto call = [&](QSocketNotifier *other) {
            ++calls;
            other->setEnabled(false);
        };
        onActivated(&a, [&] { call(&b); });
        onActivated(&b, [&] { call(&a); });
        pairs[0].tell();
        pairs[1].tell();
        turn();
        told.add("calls", calls);
        a.setEnabled(true); // what was pending then is not any more, but it is ready again
        b.setEnabled(true);
        turn();
        told.add("calls", calls);
    });
    QCOMPARE(story, QStringLiteral("calls=1 calls=2"));
}

void tst_EventDispatcher::deletedInItsOwnSlot()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pairs[2];
        auto *first = new QSocketNotifier(pairs[0].near(), QSocketNotifier::Read);
        auto *second = new QSocketNotifier(pairs[1].near(), QSocketNotifier::Read);
        const auto end = [&](QSocketNotifier *&notifier) {
            told.add("deleted");
            delete std::exchange(notifier, nullptr);
        };
        QObject context;
        QObject::connect(first, &QSocketNotifier::activated, &context, [&] { end(first); });
        QObject::connect(second, &QSocketNotifier::activated, &context, [&] { end(second); });
        pairs[0].tell();
        pairs[1].tell();
        turn();
        turn();
    });
    QCOMPARE(story, QStringLiteral("deleted deleted"));
}

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

void tst_EventDispatcher::enabledAgainInTheSameTurn()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        Pair pair;
        QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
        onActivated(&notifier, [&] {
            told.add("read");
            notifier.setEnabled(false);
            notifier.setEnabled(true);
        });
        pair.tell();
        turn();
        turn();
    });
    QCOMPARE(story, QStringLiteral("read read"));
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

// More than one wait tells at once; each is told, and told once.
void tst_EventDispatcher::manyDescriptors()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        constexpr int Count = 2000;
        std::deque<Pair> pairs(Count);
        std::deque<QSocketNotifier> notifiers;
        std::vector<int> told_(Count, 0);
        int all = 0;
        for (int i = 0; i < Count; ++i) {
            QSocketNotifier &notifier =
                    notifiers.emplace_back(pairs[size_t(i)].near(), QSocketNotifier::Read);
            onActivated(&notifier, [&, i] {
                ++told_[size_t(i)];
                all += pairs[size_t(i)].take();
            });
            pairs[size_t(i)].tell();
        }
        Stage::turnUntil([&] { return all == Count; });
        told.add("all", all);
        told.add("once", told_ == std::vector<int>(Count, 1));
    });
    QCOMPARE(story, QStringLiteral("all=2000 once=1"));
}

void tst_EventDispatcher::movedToAnotherThread()
{
    QFETCH_GLOBAL(Kind, kind);
    Pair pair;
    QThread *thread = nullptr;
    QSocketNotifier notifier(pair.near(), QSocketNotifier::Read);
    QObject context;
    QObject::connect(
            &notifier, &QSocketNotifier::activated, &context,
            [&] {
                pair.take();
                thread = QThread::currentThread();
            },
            Qt::DirectConnection);
    QThread *const home = QThread::currentThread();
    const std::unique_ptr<QThread> worker(QThread::create([&] {
        Stage::turnUntil([&] { return thread != nullptr; });
        notifier.moveToThread(home);
    }));
    if (kind == Kind::Epoll)
        worker->setEventDispatcher(EpollDispatcher::create());
    notifier.moveToThread(worker.get());
    pair.tell();
    worker->start();
    QVERIFY(worker->wait(Stage::Patience));
    QCOMPARE(thread, worker.get());
    thread = nullptr;
    pair.tell();
    QTRY_COMPARE(thread, home);
}
