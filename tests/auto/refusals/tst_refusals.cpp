// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "refusals.h"

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <mutex>
#include <set>

// The system refuses what only it can give: nobody is left unserved without a word.
class tst_Refusals : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void startWithoutAThreadIsRefused();
    void waitingForAThreadCostsNoDescriptors();
    void threadIsTriedAgainAfterTheClose();
    void listenWithoutThreadsIsRefused();
    void fewerThreadsServeAll();
    void threadsMissingWhileListening();
    void refusedWatchIsServedAndTriedAgain();
    void threadBegunWithoutAWatchServes_data();
    void threadBegunWithoutAWatchServes();
    void lackOfMemoryIsWaitedFor_data();
    void lackOfMemoryIsWaitedFor();
};

using namespace std::chrono_literals;
using Refusals::Refusal;
using ServerTools::MessageLog; // Qt warns of each thread that it does not get
using ServerTools::ownEntries;

static const QHostAddress Loopback(QHostAddress::LocalHost);

namespace {

// After listen(): echoes, and knows in which threads.
class EchoServer
{
public:
    EchoServer()
    {
        server.setConnectionHandler([this](GruvSocket *socket) {
            const std::lock_guard lock(m_mutex);
            m_threads.insert(QThread::currentThread());
            QObject::connect(socket, &GruvSocket::messageReceived, socket,
                             &GruvSocket::sendMessage);
        });
    }
    std::set<QThread *> threads() const
    {
        const std::lock_guard lock(m_mutex);
        return m_threads;
    }

private:
    mutable std::mutex m_mutex;
    std::set<QThread *> m_threads;

public:
    GruvServer server; // ends before what its handler uses
    QSignalSpy errors{ &server, &GruvServer::errorOccurred };
};

bool ask(GruvSocket *client, const GruvServer &server)
{
    if (client->state() == QAbstractSocket::UnconnectedState)
        client->connectToHost(server.serverAddress(), server.serverPort());
    return client->sendMessage("ask") && client->read(10s).data == "ask";
}

} // namespace

void tst_Refusals::startWithoutAThreadIsRefused()
{
    GruvServer server;
    QSignalSpy errors(&server, &GruvServer::errorOccurred);
    QSignalSpy changes(&server, &GruvServer::listeningChanged);
    const int descriptors = ownEntries("fd");
    {
        const MessageLog log;
        const Refusal noThread(Refusals::Thread);
        QVERIFY(!server.start(Gruv::echoHandler, 0, Loopback));
        QCOMPARE(noThread.count(), 1);
    }
    QCOMPARE(errors.size(), 1);
    QCOMPARE(server.error(), GruvServer::Error::ResourceExhausted);
    QCOMPARE(server.errorString(),
             QStringLiteral("cannot start: the system has no thread to give"));
    QVERIFY(!server.isListening());
    QCOMPARE(changes.size(), 0);
    QCOMPARE(ownEntries("fd"), descriptors);
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    GruvSocket client;
    QVERIFY(ask(&client, server));
}

// Each change of the bound has it try again, as each look at those who wait does.
void tst_Refusals::waitingForAThreadCostsNoDescriptors()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    GruvSocket client;
    {
        const MessageLog log;
        const Refusal noThread(Refusals::Thread);
        QVERIFY(ServerTools::connectTo(&client, server));
        QTRY_VERIFY(noThread.count() > 0);
        const int descriptors = ownEntries("fd");
        for (int i = 0; i < 10; ++i)
            server.setMaximumHandlerThreads(64);
        QVERIFY(noThread.count() > 10);
        QCOMPARE(ownEntries("fd"), descriptors);
    }
    QVERIFY(ask(&client, server));
}

void tst_Refusals::threadIsTriedAgainAfterTheClose()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    GruvSocket client;
    {
        const MessageLog log;
        const Refusal noThread(Refusals::Thread);
        QVERIFY(ServerTools::connectTo(&client, server));
        QTRY_VERIFY(noThread.count() > 0);
        server.close();
    }
    QVERIFY(ask(&client, server));
}

void tst_Refusals::listenWithoutThreadsIsRefused()
{
    EchoServer echoes;
    GruvServer &server = echoes.server;
    const int descriptors = ownEntries("fd");
    {
        const MessageLog log;
        const Refusal noThread(Refusals::Thread);
        server.setThreadCount(2);
        QVERIFY(!server.listen(Loopback));
    }
    QCOMPARE(echoes.errors.size(), 1);
    QCOMPARE(server.error(), GruvServer::Error::ResourceExhausted);
    QCOMPARE(server.errorString(),
             QStringLiteral("cannot listen: the system has no thread to give"));
    QVERIFY(!server.isListening());
    QCOMPARE(ownEntries("fd"), descriptors);
    QVERIFY(server.listen(Loopback));
    GruvSocket clients[2];
    for (GruvSocket &client : clients)
        QVERIFY(ask(&client, server));
    QCOMPARE(echoes.threads().size(), size_t(2));
    QCOMPARE(echoes.threads().count(QThread::currentThread()), size_t(0));
}

