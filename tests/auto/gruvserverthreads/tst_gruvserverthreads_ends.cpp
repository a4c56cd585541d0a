// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "crowd.h"
#include "tst_gruvserverthreads.h"

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qdir.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>

#include <servertools.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

using namespace std::chrono_literals;
using ServerTools::connectTo;

namespace {

// How many the pools have, by their names; the system counts one a little longer than it runs.
int threads()
{
    const QDir tasks(QStringLiteral("/proc/self/task"));
    const QStringList ids = tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    return int(std::count_if(ids.begin(), ids.end(), [&tasks](const QString &id) {
        QFile name(tasks.filePath(id + QStringLiteral("/comm")));
        return name.open(QIODevice::ReadOnly) && name.readAll().startsWith("GruvServer");
    }));
}

bool echoes(GruvSocket *client)
{
    return client->sendMessage("echo") && client->read().data == "echo";
}

} // namespace

// New connections follow the count, those that are there stay, and a thread ends with its last one.
void tst_GruvServerThreads::changedWhileRunning()
{
    GruvServer server;
    Census census;
    QTRY_COMPARE(threads(), 0);
    QVERIFY(serveEchoes(&server, 2, &census));
    Crowd first;
    QVERIFY(first.join(server, 4));
    QCOMPARE(census.numbers(), (QList<int>{ 2, 2 }));
    QTRY_COMPARE(threads(), 2);
    server.setThreadCount(0);
    Crowd second;
    QVERIFY(second.join(server, 1));
    QVERIFY(census.has(QThread::currentThread()));
    QTRY_COMPARE(threads(), 2);
    server.setThreadCount(3);
    Crowd third;
    QVERIFY(third.join(server, 3));
    QCOMPARE(census.numbers(), (QList<int>{ 1, 1, 1, 1, 2, 2 }));
    QCOMPARE(threads(), 5);
    for (int i = 0; i < 4; ++i)
        QVERIFY(echoes(&first[i]));
    first.leave();
    QTRY_COMPARE(threads(), 3);
    QVERIFY(echoes(&second[0]));
    for (int i = 0; i < 3; ++i)
        QVERIFY(echoes(&third[i]));
    QCOMPARE(server.clientCount(), 4);
}

void tst_GruvServerThreads::stopEndsAllBeforeItReturns()
{
    GruvServer server;
    QTRY_COMPARE(threads(), 0);
    QVERIFY(serveEchoes(&server, 2));
    QSignalSpy ended(&server, &GruvServer::clientDisconnected);
    Crowd crowd;
    QVERIFY(crowd.join(server, 6));
    server.stop();
    QCOMPARE(ended.size(), 6);
    QCOMPARE(server.clientCount(), 0);
    QVERIFY(server.clients().isEmpty());
    QVERIFY(!server.isListening());
    QTRY_COMPARE(threads(), 0);
    for (int i = 0; i < 6; ++i)
        QTRY_COMPARE(crowd[i].state(), QAbstractSocket::UnconnectedState);
}

void tst_GruvServerThreads::stopDrains()
{
    GruvServer server;
    QVERIFY(serveEchoes(&server, 2));
    Crowd crowd;
    QVERIFY(crowd.join(server, 4));
    QTimer::singleShot(0, &server, [&] {
        QVERIFY(echoes(&crowd[0])); // still served
        crowd.leave();
    });
    QElapsedTimer elapsed;
    elapsed.start();
    server.stop(20s);
    QVERIFY(elapsed.elapsed() < 10'000);
    QCOMPARE(server.clientCount(), 0);
}

void tst_GruvServerThreads::stopFromASlotOfAConnection()
{
    GruvServer server;
    server.setThreadCount(2);
    server.setConnectionHandler([&server](GruvSocket *socket) {
        QObject::connect(socket, &GruvSocket::messageReceived, socket,
                         [&server] { server.stop(); });
    });
    QSignalSpy listening(&server, &GruvServer::listeningChanged);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 3));
    QVERIFY(crowd[1].sendMessage("stop"));
    QTRY_COMPARE(listening.size(), 2);
    QTRY_COMPARE(server.clientCount(), 0);
    for (int i = 0; i < 3; ++i)
        QTRY_COMPARE(crowd[i].state(), QAbstractSocket::UnconnectedState);
}

void tst_GruvServerThreads::stopFromAnotherThread()
{
    GruvServer server;
    QVERIFY(serveEchoes(&server, 2));
    Crowd crowd;
    QVERIFY(crowd.join(server, 3));
    std::atomic<bool> isStopped{ false };
    std::thread other([&] {
        server.stop();
        isStopped = true;
    });
    QTRY_VERIFY(isStopped);
    other.join();
    QCOMPARE(server.clientCount(), 0);
    QVERIFY(!server.isListening());
}

