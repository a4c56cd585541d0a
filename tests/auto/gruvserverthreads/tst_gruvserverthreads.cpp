// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvserverthreads.h"

#include "crowd.h"

#include <QtCore/qeventloop.h>
#include <QtCore/qsemaphore.h>
#include <QtTest/qsignalspy.h>

#include <memoryinuse.h>
#include <rawpeer.h>
#include <servertools.h>

#include <atomic>
#include <set>

using namespace std::chrono_literals;
using ServerTools::connectTo;

void tst_GruvServerThreads::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_GruvServerThreads::startsWithItsOwnThread()
{
    GruvServer server;
    QCOMPARE(server.threadCount(), 0);
    server.setThreadCount(-3);
    QCOMPARE(server.threadCount(), 0);
    Census census;
    QVERIFY(serveEchoes(&server, 0, &census));
    Crowd crowd;
    QVERIFY(crowd.join(server, 3));
    QVERIFY(census.has(QThread::currentThread()));
    QCOMPARE(census.numbers(), QList<int>{ 3 });
}

void tst_GruvServerThreads::leastLoadedThreadTakesTheNext()
{
    std::mutex mutex;
    QMap<QThread *, QList<quint64>> byThread;
    GruvServer server; // ends before what its handlers use
    server.setThreadCount(3);
    server.setConnectionHandler([&](GruvSocket *socket) {
        const std::lock_guard lock(mutex);
        byThread[QThread::currentThread()].append(socket->connectionId());
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 9));
    QCOMPARE(byThread.size(), 3);
    QVERIFY(!byThread.contains(QThread::currentThread()));
    for (const auto &ids : std::as_const(byThread))
        QCOMPARE(ids.size(), 3);
    // One of them is emptied; the next three are its own.
    QThread *const emptied = byThread.firstKey();
    const QList<quint64> leaving = byThread.take(emptied);
    for (quint64 id : leaving)
        QVERIFY(server.disconnectClient(id));
    QTRY_COMPARE(server.clientCount(), 6);
    QTRY_VERIFY([&] { // until they are deleted, too, they have their seats
        GruvSocket probe;
        return connectTo(&probe, server)
               && QTest::qWaitFor(
                       [&] {
                           const std::lock_guard lock(mutex);
                           return byThread.contains(emptied);
                       },
                       100);
    }());
}

