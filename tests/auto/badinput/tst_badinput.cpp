// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <QtCore/qmutex.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qtimer.h>

#include "scene.h"
#include "strangers.h"
#include "tst_badinput.h"

using RawPeer::frame;
using RawPeer::header;
using Error = GruvSocket::Error;
using ReadStatus = GruvSocket::ReadStatus;

static const QByteArray goodFrames = frame("one") + frame("two");
static const QList<QByteArray> goodMessages{ "one", "two" };

void tst_BadInput::sides()
{
    QTest::addColumn<bool>("atServer");
    QTest::newRow("client") << false;
    QTest::newRow("server") << true;
}

void tst_BadInput::stranger_data()
{
    QTest::addColumn<bool>("atServer");
    QTest::addColumn<bool>("afterGood");
    QTest::addColumn<bool>("bytewise");
    QTest::addColumn<Stranger>("stranger");
    for (const Stranger &stranger : strangers()) {
        for (int i = 0; i < 8; ++i)
            QTest::addRow("%s-%s-%s-to-%s", stranger.name, i & 1 ? "after-two-frames" : "at-once",
                          i & 2 ? "bytewise" : "in-one-write", i & 4 ? "server" : "client")
                    << bool(i & 4) << bool(i & 1) << bool(i & 2) << stranger;
    }
}

void tst_BadInput::stranger()
{
    QFETCH(bool, atServer);
    QFETCH(bool, afterGood);
    QFETCH(bool, bytewise);
    QFETCH(Stranger, stranger);
    Scene scene;
    QVERIFY(scene.start());
    QVERIFY(scene.connect(atServer ? Scene::Server : Scene::Client));
    const Record &record = *scene.record;
    const QByteArray before = afterGood ? goodFrames : QByteArray();
    const QByteArray bytes = before + stranger.bytes;
    const qsizetype step = bytewise ? 1 : bytes.size();
    for (qsizetype sent = 0; sent < bytes.size() && !record.isOver();) {
        scene.send(bytes.mid(sent, step));
        sent += step;
        QTRY_VERIFY(record.isOver() || scene.received() == sent);
    }
    const QString story = QLatin1String(afterGood ? "message message " : "")
                          + QStringLiteral("error disconnected");
    QTRY_COMPARE(record.story, story);
    QCOMPARE(record.messages, afterGood ? goodMessages : QList<QByteArray>());
    QCOMPARE(record.error, Error::IncomingMessageTooLarge);
    QVERIFY2(saysAll(record.sentence, stranger.words), qPrintable(record.sentence));
    if (bytewise)
        QCOMPARE(record.bytesBeforeError, before.size() + 4); // no byte later than it can be known

    scene.send("more"); // the peer may not have noticed yet
    QVERIFY(scene.bystanderEchoes());
    QTRY_COMPARE(scene.peer->state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(scene.server().clientCount(), 1);
    QCOMPARE(record.story, story);
    QCOMPARE(record.lateSignals, 0);
}

void tst_BadInput::strangerByRead_data()
{
    QTest::addColumn<bool>("afterGood");
    QTest::addColumn<bool>("bytewise");
    QTest::addColumn<Stranger>("stranger");
    for (const Stranger &stranger : strangers()) {
        for (int i = 0; i < 4; ++i)
            QTest::addRow("%s-%s-%s", stranger.name, i & 1 ? "after-two-frames" : "at-once",
                          i & 2 ? "bytewise" : "in-one-write")
                    << bool(i & 1) << bool(i & 2) << stranger;
    }
}

void tst_BadInput::strangerByRead()
{
    QFETCH(bool, afterGood);
    QFETCH(bool, bytewise);
    QFETCH(Stranger, stranger);
    Scene scene;
    QVERIFY(scene.connectClient(false));
    const QByteArray bytes = (afterGood ? goodFrames : QByteArray()) + stranger.bytes;
    qsizetype sent = 0;
    QTimer drip; // a byte each turn of the event loop that read() runs
    connect(&drip, &QTimer::timeout, this, [&] {
        scene.send(bytes.mid(sent, 1));
        ++sent;
    });
    if (bytewise)
        drip.start(0);
    else
        scene.send(bytes);
    ReadStatus status = ReadStatus::Ok;
    QCOMPARE(readAll(scene.subject, &status), afterGood ? goodMessages : QList<QByteArray>());
    QCOMPARE(status, ReadStatus::Error);
    QCOMPARE(scene.subject->error(), Error::IncomingMessageTooLarge);
    QCOMPARE(scene.subject->errorString(), scene.record->sentence);
    QVERIFY2(saysAll(scene.record->sentence, stranger.words), qPrintable(scene.record->sentence));
    QCOMPARE(scene.record->story, QStringLiteral("error disconnected"));
    QCOMPARE(scene.record->lateSignals, 0);
}

void tst_BadInput::strangerToABlockingHandler()
{
    struct Outcome
    {
        QList<QByteArray> messages;
        ReadStatus status;
        Error error;
        QString sentence;
    };
    QMutex mutex;
    QList<Outcome> outcomes;
    QSemaphore ended;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        ReadStatus status = ReadStatus::Ok;
        const QList<QByteArray> messages = readAll(&socket, &status);
        const QMutexLocker lock(&mutex);
        outcomes.append({ messages, status, socket.error(), socket.errorString() });
        ended.release();
    };
    GruvServer server;
    QVERIFY(server.start(handler, 0, QHostAddress::LocalHost));
    for (const Stranger &stranger : strangers()) {
        QTcpSocket peer;
        peer.connectToHost(QHostAddress::LocalHost, server.serverPort());
        QVERIFY(peer.waitForConnected());
        peer.write(goodFrames + stranger.bytes);
        peer.flush();
        QVERIFY2(ended.tryAcquire(1, 5000), stranger.name);
        const QMutexLocker lock(&mutex);
        QCOMPARE(outcomes.last().messages, goodMessages);
        QCOMPARE(outcomes.last().status, ReadStatus::Error);
        QCOMPARE(outcomes.last().error, Error::IncomingMessageTooLarge);
        QVERIFY2(saysAll(outcomes.last().sentence, stranger.words), stranger.name);
    }
}