void tst_GruvServerThreads::listensAgainAfterStop()
{
    GruvServer server;
    for (int round = 0; round < 3; ++round) {
        QVERIFY(serveEchoes(&server, 2));
        Crowd crowd;
        QVERIFY(crowd.join(server, 3));
        QVERIFY(echoes(&crowd[2]));
        server.stop();
        QCOMPARE(server.clientCount(), 0);
    }
}

void tst_GruvServerThreads::destructorIsSilent()
{
    QTRY_COMPARE(threads(), 0);
    QStringList told;
    Crowd crowd;
    {
        GruvServer server;
        QVERIFY(serveEchoes(&server, 2));
        connect(&server, &GruvServer::messageReceived, this, [&] { told.append(QString()); });
        QVERIFY(crowd.join(server, 4));
        for (int i = 0; i < 4; ++i)
            QVERIFY(echoes(&crowd[i]));
        connect(&server, &GruvServer::clientDisconnected, this, [&] { told.append(QString()); });
        connect(&server, &GruvServer::listeningChanged, this, [&] { told.append(QString()); });
        told.clear();
        for (int i = 0; i < 4; ++i)
            QVERIFY(crowd[i].sendMessage("on its way"));
    }
    QCoreApplication::processEvents();
    QCOMPARE(told.size(), 0);
    QTRY_COMPARE(threads(), 0);
    for (int i = 0; i < 4; ++i) {
        while (crowd[i].read()) {
        }
        QCOMPARE(crowd[i].state(), QAbstractSocket::UnconnectedState);
    }
}

// Accepted, handed to a thread, and the server is gone before anything of it ran.
void tst_GruvServerThreads::destructorBeforeAnythingRan()
{
    const int descriptors = ServerTools::ownEntries("fd");
    for (int i = 0; i < 50; ++i) {
        GruvSocket client;
        GruvServer server;
        QVERIFY(serveEchoes(&server, 1 + i % 3));
        client.connectToHost(QHostAddress::LocalHost, server.serverPort());
        QVERIFY(client.waitForConnected());
        if (i % 2)
            QCoreApplication::processEvents();
    }
    QTRY_COMPARE(ServerTools::ownEntries("fd"), descriptors);
}

// It waits for a peer that says nothing; the server does not.
void tst_GruvServerThreads::destructorEndsAWaitingSlot()
{
    QSemaphore isReading;
    QElapsedTimer elapsed;
    GruvSocket client; // stays
    {
        GruvServer server;
        server.setThreadCount(1);
        server.setConnectionHandler([&isReading](GruvSocket *socket) {
            connect(socket, &GruvSocket::messageReceived, socket, [&isReading, socket] {
                isReading.release();
                socket->read(30s);
            });
        });
        QVERIFY(server.listen(QHostAddress::LocalHost));
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage("and now?"));
        QTRY_VERIFY(isReading.available() > 0);
        elapsed.start();
    }
    QVERIFY2(elapsed.elapsed() < 5000, QByteArray::number(elapsed.elapsed()).constData());
}

void tst_GruvServerThreads::deletedInItsThread_data()
{
    QTest::addColumn<bool>("later");
    QTest::newRow("delete") << false;
    QTest::newRow("delete-later") << true;
}

// By a slot there; the server forgets it and goes on.
void tst_GruvServerThreads::deletedInItsThread()
{
    QFETCH(bool, later);
    GruvServer server;
    server.setThreadCount(2);
    server.setConnectionHandler([later](GruvSocket *socket) {
        QObject::connect(socket, &GruvSocket::messageReceived, socket,
                         [socket, later](const QByteArray &message) {
                             if (message != "delete")
                                 socket->sendMessage(message);
                             else if (later)
                                 socket->deleteLater();
                             else
                                 delete socket;
                         });
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 4));
    for (int i = 0; i < 2; ++i)
        QVERIFY(crowd[i].sendMessage("delete"));
    QTRY_COMPARE(server.clientCount(), 2);
    for (int i = 0; i < 2; ++i)
        QTRY_COMPARE(crowd[i].state(), QAbstractSocket::UnconnectedState);
    for (int i = 2; i < 4; ++i)
        QVERIFY(echoes(&crowd[i]));
    server.stop();
}