// The message is there before the connection is: the handler is still the first to see it.
void tst_GruvServerThreads::handlerRunsInTheThreadBeforeTheFirstByte()
{
    QMutex mutex;
    QStringList story;
    GruvServer server;
    const auto tell = [&](const QString &line) {
        const QMutexLocker lock(&mutex);
        story.append(line);
    };
    QThread *const own = QThread::currentThread();
    server.setThreadCount(2);
    server.setConnectionHandler([&, own](GruvSocket *socket) {
        tell(QThread::currentThread() == own ? QStringLiteral("own") : QStringLiteral("handler"));
        tell(QString::number(socket->statistics().bytesReceived));
        QThread *const thread = socket->thread();
        connect(socket, &GruvSocket::messageReceived, socket,
                [&, thread](const QByteArray &message) {
                    tell(QString::fromLatin1(message));
                    tell(QThread::currentThread() == thread ? QStringLiteral("there")
                                                            : QStringLiteral("elsewhere"));
                });
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(client.sendMessage("at once"));
    QTRY_COMPARE((QMutexLocker(&mutex), story.size()), 4);
    QCOMPARE(story.join(u' '), QStringLiteral("handler 0 at once there"));
}

// The handler waits for something, as a proxy does for its backend: messages are told meanwhile.
void tst_GruvServerThreads::handlerRunsAnEventLoop()
{
#if defined(__SANITIZE_THREAD__)
    QSKIP("Qt's queue of posted events is not instrumented");
#endif
    QList<QByteArray> received;
    QEventLoop *waiting = nullptr; // of the connection's thread
    QSemaphore isWaiting;
    GruvServer server;
    server.setThreadCount(1);
    server.setConnectionHandler([&](GruvSocket *) {
        QEventLoop loop;
        waiting = &loop;
        isWaiting.release();
        loop.exec();
    });
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    connect(&server, &GruvServer::messageReceived, &server,
            [&](GruvSocket *, const QByteArray &message) { received.append(message); });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    for (int i = 0; i < 3; ++i)
        QVERIFY(client.sendMessage(QByteArray::number(i)));
    QTRY_COMPARE(received, (QList<QByteArray>{ "0", "1", "2" }));
    QVERIFY(isWaiting.tryAcquire(1, 10'000));
    QMetaObject::invokeMethod(waiting, &QEventLoop::quit, Qt::QueuedConnection);
    QVERIFY(client.sendMessage("3"));
    QTRY_COMPARE(received.size(), 4);
    QCOMPARE(connected.size(), 1);
}

/*
    What the server tells of each connection: connected, its messages as they were sent,
    disconnected, and then nothing. In the server's thread.
*/
void tst_GruvServerThreads::signalsComeInOrder()
{
    constexpr int Clients = 20;
    constexpr int Messages = 500;
    GruvServer server;
    server.setThreadCount(3);
    QMap<GruvSocket *, int> next; // message; those that are connected
    int ended = 0;
    QStringList faults;
    QThread *const own = QThread::currentThread();
    connect(&server, &GruvServer::clientConnected, &server, [&](GruvSocket *socket) {
        if (next.contains(socket) || QThread::currentThread() != own || socket->thread() == own)
            faults.append(QStringLiteral("connected"));
        next[socket] = 0;
    });
    connect(&server, &GruvServer::messageReceived, &server,
            [&](GruvSocket *socket, const QByteArray &message) {
                if (!next.contains(socket) || message.toInt() != next[socket]++)
                    faults.append(QStringLiteral("message"));
            });
    connect(&server, &GruvServer::clientDisconnected, &server, [&](GruvSocket *socket) {
        if (next.take(socket) != Messages || socket->statistics().messagesReceived != Messages)
            faults.append(QStringLiteral("disconnected"));
        ++ended;
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, Clients));
    for (int i = 0; i < Messages; ++i) {
        for (int c = 0; c < Clients; ++c)
            QVERIFY(crowd[c].sendMessage(QByteArray::number(i)));
    }
    for (int c = 0; c < Clients; ++c)
        crowd[c].disconnectFromHost();
    QTRY_COMPARE(ended, Clients);
    QCOMPARE(faults, QStringList());
    QCOMPARE(server.clientCount(), 0);
}

void tst_GruvServerThreads::receiverInAThirdThread()
{
#if defined(__SANITIZE_THREAD__)
    QSKIP("Qt's queue of posted events is not instrumented");
#endif
    constexpr int Messages = 2000;
    GruvServer server;
    QThread third;
    QObject receiver;
    receiver.moveToThread(&third);
    std::atomic<int> next{ 0 };
    std::atomic<int> faults{ 0 };
    std::atomic<bool> isEnded{ false };
    connect(&server, &GruvServer::messageReceived, &receiver,
            [&](GruvSocket *, const QByteArray &message) {
                faults += QThread::currentThread() != &third || message.toInt() != next || isEnded;
                ++next;
            });
    connect(&server, &GruvServer::clientDisconnected, &receiver, [&] { isEnded = true; });
    third.start();
    server.setThreadCount(2);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 1));
    for (int i = 0; i < Messages; ++i)
        QVERIFY(crowd[0].sendMessage(QByteArray::number(i)));
    crowd[0].disconnectFromHost();
    QTRY_VERIFY(isEnded);
    third.quit();
    QVERIFY(third.wait());
    QCOMPARE(next.load(), Messages);
    QCOMPARE(faults.load(), 0);
}

// The README's first program, with threads.
void tst_GruvServerThreads::echoThroughTheServersThread()
{
    GruvServer server;
    server.setThreadCount(2);
    connect(&server, &GruvServer::messageReceived, &server,
            [](GruvSocket *socket, const QByteArray &message) {
                socket->sendMessage("you said: " + message);
            });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 5));
    for (int round = 0; round < 20; ++round) {
        for (int c = 0; c < 5; ++c)
            QVERIFY(crowd[c].sendMessage(QByteArray::number(c)));
        for (int c = 0; c < 5; ++c)
            QCOMPARE(crowd[c].read().data, "you said: " + QByteArray::number(c));
    }
}

void tst_GruvServerThreads::receiverThatComesLate()
{
    GruvServer server;
    server.setThreadCount(2);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 4));
    for (int c = 0; c < 4; ++c)
        QVERIFY(crowd[c].sendMessage("early"));
    int received = 0;
    connect(&server, &GruvServer::messageReceived, &server, [&] { ++received; });
    QTRY_COMPARE(received, 4); // what had arrived was kept for it
    QVERIFY(crowd.join(server, 1));
    QVERIFY(crowd[4].sendMessage("late"));
    QTRY_COMPARE(received, 5);
}

