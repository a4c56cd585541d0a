// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvclientslots.h"

#include <gruvsocks/gruvserver.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

#include <functional>
#include <memory>

namespace {

constexpr auto Story = "Connecting Online online error offline Waiting scheduled Connecting Online "
                       "online";

// A port on which nothing listens.
quint16 deadPort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

void beBusy(std::chrono::milliseconds time)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() <= time.count()) {
    }
}

} // namespace

void tst_GruvClientSlots::disconnectWhereConnectingIsTold()
{
    GruvServer server;
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    ClientStory client;
    connect(&client, &GruvClient::stateChanged, &client, [&](State state) {
        if (state == State::Connecting)
            client.disconnectFromServer();
    });
    client.begin({ server.serverPort() });
    QTRY_COMPARE(client.state(), State::Offline);
    QCOMPARE(client.text(), QStringLiteral("Connecting Offline"));
    QCOMPARE(client.socket()->state(), QAbstractSocket::UnconnectedState);
}

// online() and offline() come in pairs.
void tst_GruvClientSlots::disconnectWhereOnlineIsTold()
{
    GruvServer server;
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    ClientStory client;
    connect(&client, &GruvClient::stateChanged, &client, [&](State state) {
        if (state == State::Online)
            client.disconnectFromServer();
    });
    client.begin({ server.serverPort() });
    QTRY_COMPARE(client.state(), State::Offline);
    QTRY_COMPARE(client.text(), QStringLiteral("Connecting Online online offline Offline"));
}

// At the time at which the next attempt is scheduled.
void tst_GruvClientSlots::disconnectWhereOldOnesAreTold()
{
    ClientStory client;
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 24h;
    client.setReconnectPolicy(policy);
    client.setOfflineQueueAge(50ms);
    connect(&client, &GruvClient::errorOccurred, &client, [] { beBusy(60ms); });
    connect(&client, &GruvClient::messageDropped, &client, &GruvClient::disconnectFromServer);
    QVERIFY(client.sendMessage("gets old") != 0);
    client.begin({ deadPort() });
    QTRY_VERIFY(!client.dropped.isEmpty());
    QTRY_COMPARE(client.state(), State::Offline);
    const QString told = client.text();
    beBusy(30ms);
    QCoreApplication::processEvents();
    QCOMPARE(client.text(), told); // it is over
}

void tst_GruvClientSlots::beginAgainWhereAnErrorIsTold()
{
    GruvServer server;
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    ClientStory client;
    bool isFirst = true;
    connect(&client, &GruvClient::errorOccurred, &client, [&] {
        if (!std::exchange(isFirst, false))
            return;
        client.disconnectFromServer();
        client.begin({ server.serverPort() });
    });
    client.begin({ deadPort() });
    QTRY_COMPARE(client.state(), State::Online);
    QCOMPARE(client.currentServer().port, server.serverPort());
    QCOMPARE(client.count("error"), 1);
    QVERIFY2(client.text().endsWith(QLatin1String("Offline Connecting Online online")),
             qPrintable(client.text()));
}

void tst_GruvClientSlots::eventLoopWhereTheEndIsTold_data()
{
    QTest::addColumn<QByteArray>("where");
    for (const char *where : { "error", "offline", "Waiting", "scheduled", "ConnectionLost" })
        QTest::newRow(qPrintable(QString::fromLatin1(where).toLower())) << QByteArray(where);
}

