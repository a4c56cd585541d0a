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
