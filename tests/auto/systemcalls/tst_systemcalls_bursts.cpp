// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_systemcalls.h"

#include "plainsocket.h"
#include "side.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/nativesocket_p.h>

#include <QtCore/qsemaphore.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

#include <utility>
#include <vector>

using RawPeer::frame;
using SystemCalls::Counts;

namespace {

constexpr int WarmUp = 10;
constexpr int Rounds = 100;

// The fewest writes for that many messages, each of them whole in one write.
int writesFor(int messages, int size)
{
    const int perWrite = int(NativeSocket::LargestWrite) / (size + 4);
    return (messages + perWrite - 1) / perWrite;
}

// One for each 64 KiB.
int readsFor(qsizetype bytes)
{
    return int((bytes + 65'535) / 65'536);
}

/*
    Rounds that the buffers of the system take as a whole, so that no write finds them full. 958
    messages of 64 bytes are one write, and 3832 are four.
*/
void addRounds()
{
    QTest::addColumn<Loop>("loop");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("messages");
    const std::pair<const char *, Loop> loops[] = { { "unix", Loop::Unix },
                                                    { "epoll", Loop::Epoll } };
    for (const auto &[name, loop] : loops) {
        QTest::addRow("%s-100-of-64", name) << loop << 64 << 100;
        QTest::addRow("%s-958-of-64", name) << loop << 64 << 958;
        QTest::addRow("%s-3832-of-64", name) << loop << 64 << 3832;
        QTest::addRow("%s-428-of-600", name) << loop << 600 << 428;
        QTest::addRow("%s-12-of-20000", name) << loop << 20'000 << 12;
    }
}

// A thread with a server.
class Service
{
public:
    Service(Loop loop, qsizetype roundBytes, const GruvServer::ConnectionHandler &handler)
        : m_roundBytes(roundBytes)
        , m_side(loop)
    {
        m_side.call([&] {
            m_server = new GruvServer(m_side.home());
            m_server->setConnectionHandler([=](GruvSocket *socket) {
                m_descriptor = socket->socketDescriptor();
                growReceiveBuffer(m_descriptor, 4 * m_roundBytes);
                handler(socket);
                m_connections.release();
            });
            m_server->listen(QHostAddress::LocalHost);
            m_port = m_server->serverPort();
        });
    }
    quint16 port() const { return m_port; }
    GruvServer *server() const { return m_server; }
    Side *side() { return &m_side; }
    Counts calls() const { return m_side.calls(); }
    bool awaitConnections(int count)
    {
        return m_connections.tryAcquire(count, ThreadTools::Patience);
    }
    // The last connection finds each round whole from now on. Not before some have warmed it up: a
    // window that is nearly full makes a socket readable too.
    void receiveWholeRounds() { tellReadableFrom(m_descriptor, m_roundBytes); }

private:
    const qsizetype m_roundBytes;
    QSemaphore m_connections;
    GruvServer *m_server = nullptr;
    qintptr m_descriptor = -1;
    quint16 m_port = 0;
    Side m_side; // last, for it ends first
};

} // namespace

void tst_SystemCalls::burst_data()
{
    addRounds();
}

// From a thread to another one, a round in each turn of the sender's event loop.
void tst_SystemCalls::burst()
{
    QFETCH(Loop, loop);
    QFETCH(int, size);
    QFETCH(int, messages);
    const QByteArray message(size, 'x');
    QSemaphore received; // rounds
    int arrived = 0;
    const auto count = [&] {
        if (++arrived % messages == 0)
            received.release();
    };
    Service receiver(loop, messages * (size + 4), [&count](GruvSocket *connection) {
        connect(connection, &GruvSocket::messageReceived, connection, count);
    });
    Side sender(loop);
    GruvSocket *const socket = connectIn(&sender, receiver.port());
    QVERIFY(receiver.awaitConnections(1));
    const auto sendRound = [&] {
        for (int i = 0; i < messages; ++i)
            socket->sendMessage(message);
    };
    Counts sending;
    Counts receiving;
    for (int round = 0; round < WarmUp + Rounds; ++round) {
        if (round == WarmUp) {
            receiver.receiveWholeRounds();
            sending = sender.calls();
            receiving = receiver.calls();
        }
        sender.call(sendRound);
        QVERIFY(received.tryAcquire(1, ThreadTools::Patience));
    }
    sending = sender.calls() - sending;
    receiving = receiver.calls() - receiving;
    QCOMPARE(sending[SystemCalls::Refused], 0); // else the round is too large for this system
    QCOMPARE(sending[SystemCalls::Write], Rounds * writesFor(messages, size));
    QVERIFY(receiving[SystemCalls::Read] <= Rounds * readsFor(qsizetype(messages) * (size + 4)));
}

void tst_SystemCalls::echoOfABurst_data()
{
    addRounds();
}

// Many messages in one read, each answered in its slot.
void tst_SystemCalls::echoOfABurst()
{
    QFETCH(Loop, loop);
    QFETCH(int, size);
    QFETCH(int, messages);
    const QByteArray round = frame(QByteArray(size, 'x')).repeated(messages);
    Service service(loop, round.size(), [](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
    PlainSocket peer = PlainSocket::connectedTo(service.port());
    QVERIFY(service.awaitConnections(1));
    Counts calls;
    for (int i = 0; i < WarmUp + Rounds; ++i) {
        if (i == WarmUp) {
            service.receiveWholeRounds();
            calls = service.calls();
        }
        QVERIFY(peer.send(round));
        QVERIFY(peer.receive(round.size()) == round);
    }
    calls = service.calls() - calls;
    QCOMPARE(calls[SystemCalls::Refused], 0);
    QCOMPARE(calls[SystemCalls::Write], Rounds * writesFor(messages, size));
    QVERIFY(calls[SystemCalls::Read] <= Rounds * readsFor(round.size()));
}

void tst_SystemCalls::broadcast_data()
{
    addRounds();
}

// Many of them in one turn of the event loop.
void tst_SystemCalls::broadcast()
{
    QFETCH(Loop, loop);
    QFETCH(int, size);
    QFETCH(int, messages);
    constexpr int Peers = 3;
    const QByteArray message(size, 'x');
    const QByteArray round = frame(message).repeated(messages);
    Service service(loop, 1, [](GruvSocket *) {});
    std::vector<PlainSocket> peers;
    for (int i = 0; i < Peers; ++i)
        peers.push_back(PlainSocket::connectedTo(service.port()));
    QVERIFY(service.awaitConnections(Peers));
    const Counts before = service.calls();
    service.side()->call([&] {
        for (int i = 0; i < messages; ++i)
            service.server()->broadcast(message);
    });
    for (PlainSocket &peer : peers)
        QVERIFY(peer.receive(round.size()) == round);
    const Counts calls = service.calls() - before;
    QCOMPARE(calls[SystemCalls::Refused], 0);
    QCOMPARE(calls[SystemCalls::Write], Peers * writesFor(messages, size));
}