// Such as that of a message box which nobody is there to close: it comes back all the same.
void tst_GruvClientSlots::eventLoopWhereTheEndIsTold()
{
    QFETCH(QByteArray, where);
    RawPeer::Listener listener;
    ClientStory client;
    bool cameBack = false;
    bool isFirst = true;
    const auto act = [&](const char *now) {
        if (where != now || !std::exchange(isFirst, false))
            return;
        QEventLoop loop;
        connect(&client, &GruvClient::online, &loop, [&] {
            cameBack = true;
            loop.quit();
        });
        QTimer::singleShot(3s, &loop, &QEventLoop::quit);
        loop.exec();
    };
    connect(&client, &GruvClient::errorOccurred, &client, [&] { act("error"); });
    connect(&client, &GruvClient::offline, &client, [&] { act("offline"); });
    connect(&client, &GruvClient::messageDropped, &client, [&] { act("ConnectionLost"); });
    connect(&client, &GruvClient::reconnectScheduled, &client, [&] { act("scheduled"); });
    connect(&client, &GruvClient::stateChanged, &client,
            [&](State state) { act(state == State::Waiting ? "Waiting" : ""); });
    client.begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    peer->setReadBufferSize(1);
    while (client.socket()->bytesToWrite() < 500'000)
        QVERIFY(client.sendMessage(QByteArray(1'000'000, 'm')) != 0);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    RawPeer::reset(peer.get());
    QTRY_VERIFY(!isFirst);
    QVERIFY(cameBack);
    QTRY_COMPARE(client.state(), State::Online);
    client.lines.removeAll(QStringLiteral("ConnectionLost"));
    QCOMPARE(client.text(), QLatin1String(Story));
}

// The connection is lost and there again in a slot of what is told of the queue.
void tst_GruvClientSlots::eventLoopWhileTheQueueIsSent()
{
    RawPeer::Listener listener;
    ClientStory client;
    client.setOfflineQueueBytes(50'000'000);
    for (int i = 1; i <= 40; ++i)
        QVERIFY(client.sendMessage(QByteArray(1'000'000, char('0' + i))) != 0);
    std::unique_ptr<QTcpSocket> peer;
    connect(&client, &GruvClient::bytesWritten, &client, [&] {
        if (peer)
            return;
        peer = listener.accept();
        RawPeer::reset(peer.get());
        peer = listener.accept();
        QVERIFY(QTest::qWaitFor([&] { return client.count("online") == 2; }));
    });
    client.begin({ listener.port() });
    QTRY_VERIFY(peer);
    QTRY_COMPARE(client.count("online"), 2);
    QByteArray stream;
    const auto isThere = [&] {
        stream += peer->readAll();
        return client.queuedBytes() == 0 && stream.endsWith(QByteArray(1'000'000, char('0' + 40)));
    };
    QTRY_VERIFY(isThere());
    QCOMPARE(stream.size() % 1'000'004, 0);
    QCOMPARE(client.dropped, ClientStory::ids(1, 40 - quint64(stream.size() / 1'000'004)));
}

// As the documentation says; a queue before him makes no difference.
void tst_GruvClientSlots::senderThatStopsInTime()
{
    constexpr int Count = 3000;
    RawPeer::Listener listener;
    ClientStory client;
    int sent = 0;
    const auto send = [&] {
        while (sent < Count && client.isWritable())
            QVERIFY(client.sendMessage(QByteArray::number(sent++).rightJustified(10'000)) != 0);
    };
    connect(&client, &GruvClient::online, &client, send);
    connect(&client, &GruvClient::writableChanged, &client, [&](bool writable) {
        QCOMPARE(client.isWritable(), writable);
        if (writable)
            send();
    });
    while (client.queuedBytes() < 8'000'000)
        QVERIFY(client.sendMessage(QByteArray::number(sent++).rightJustified(10'000)) != 0);
    client.begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QByteArray stream;
    const auto allIsThere = [&] {
        stream += peer->readAll();
        return stream.size() == Count * 10'004;
    };
    QTRY_VERIFY(allIsThere());
    for (int i = 0; i < Count; ++i)
        QCOMPARE(stream.mid(i * 10'004 + 4, 10'000).trimmed().toInt(), i);
    QCOMPARE(client.text(), QStringLiteral("Connecting Online online"));
}

void tst_GruvClientSlots::sendAgainWhereRefused()
{
    ClientStory client;
    client.setOfflineQueueBytes(10);
    int depth = 0;
    connect(&client, &GruvClient::errorOccurred, &client, [&] {
        if (++depth < 100)
            QCOMPARE(client.sendMessage("still no room"), 0);
    });
    QCOMPARE(client.sendMessage("no room"), 0);
    QCOMPARE(depth, 1); // told once is enough
    client.sendMessage("no room");
    QCOMPARE(depth, 2);
}

void tst_GruvClientSlots::sendAgainWhereDropped()
{
    ClientStory client;
    client.setOfflineQueueBytes(200);
    client.setOfflineQueuePolicy(GruvClient::QueuePolicy::DropOldest);
    int depth = 0;
    int deepest = 0;
    connect(&client, &GruvClient::messageDropped, &client, [&] {
        deepest = std::max(++depth, deepest);
        if (client.dropped.size() < 1000)
            client.sendMessage(QByteArray(50, 'a')); // which drops another one
        --depth;
    });
    for (int i = 0; i < 2; ++i)
        client.sendMessage(QByteArray(50, 'm'));
    QTRY_COMPARE(client.dropped.size(), 1000);
    QCOMPARE(deepest, 1);
    QCOMPARE(client.dropped, ClientStory::ids(1, 1000));
}

void tst_GruvClientSlots::moveWhereTheEndIsTold_data()
{
    eventLoopWhereTheEndIsTold_data();
}

// Calls act in what tells an end, in the thread that emits it.
static void callWhere(const QByteArray &where, GruvClient *client, QObject *context,
                      const std::function<void()> &act)
{
    const auto call = [=](const char *now) {
        return [=] {
            if (where == now)
                act();
        };
    };
    const auto direct = Qt::DirectConnection;
    QObject::connect(client, &GruvClient::errorOccurred, context, call("error"), direct);
    QObject::connect(client, &GruvClient::offline, context, call("offline"), direct);
    QObject::connect(client, &GruvClient::messageDropped, context, call("ConnectionLost"), direct);
    QObject::connect(client, &GruvClient::reconnectScheduled, context, call("scheduled"), direct);
    QObject::connect(
            client, &GruvClient::stateChanged, context,
            [=](State state) {
                if (state == State::Waiting)
                    call("Waiting")();
            },
            direct);
}

void tst_GruvClientSlots::moveWhereTheEndIsTold()
{
    QFETCH(QByteArray, where);
    RawPeer::Listener listener;
    QThread thread;
    auto *const client = new ClientStory;
    QObject here;
    const auto move = [&] {
        if (client->thread() == QThread::currentThread())
            client->moveToThread(&thread);
    };
    callWhere(where, client, &here, move);
    client->begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client->state(), State::Online);
    peer->setReadBufferSize(1);
    while (client->socket()->bytesToWrite() < 500'000)
        QVERIFY(client->sendMessage(QByteArray(1'000'000, 'm')) != 0);
    RawPeer::reset(peer.get());
    QTRY_COMPARE(client->thread(), &thread);
    thread.start();
    peer = listener.accept();
    QVERIFY(peer);
    QMetaObject::invokeMethod(client, [client] { client->sendMessage("from there"); });
    QTRY_VERIFY(peer->peek(14) == RawPeer::frame("from there"));
    client->deleteLater();
    thread.quit();
    QVERIFY(thread.wait());
}

// Unlike a GruvSocket it belongs to one thread, and says so.
void tst_GruvClientSlots::sendFromAnotherThread()
{
    GruvServer server;
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    ClientStory client;
    for (const bool isOnline : { false, true }) {
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(QStringLiteral("outside the thread")));
        quint64 id = 1;
        const std::unique_ptr<QThread> thread(
                QThread::create([&] { id = client.sendMessage("from elsewhere"); }));
        thread->start();
        QVERIFY(thread->wait());
        QCOMPARE(id, 0);
        if (!isOnline)
            client.begin({ server.serverPort() });
        QTRY_COMPARE(client.state(), State::Online);
    }
    QCOMPARE(client.queuedBytes(), 0);
    QCOMPARE(client.sendMessage("from here"), 1);
}

// In each thing that is told, from the first to the last.
void tst_GruvClientSlots::deleteAnywhere()
{
    bool isOver = false;
    for (int at = 0; !isOver; ++at) {
        RawPeer::Listener listener;
        QPointer<ClientStory> client = new ClientStory;
        int told = 0;
        const auto act = [&] {
            if (told++ == at)
                delete client.data();
        };
        connect(client, &GruvClient::stateChanged, this, act);
        connect(client, &GruvClient::online, this, act);
        connect(client, &GruvClient::offline, this, act);
        connect(client, &GruvClient::errorOccurred, this, act);
        connect(client, &GruvClient::messageDropped, this, act);
        connect(client, &GruvClient::reconnectScheduled, this, act);
        client->sendMessage("waits");
        client->begin({ listener.port() });
        std::unique_ptr<QTcpSocket> peer;
        if (client)
            peer = listener.accept();
        QTRY_VERIFY(!client || client->state() == State::Online);
        for (int i = 0; client && i < 20; ++i)
            client->sendMessage(QByteArray(1'000'000, 'm'));
        if (peer)
            RawPeer::reset(peer.get());
        QTRY_VERIFY(!client || client->count("scheduled") > 0);
        if (client)
            client->disconnectFromServer();
        isOver = client;
        delete client.data();
        QVERIFY(at < 1000);
    }
}

QTEST_GUILESS_MAIN(tst_GruvClientSlots)
