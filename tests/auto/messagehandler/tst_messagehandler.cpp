// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_messagehandler.h"

#include <gruvsocks/gruvserver.h>

#include <wirepair.h>

#include <atomic>

using namespace std::chrono_literals;
using ReadStatus = GruvSocket::ReadStatus;

void tst_MessageHandler::eachMessageOnceWholeInOrder()
{
    WirePair pair;
    QList<QByteArray> got;
    pair.socket->setMessageHandler([&](const QByteArray &message) { got.append(message); });
    QVERIFY(pair.connect());
    QList<QByteArray> sent;
    for (const qsizetype size :
         { 0, 1, 0, 1023, 65'531, 65'536, 262'144, 262'145, 1 << 20, 3 << 20 }) {
        sent.append(patterned(size));
        sent.append(numbers(0, 20));
    }
    pair.send(sent);
    QTRY_VERIFY(got.size() >= sent.size());
    QVERIFY(got == sent);
    pair.send({ "last" }); // nothing came twice meanwhile
    QTRY_VERIFY(got.endsWith("last"));
    QCOMPARE(got.size(), sent.size() + 1);
    QCOMPARE(pair.socket->statistics().messagesReceived, got.size());
}

void tst_MessageHandler::comesBeforeTheSignal()
{
    WirePair pair;
    QByteArrayList story;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { story.append("signal" + message); });
    pair.socket->setMessageHandler(
            [&](const QByteArray &message) { story.append("handler" + message); });
    QVERIFY(pair.connect());
    pair.send(numbers(0, 3));
    QTRY_COMPARE(story.join(' '), "handler0 signal0 handler1 signal1 handler2 signal2");
}

