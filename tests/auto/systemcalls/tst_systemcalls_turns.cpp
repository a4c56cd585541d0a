// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_systemcalls.h"

#include "plainsocket.h"
#include "side.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qcoreevent.h>
#include <QtCore/qsemaphore.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

using RawPeer::frame;
using SystemCalls::Counts;

namespace {

// The socket and its peer, connected.
PlainSocket connectIn(Side *side, GruvSocket **socket)
{
    PlainListener listener;
    *socket = connectIn(side, listener.port());
    return listener.accept();
}

// Messages there and back, one at a time; returns how many came back.
int exchange(PlainSocket *peer, int rounds)
{
    const QByteArray message = frame(QByteArray(64, 'x'));
    int echoes = 0;
    for (int i = 0; i < rounds && peer->send(message); ++i)
        echoes += peer->receive(message.size()) == message;
    return echoes;
}

void addLoops()
{
    QTest::addColumn<Loop>("loop");
    QTest::newRow("unix") << Loop::Unix;
    QTest::newRow("epoll") << Loop::Epoll;
}

// Counts the events that are posted to sockets because other threads have sent.
class PostedEvents : public QObject
{
public:
    explicit PostedEvents(GruvSocket *(&sockets)[2])
        : QObject(sockets[0])
    {
        for (GruvSocket *socket : sockets)
            socket->installEventFilter(this);
    }
    int count() const { return m_count; }

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        m_count += event->type() >= QEvent::User;
        return false;
    }

private:
    std::atomic<int> m_count{ 0 };
};

// A socket that sends everything back and notes how often its thread had written to sockets when
// the first message came.
PlainSocket echoIn(Side *side, GruvSocket **socket, std::vector<int> *writesBefore)
{
    PlainSocket peer = connectIn(side, socket);
    side->call([=] {
        auto isFirst = std::make_shared<bool>(true);
        QObject::connect(*socket, &GruvSocket::messageReceived, *socket,
                         [socket = *socket, writesBefore, isFirst](const QByteArray &message) {
                             if (std::exchange(*isFirst, false)) {
                                 const Counts calls = SystemCalls::ofThisThread()->now();
                                 writesBefore->push_back(calls[SystemCalls::Write]);
                             }
                             socket->sendMessage(message);
                         });
    });
    return peer;
}

} // namespace

void tst_SystemCalls::pingPong_data()
{
    QTest::addColumn<bool>("isServer");
    QTest::addColumn<Loop>("loop");
    QTest::newRow("server-of-a-pool") << true << Loop::Epoll;
    QTest::newRow("client-unix") << false << Loop::Unix;
    QTest::newRow("client-epoll") << false << Loop::Epoll;
}

// Exactly: what a turn has done is counted before its answer arrives, see systemcalls.cpp.
void tst_SystemCalls::pingPong()
{
    QFETCH(bool, isServer);
    QFETCH(Loop, loop);
    std::atomic<SystemCalls::Meter *> meter{ nullptr };
    const auto echo = [&meter](GruvSocket *socket) {
        meter = SystemCalls::ofThisThread();
        connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    };
    Side side(loop);
    quint16 port = 0;
    GruvSocket *socket = nullptr;
    if (isServer) {
        side.call([&] {
            auto *server = new GruvServer(side.home());
            server->setThreadCount(1);
            server->setConnectionHandler(echo);
            server->listen(QHostAddress::LocalHost);
            port = server->serverPort();
        });
    }
    PlainSocket peer = isServer ? PlainSocket::connectedTo(port) : connectIn(&side, &socket);
    if (socket)
        side.call([&] { echo(socket); });
    QCOMPARE(exchange(&peer, 10), 10);
    const Counts before = meter.load()->now();
    QCOMPARE(exchange(&peer, 500), 500);
    QCOMPARE((meter.load()->now() - before).text(), "500 read, 500 write, 500 wait");
}

void tst_SystemCalls::oneWakeUpForABurst_data()
{
    addLoops();
}

// Two sockets, for both the mailbox of each and the event loop know that waking once is enough.
void tst_SystemCalls::oneWakeUpForABurst()
{
    QFETCH(Loop, loop);
    constexpr int Messages = 1000;
    QSemaphore isBusy;
    QSemaphore mayGoOn;
    PostedEvents *events = nullptr;
    Side side(loop);
    GruvSocket *sockets[2];
    PlainSocket peers[] = { connectIn(&side, &sockets[0]), connectIn(&side, &sockets[1]) };
    side.call([&] { events = new PostedEvents(sockets); });
    side.post([&] {
        isBusy.release();
        mayGoOn.tryAcquire(1, ThreadTools::Patience);
    });
    QVERIFY(isBusy.tryAcquire(1, ThreadTools::Patience));
    const Counts before = SystemCalls::ofThisThread()->now();
    const Counts sideBefore = side.calls();
    QByteArray expected;
    int accepted = 0;
    for (int i = 0; i < Messages; ++i) {
        for (GruvSocket *socket : sockets)
            accepted += socket->sendMessage(QByteArray::number(i));
        expected += frame(QByteArray::number(i));
    }
    const Counts calls = SystemCalls::ofThisThread()->now() - before;
    mayGoOn.release();
    QCOMPARE(accepted, 2 * Messages);
    // None where the thread has not yet seen an earlier one.
    QVERIFY2(calls.text().isEmpty() || calls.text() == "1 wake-up", calls.text().constData());
    for (PlainSocket &peer : peers)
        QVERIFY(peer.receive(expected.size()) == expected);
    QCOMPARE((side.calls() - sideBefore)[SystemCalls::Write], 2); // one burst each
    QVERIFY(events->count() <= 4); // a second one each, in case a slot runs an event loop
}

void tst_SystemCalls::answersLeaveWithTheirDelivery_data()
{
    addLoops();
}

// Not at the end of the turn, in which other connections may have much to deliver.
void tst_SystemCalls::answersLeaveWithTheirDelivery()
{
    QFETCH(Loop, loop);
    const QByteArray round = frame("a message").repeated(100);
    QSemaphore isBusy;
    QSemaphore mayGoOn;
    std::vector<int> writesBefore;
    Side side(loop);
    GruvSocket *sockets[2];
    PlainSocket peers[] = { echoIn(&side, &sockets[0], &writesBefore),
                            echoIn(&side, &sockets[1], &writesBefore) };
    qintptr descriptors[2] = {};
    side.call([&] {
        for (int i = 0; i < 2; ++i) {
            descriptors[i] = sockets[i]->socketDescriptor();
            tellReadableFrom(descriptors[i], round.size());
        }
    });
    side.post([&] {
        isBusy.release();
        mayGoOn.tryAcquire(1, ThreadTools::Patience);
    });
    QVERIFY(isBusy.tryAcquire(1, ThreadTools::Patience));
    const Counts before = side.calls();
    bool isThere = true;
    for (int i = 0; i < 2; ++i)
        isThere = peers[i].send(round) && awaitReadable(descriptors[i]) && isThere;
    mayGoOn.release(); // both are ready in the same turn
    QVERIFY(isThere);
    for (PlainSocket &peer : peers)
        QVERIFY(peer.receive(round.size()) == round);
    const int writes = before[SystemCalls::Write];
    QCOMPARE(writesBefore, std::vector<int>({ writes, writes + 1 }));
    const Counts calls = side.calls() - before;
    QCOMPARE(calls[SystemCalls::Read], 2);
    QCOMPARE(calls[SystemCalls::Write], 2);
}