void tst_GruvServerThreads::endedByTheHandler_data()
{
    using End = std::function<void(GruvSocket *)>;
    QTest::addColumn<End>("end");
    QTest::addColumn<int>("announced");
    QTest::newRow("abort") << End([](GruvSocket *socket) { socket->abort(); }) << 0;
    QTest::newRow("delete") << End([](GruvSocket *socket) { delete socket; }) << 0;
    QTest::newRow("delete-later") << End([](GruvSocket *socket) { socket->deleteLater(); }) << -1;
    QTest::newRow("disconnect") << End([](GruvSocket *socket) { socket->disconnectFromHost(); })
                                << -1;
}

// Whom the handler turns away is never announced, or announced and ended; and never leaks.
void tst_GruvServerThreads::endedByTheHandler()
{
    using End = std::function<void(GruvSocket *)>;
    QFETCH(End, end);
    QFETCH(int, announced);
    GruvServer server;
    server.setThreadCount(1);
    std::atomic<int> handled{ 0 };
    server.setConnectionHandler([&](GruvSocket *socket) {
        end(socket);
        ++handled;
    });
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QSignalSpy disconnected(&server, &GruvServer::clientDisconnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QSignalSpy ended(&client, &GruvSocket::disconnected);
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_COMPARE(ended.size(), 1);
    QTRY_COMPARE(handled.load(), 1);
    server.stop(10s); // returns when nothing is left
    QVERIFY(announced < 0 || connected.size() == announced);
    QVERIFY(disconnected.size() <= connected.size());
    QCOMPARE(server.clientCount(), 0);
}

// Others of that thread are taken meanwhile.
void tst_GruvServerThreads::nestedLoopInTheHandler()
{
    std::atomic<int> handled{ 0 };
    GruvServer server;
    server.setThreadCount(1);
    server.setConnectionHandler([&](GruvSocket *) {
        if (handled++ > 0)
            return;
        QEventLoop loop;
        QTimer poll;
        QObject::connect(&poll, &QTimer::timeout, &loop, [&] {
            if (handled == 3)
                loop.quit();
        });
        poll.start(1);
        loop.exec();
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Crowd crowd;
    QVERIFY(crowd.join(server, 3));
    QCOMPARE(handled.load(), 3);
}

void tst_GruvServerThreads::slotEndsTheLoop_data()
{
    using End = std::function<void()>;
    QTest::addColumn<End>("end");
    QTest::newRow("quit") << End([] { QThread::currentThread()->quit(); });
    QTest::newRow("exit") << End([] { QThread::currentThread()->exit(1); });
    QTest::newRow("quit-in-a-nested-loop") << End([] {
        QTimer::singleShot(0, QThread::currentThread()->eventDispatcher(),
                           [] { QThread::currentThread()->quit(); });
        QEventLoop().exec();
    });
}

// It is the pool's: who lives there, and who comes, is served on; it ends with the server.
void tst_GruvServerThreads::slotEndsTheLoop()
{
    using End = std::function<void()>;
    QFETCH(End, end);
    QTRY_COMPARE(threads(), 0);
    GruvServer server;
    QVERIFY(serveEchoes(&server, 1));
    connect(&server, &GruvServer::clientConnected, this, [&end](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, [end](const QByteArray &message) {
            if (message == "end")
                end();
        });
    });
    Crowd crowd;
    QVERIFY(crowd.join(server, 2));
    for (int round = 0; round < 3; ++round) {
        QVERIFY(crowd[0].sendMessage("end"));
        QCOMPARE(crowd[0].read().data, "end");
        QVERIFY(echoes(&crowd[0]));
        QVERIFY(echoes(&crowd[1]));
        QVERIFY(crowd.join(server, 1));
    }
    server.stop();
    QTRY_COMPARE(threads(), 0);
}

// Its place was in a thread that is gone; a sanitizer sees who still asks for that.
void tst_GruvServerThreads::movedOutOutlivesTheServer()
{
    QSemaphore isMoved;
    std::unique_ptr<GruvSocket> kept;
    GruvSocket client;
    auto server = std::make_unique<GruvServer>();
    server->setThreadCount(1);
    server->setConnectionHandler([&, home = QThread::currentThread()](GruvSocket *socket) {
        connect(socket, &GruvSocket::disconnected, socket, [&, home, socket] {
            socket->setParent(nullptr);
            socket->moveToThread(home);
            kept.reset(socket);
            isMoved.release();
        });
    });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    QVERIFY(connectTo(&client, *server));
    QTRY_COMPARE(server->clientCount(), 1);
    client.abort();
    QVERIFY(isMoved.tryAcquire(1, 20'000)); // meanwhile this thread's event loop stands
    server.reset();
    QCOMPARE(kept->state(), QAbstractSocket::UnconnectedState);
    kept.reset();
}