void tst_Refusals::fewerThreadsServeAll()
{
    EchoServer echoes;
    GruvServer &server = echoes.server;
    GruvSocket clients[3];
    {
        const MessageLog log;
        const Refusal onlyOne(Refusals::Thread, 1);
        server.setThreadCount(2);
        QVERIFY(server.listen(Loopback));
        QVERIFY(ask(&clients[0], server));
        QVERIFY(ask(&clients[1], server));
        QCOMPARE(echoes.threads().size(), size_t(1));
    }
    server.setThreadCount(2);
    QVERIFY(ask(&clients[2], server));
    QCOMPARE(echoes.threads().size(), size_t(2));
    QCOMPARE(echoes.errors.size(), 0);
    server.stop();
}

void tst_Refusals::threadsMissingWhileListening()
{
    EchoServer echoes;
    GruvServer &server = echoes.server;
    QVERIFY(server.listen(Loopback));
    const int descriptors = ownEntries("fd");
    for (int spell = 1; spell <= 2; ++spell) {
        {
            const MessageLog log;
            const Refusal noThread(Refusals::Thread);
            server.setThreadCount(1);
            for (int i = 0; i < 2; ++i) {
                GruvSocket client;
                QVERIFY(ServerTools::connectTo(&client, server));
                QVERIFY(client.waitForDisconnected(10s));
                QCOMPARE(echoes.errors.size(), spell);
            }
        }
        QCOMPARE(server.error(), GruvServer::Error::ResourceExhausted);
        QCOMPARE(server.clientCount(), 0);
        QCOMPARE(ownEntries("fd"), descriptors);
        GruvSocket client;
        QVERIFY(ask(&client, server));
        client.abort();
        QTRY_COMPARE(server.clientCount(), 0);
        server.setThreadCount(0);
        QTRY_COMPARE(ownEntries("fd"), descriptors);
    }
}

// The wait is the thread's, so only its watches count: this one's event loop is Qt's.
void tst_Refusals::refusedWatchIsServedAndTriedAgain()
{
    EchoServer echoes;
    GruvServer &server = echoes.server;
    server.setThreadCount(1);
    QVERIFY(server.listen(Loopback));
    GruvSocket before;
    QVERIFY(ask(&before, server));
    GruvSocket leaves;
    GruvSocket stays;
    const int granted = Refusals::granted(Refusals::Watch);
    {
        const Refusal noWatch(Refusals::Watch);
        QVERIFY(ask(&leaves, server));
        QVERIFY(ask(&stays, server));
        QVERIFY(ask(&before, server));
        QVERIFY(noWatch.count() > 0);
        leaves.abort();
        QTRY_COMPARE(server.clientCount(), 2);
        QCOMPARE(Refusals::granted(Refusals::Watch), granted);
    }
    QTRY_COMPARE(Refusals::granted(Refusals::Watch), granted + 1);
    QVERIFY(ask(&stays, server));
    QCOMPARE(Refusals::granted(Refusals::Watch), granted + 1);
    stays.abort();
    before.abort();
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_Refusals::threadBegunWithoutAWatchServes_data()
{
    QTest::addColumn<bool>("handlers");
    QTest::newRow("listen") << false;
    QTest::newRow("start") << true;
}

// Not even for what wakes it up.
void tst_Refusals::threadBegunWithoutAWatchServes()
{
    QFETCH(const bool, handlers);
    EchoServer echoes;
    GruvServer &server = echoes.server;
    GruvSocket client;
    {
        const Refusal noWatch(Refusals::Watch);
        server.setThreadCount(1);
        QVERIFY(handlers ? server.start(Gruv::echoHandler, 0, Loopback) : server.listen(Loopback));
        QVERIFY(ask(&client, server));
        QVERIFY(ask(&client, server));
        QVERIFY(noWatch.count() > 0);
    }
    QVERIFY(ask(&client, server));
    client.abort();
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_Refusals::lackOfMemoryIsWaitedFor_data()
{
    QTest::addColumn<bool>("sends");
    QTest::newRow("to-send") << true;
    QTest::newRow("to-receive") << false;
}

void tst_Refusals::lackOfMemoryIsWaitedFor()
{
    QFETCH(const bool, sends);
    EchoServer echoes;
    QVERIFY(echoes.server.listen(Loopback));
    GruvSocket client;
    QVERIFY(ask(&client, echoes.server));
    if (!sends) {
        QVERIFY(client.sendMessage("ask"));
        QVERIFY(client.waitForMessagesWritten());
    }
    {
        const Refusal noMemory(Refusals::Memory);
        QVERIFY(!sends || client.sendMessage("ask"));
        QVERIFY(!client.read(300ms));
        QVERIFY(noMemory.count() > 0);
        QVERIFY2(noMemory.count() < 2000, QByteArray::number(noMemory.count()).constData());
    }
    QCOMPARE(client.read(10s).data, QByteArray("ask"));
}

QTEST_GUILESS_MAIN(tst_Refusals)
#include "tst_refusals.moc"