// A slot connected from clientConnected() gets what came before it was there.
void tst_GruvServerThreads::messagesWaitForAReceiver()
{
#if defined(__SANITIZE_THREAD__)
    QSKIP("Qt's queue of posted events is not instrumented");
#endif
    GruvServer server;
    server.setThreadCount(1);
    QList<QByteArray> received;
    connect(&server, &GruvServer::clientConnected, &server, [&](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, &server,
                [&](const QByteArray &message) { received.append(message); });
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    for (int i = 0; i < 3; ++i)
        QVERIFY(client.sendMessage(QByteArray::number(i)));
    QVERIFY(client.waitForMessagesWritten());
    QTRY_COMPARE(received, (QList<QByteArray>{ "0", "1", "2" }));
}

void tst_GruvServerThreads::sendsFromTheServersThread()
{
    constexpr int Messages = 3000;
    GruvServer server;
    server.setThreadCount(2);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 3));
    const QList<GruvSocket *> sockets = server.clients();
    QCOMPARE(sockets.size(), 3);
    for (int i = 0; i < Messages; ++i) {
        for (GruvSocket *socket : sockets)
            QVERIFY(socket->sendMessage(QByteArray::number(i)));
    }
    for (GruvSocket *socket : sockets)
        socket->disconnectFromHost(); // after what was sent before
    for (int c = 0; c < 3; ++c) {
        for (int i = 0; i < Messages; ++i)
            QCOMPARE(crowd[c].read().data.toInt(), i);
        QCOMPARE(crowd[c].read().status, GruvSocket::ReadStatus::Error);
        QCOMPARE(crowd[c].error(), GruvSocket::Error::NoError);
    }
}

// Clients that do not read: the one frame waits in all of them.
void tst_GruvServerThreads::broadcastEncodesOnce()
{
    constexpr int Clients = 20;
    constexpr qsizetype Size = 12 << 20;
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    GruvServer server;
    server.setThreadCount(2);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    std::vector<std::unique_ptr<QTcpSocket>> clients;
    for (int i = 0; i < Clients; ++i) {
        clients.push_back(std::make_unique<QTcpSocket>());
        clients.back()->setReadBufferSize(1);
        clients.back()->connectToHost(QHostAddress::LocalHost, server.serverPort());
    }
    QTRY_COMPARE(server.clientCount(), Clients);
    const QByteArray message(Size, 'b');
    const qint64 before = liveBytes();
    QCOMPARE(server.broadcast(message), Clients);
    const QList<GruvSocket *> sockets = server.clients();
    for (GruvSocket *socket : sockets)
        QTRY_VERIFY(socket->bytesToWrite() < Size); // the system has taken a part
    const qint64 grown = liveBytes() - before;
    QCOMPARE((grown + Size / 2) / Size, 1); // one frame, not one for each
    server.stop();
}

void tst_GruvServerThreads::disconnectClientReachesIt()
{
    GruvServer server;
    QVERIFY(serveEchoes(&server, 2));
    Crowd crowd;
    QVERIFY(crowd.join(server, 2));
    std::set<quint64> ids;
    for (GruvSocket *socket : server.clients())
        ids.insert(socket->connectionId());
    QCOMPARE(ids.size(), size_t(2));
    QVERIFY(server.disconnectClient(*ids.begin()));
    QTRY_COMPARE(server.clientCount(), 1);
    QVERIFY(!server.disconnectClient(*ids.begin()));
    QVERIFY(server.disconnectClient(*ids.rbegin()));
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_GruvServerThreads::optionsOfNewConnections()
{
    QMutex mutex;
    QList<qint64> sizes;
    GruvServer server;
    server.setThreadCount(1);
    server.setConnectionHandler([&](GruvSocket *socket) {
        const QMutexLocker lock(&mutex);
        sizes.append(socket->options().maximumMessageSize);
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 1));
    GruvSocketOptions options;
    options.maximumMessageSize = 77;
    server.setSocketOptions(options);
    QVERIFY(crowd.join(server, 1));
    QCOMPARE(sizes, (QList<qint64>{ 16 << 20, 77 }));
}

void tst_GruvServerThreads::maximumConnectionsCountsAll()
{
    GruvServer server;
    server.setMaximumConnections(3);
    QVERIFY(serveEchoes(&server, 2));
    QSignalSpy rejected(&server, &GruvServer::connectionRejected);
    Crowd crowd;
    QVERIFY(crowd.join(server, 3));
    GruvSocket fourth;
    QSignalSpy disconnected(&fourth, &GruvSocket::disconnected);
    fourth.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_COMPARE(rejected.size(), 1);
    QTRY_COMPARE(disconnected.size(), 1);
    QCOMPARE(server.clientCount(), 3);
}

QTEST_GUILESS_MAIN(tst_GruvServerThreads)