void tst_BadInput::sentence_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("length") << RawPeer::header(17'825'792)
                            << QStringLiteral("the peer announced a message of 17,825,792 bytes "
                                              "(01 10 00 00), which exceeds maximumMessageSize "
                                              "(16,777,216)");
    QTest::newRow("all-ones") << RawPeer::header(0xffff'ffff)
                              << QStringLiteral("the peer announced a message of 4,294,967,295 "
                                                "bytes (FF FF FF FF), which exceeds "
                                                "maximumMessageSize (16,777,216)");
    QTest::newRow("http") << QByteArray("GET / HTTP/1.1\r\n")
                          << QStringLiteral("the peer sent 'GET ' where a length was expected: it "
                                            "speaks HTTP, not this protocol");
    QTest::newRow("text") << QByteArray("a\tb\r\n")
                          << QStringLiteral("the peer sent 'a\\tb\\r' where a length was expected: "
                                            "it sends plain text, not this protocol");
}

void tst_BadInput::sentence()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, sentence);
    Scene scene;
    QVERIFY(scene.connectClient(true));
    scene.send(bytes);
    QTRY_VERIFY(scene.record->isOver());
    QCOMPARE(scene.record->sentence, sentence);
    QCOMPARE(scene.subject->errorString(), sentence);
}

void tst_BadInput::errorLatches()
{
    QFETCH(bool, atServer);
    Scene scene;
    QVERIFY(scene.start());
    QVERIFY(scene.connect(atServer ? Scene::Server : Scene::Client));
    const Record &record = *scene.record;
    const QByteArray emptyFrames(1 << 20, '\0');
    scene.send(goodFrames + header(0xffffffff) + frame("late") + emptyFrames);
    QTRY_VERIFY(record.isOver());
    scene.send(frame("later") + emptyFrames);
    QTRY_COMPARE(scene.peer->state(), QAbstractSocket::UnconnectedState);
    QVERIFY(scene.bystanderEchoes());
    QCOMPARE(record.story, QStringLiteral("message message error disconnected"));
    QCOMPARE(record.messages, goodMessages);
    QCOMPARE(record.lateSignals, 0);
}

void tst_BadInput::errorWaitsForResume()
{
    QFETCH(bool, atServer);
    Scene scene;
    QVERIFY(scene.start());
    QVERIFY(scene.connect(atServer ? Scene::Server : Scene::Client));
    const Record &record = *scene.record;
    connect(scene.subject, &GruvSocket::messageReceived, this,
            [&] { scene.subject->pauseReading(); });
    scene.subject->pauseReading();
    scene.send(goodFrames + "GET / HTTP/1.1\r\n\r\n");
    QVERIFY(scene.bystanderEchoes());
    QCOMPARE(record.story, QString());
    const char *const told[] = { "message", "message message",
                                 "message message error disconnected" };
    for (const char *story : told) {
        scene.subject->resumeReading();
        QTRY_COMPARE(record.story, QLatin1String(story));
        QVERIFY(scene.bystanderEchoes());
        QCOMPARE(record.story, QLatin1String(story));
    }
    QCOMPARE(record.error, Error::IncomingMessageTooLarge);
}

void tst_BadInput::readAfterErrorGivesNothing()
{
    Scene scene;
    QVERIFY(scene.start());
    QVERIFY(scene.connectClient(false));
    GruvSocket &socket = *scene.subject;
    scene.send(goodFrames + header(0x80000000u) + frame("late"));
    ReadStatus status = ReadStatus::Ok;
    QCOMPARE(readAll(&socket, &status), goodMessages);
    for (int i = 0; i < 3; ++i) {
        QCOMPARE(readAll(&socket, &status), QList<QByteArray>());
        QCOMPARE(status, ReadStatus::Error);
    }
    QCOMPARE(scene.record->story, QStringLiteral("error disconnected"));

    socket.connectToHost(QHostAddress::LocalHost, scene.server().serverPort());
    QVERIFY(socket.waitForConnected()); // to the handler that only listens
    QCOMPARE(socket.error(), Error::NoError);
    QTRY_COMPARE(scene.server().clientCount(), 2);
    QCOMPARE(scene.server().broadcast("fresh"), 2);
    QCOMPARE(socket.read().data, "fresh");
}

QTEST_GUILESS_MAIN(tst_BadInput)