// More than what may wait for read(): it would stop at 1 MiB.
void tst_MessageHandler::messagesDoNotWaitForRead()
{
    WirePair pair;
    qint64 bytes = 0;
    pair.socket->setMessageHandler([&](const QByteArray &message) { bytes += message.size(); });
    QVERIFY(pair.connect());
    for (int i = 0; i < 64; ++i)
        pair.send({ patterned(100'000) });
    QTRY_COMPARE(bytes, 6'400'000);
    QCOMPARE(pair.socket->read(-1ms).status, ReadStatus::Timeout);
}

void tst_MessageHandler::readTakesWhatItWaitsFor()
{
    WirePair pair;
    QList<QByteArray> got;
    pair.socket->setMessageHandler([&](const QByteArray &message) { got.append(message); });
    QVERIFY(pair.connect());
    pair.send(numbers(0, 3));
    QCOMPARE(pair.socket->read(5s).data, "0"); // what is left goes to the handler
    QTRY_COMPARE(got, numbers(1, 3));
    QCOMPARE(pair.socket->read(-1ms).status, ReadStatus::Timeout);
}

void tst_MessageHandler::laterOneGetsWhatWaited()
{
    WirePair pair;
    QVERIFY(pair.connect());
    const QList<QByteArray> sent = numbers(0, 100);
    pair.send(sent);
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(sent).size());
    QList<QByteArray> got;
    pair.socket->setMessageHandler([&](const QByteArray &message) { got.append(message); });
    QVERIFY(got.isEmpty()); // from the event loop, not in the call
    QTRY_COMPARE(got, sent);
    QCOMPARE(pair.readWaiting(), QList<QByteArray>());
}

void tst_MessageHandler::laterOneGetsWhatComesNext()
{
    WirePair pair;
    QVERIFY(pair.connect());
    pair.send({ "0" });
    QCOMPARE(pair.socket->read(5s).data, "0");
    QList<QByteArray> got;
    pair.socket->setMessageHandler([&](const QByteArray &message) { got.append(message); });
    pair.send({ "1" });
    QTRY_COMPARE(got, QList<QByteArray>{ "1" });
}

void tst_MessageHandler::withoutItMessagesWaitForRead()
{
    WirePair pair;
    QList<QByteArray> got;
    pair.socket->setMessageHandler([&](const QByteArray &message) { got.append(message); });
    QVERIFY(pair.connect());
    pair.send({ "0" });
    QTRY_COMPARE(got.size(), 1);
    pair.socket->setMessageHandler({});
    pair.send(numbers(1, 50));
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(numbers(0, 50)).size());
    QCOMPARE(got, QList<QByteArray>{ "0" });
    QCOMPARE(pair.readWaiting(), numbers(1, 50));
}

void tst_MessageHandler::withoutItMessagesWaitForASignalReceiver()
{
    WirePair pair;
    QList<QByteArray> got;
    pair.socket->setMessageHandler([&](const QByteArray &) { got.append("handler"); });
    pair.socket->setMessageHandler(nullptr);
    QVERIFY(pair.connect());
    pair.send(numbers(0, 50));
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(numbers(0, 50)).size());
    connect(pair.socket.get(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { got.append(message); });
    QTRY_COMPARE(got, numbers(0, 50));
}

void tst_MessageHandler::withoutItTheSignalStays()
{
    WirePair pair;
    QList<QByteArray> got;
    QList<QByteArray> bySignal;
    pair.socket->setMessageHandler([&](const QByteArray &message) {
        got.append(message);
        if (message == "2")
            pair.socket->setMessageHandler({});
    });
    connect(pair.socket.get(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { bySignal.append(message); });
    QVERIFY(pair.connect());
    pair.send(numbers(0, 10));
    QTRY_COMPARE(bySignal, numbers(0, 10));
    QCOMPARE(got, numbers(0, 3));
}

void tst_MessageHandler::lastMessageComesBeforeDisconnected_data()
{
    QTest::addColumn<bool>("isCut");
    QTest::newRow("fin") << false;
    QTest::newRow("cut-message") << true;
}

void tst_MessageHandler::lastMessageComesBeforeDisconnected()
{
    QFETCH(bool, isCut);
    for (int round = 0; round < 20; ++round) {
        WirePair pair;
        QByteArrayList story;
        pair.socket->setMessageHandler([&](const QByteArray &message) { story.append(message); });
        connect(pair.socket.get(), &GruvSocket::errorOccurred, this,
                [&] { story.append("error"); });
        connect(pair.socket.get(), &GruvSocket::disconnected, this, [&] { story.append("end"); });
        QVERIFY(pair.connect());
        pair.peer->write(wireOf({ "one", "two" }) + (isCut ? QByteArray("\0\0", 2) : QByteArray()));
        pair.peer->disconnectFromHost();
        QTRY_VERIFY(story.endsWith("end"));
        QCOMPARE(story.join(' '), isCut ? "one two error end" : "one two end");
    }
}

void tst_MessageHandler::takenOverSocket()
{
    RawPeer::Listener listener;
    auto *const plain = Encryption::connectedPeer(listener.port());
    const auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_VERIFY(Encryption::isReady(plain) && Encryption::isReady(peer.get()));
    peer->write(wireOf({ "early", "too" }));
    QTRY_COMPARE(plain->bytesAvailable(), 16);
    GruvSocket socket(plain);
    QList<QByteArray> got;
    socket.setMessageHandler([&](const QByteArray &message) { got.append(message); });
    QTRY_COMPARE(got, (QList<QByteArray>{ "early", "too" }));
}

void tst_MessageHandler::nextConnectionHasItToo()
{
    WirePair pair;
    QList<QByteArray> got;
    pair.socket->setMessageHandler([&](const QByteArray &message) { got.append(message); });
    for (int i = 0; i < 3; ++i) {
        QVERIFY(pair.connect());
        pair.send({ QByteArray::number(i) });
        pair.peer->disconnectFromHost();
        QTRY_COMPARE(pair.socket->state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(got, numbers(0, i + 1));
    }
}

void tst_MessageHandler::inAThreadOfTheServer()
{
    std::atomic<int> elsewhere{ 0 };
    std::atomic<int> count{ 0 };
    GruvServer server; // ends before what its handlers use
    server.setThreadCount(1);
    server.setConnectionHandler([&](GruvSocket *socket) {
        socket->setMessageHandler([&, socket](const QByteArray &message) {
            elsewhere += QThread::currentThread() != socket->thread();
            ++count;
            socket->sendMessage(message);
        });
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QList<QByteArray> got;
    client.setMessageHandler([&](const QByteArray &message) { got.append(message); });
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    const QList<QByteArray> sent = numbers(0, 2000);
    for (const QByteArray &message : sent)
        QVERIFY(client.sendMessage(message));
    QTRY_COMPARE(got.size(), sent.size());
    QCOMPARE(got, sent);
    QCOMPARE(int(count), 2000);
    QCOMPARE(int(elsewhere), 0);
}

QTEST_GUILESS_MAIN(tst_MessageHandler)
