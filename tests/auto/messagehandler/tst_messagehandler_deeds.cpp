// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_messagehandler.h"

#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>

#include <wirepair.h>

using namespace std::chrono_literals;

namespace {

// A pair with a receiver beside the handler, and what each of them got.
class Scene : public WirePair
{
public:
    explicit Scene(const std::function<void(const QByteArray &)> &deed)
        : receiver(QObject::connect(socket.get(), &GruvSocket::messageReceived, &context,
                                    [this](const QByteArray &m) { bySignal.append(m); }))
        , ended(socket.get(), &GruvSocket::disconnected)
        , m_deed(deed)
    {
        QObject::connect(socket.get(), &GruvSocket::disconnected, &context,
                         [this] { signalsBeforeEnd = bySignal.size(); });
        socket->setMessageHandler([this](const QByteArray &message) {
            byHandler.append(message);
            m_deed(message);
        });
    }

    QList<QByteArray> byHandler;
    QList<QByteArray> bySignal;
    qsizetype signalsBeforeEnd = -1;
    QObject context;
    QMetaObject::Connection receiver;
    QSignalSpy ended;

private:
    std::function<void(const QByteArray &)> m_deed;
};

} // namespace

void tst_MessageHandler::deletesTheSocket()
{
    Scene scene([&](const QByteArray &message) {
        if (message == "3")
            scene.socket.reset();
    });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 100));
    QTRY_VERIFY(!scene.socket);
    QCOMPARE(scene.byHandler, numbers(0, 4));
    QCOMPARE(scene.bySignal, numbers(0, 3)); // none for the message in which it went
    QCOMPARE(scene.ended.size(), 0);
    QTRY_COMPARE(scene.peer->state(), QAbstractSocket::UnconnectedState);
}

void tst_MessageHandler::deletesTheSocketLater()
{
    Scene scene([&](const QByteArray &message) {
        if (message == "3")
            scene.socket.release()->deleteLater();
    });
    QVERIFY(scene.connect());
    const QPointer<GruvSocket> socket = scene.socket.get();
    scene.send(numbers(0, 100));
    QTRY_VERIFY(!socket);
    QCOMPARE(scene.byHandler, numbers(0, 100)); // it lives until the delivery is over
    QCOMPARE(scene.bySignal, numbers(0, 100));
    QCOMPARE(scene.ended.size(), 0);
}

void tst_MessageHandler::aborts()
{
    Scene scene([&](const QByteArray &message) {
        if (message == "3")
            scene.socket->abort();
    });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 100));
    QTRY_COMPARE(scene.ended.size(), 1);
    QCOMPARE(scene.byHandler, numbers(0, 4));
    QCOMPARE(scene.bySignal, numbers(0, 3)); // nothing is emitted after disconnected()
    QCOMPARE(scene.signalsBeforeEnd, 3);
    QVERIFY(scene.readWaiting().isEmpty());
}

void tst_MessageHandler::disconnects()
{
    Scene scene([&](const QByteArray &message) {
        if (message != "3")
            return;
        scene.socket->sendMessage("bye");
        scene.socket->disconnectFromHost();
    });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 100));
    QTRY_COMPARE(scene.ended.size(), 1);
    QCOMPARE(scene.byHandler, numbers(0, 4)); // what was not delivered yet is dropped
    QCOMPARE(scene.bySignal.size(), scene.signalsBeforeEnd);
    QTRY_COMPARE(scene.peer->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(scene.peer->readAll(), RawPeer::frame("bye"));
    QCOMPARE(scene.socket->error(), GruvSocket::Error::NoError);
}

void tst_MessageHandler::connectsAgain()
{
    Scene scene([&](const QByteArray &message) {
        if (message != "3")
            return;
        scene.socket->abort();
        Encryption::connect(scene.socket.get(), scene.listener.port());
    });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 100));
    QTRY_COMPARE(scene.ended.size(), 1);
    scene.peer = scene.listener.accept();
    QVERIFY(scene.peer);
    scene.send(numbers(10, 20));
    QTRY_COMPARE(scene.bySignal, numbers(0, 3) + numbers(10, 20));
    QCOMPARE(scene.byHandler, numbers(0, 4) + numbers(10, 20));
    QCOMPARE(scene.socket->state(), QAbstractSocket::ConnectedState);
    QCOMPARE(scene.ended.size(), 1);
}

void tst_MessageHandler::pauses()
{
    Scene scene([&](const QByteArray &) { scene.socket->pauseReading(); });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 10));
    for (int i = 1; i <= 10; ++i) {
        QTRY_COMPARE(scene.byHandler, numbers(0, i));
        QCOMPARE(scene.bySignal, numbers(0, i)); // the message under way is the signal's too
        scene.socket->resumeReading();
        QCOMPARE(scene.byHandler.size(), i); // from the event loop
    }
    scene.socket->setMessageHandler({});
    scene.send({ "last" });
    QTRY_COMPARE(scene.bySignal.size(), 11);
}

void tst_MessageHandler::runsAnEventLoop()
{
    QList<QByteArray> finished;
    Scene scene([&](const QByteArray &message) {
        if (message == "3") {
            scene.send({ "100" }); // must not overtake those that are here
            QEventLoop loop;
            connect(scene.peer.get(), &QTcpSocket::readyRead, &loop, &QEventLoop::quit);
            QTimer::singleShot(5s, &loop, &QEventLoop::quit);
            scene.socket->sendMessage("answer at once");
            loop.exec();
            QCOMPARE(scene.byHandler, numbers(0, 4));
            QCOMPARE(scene.peer->bytesAvailable(), 18);
        }
        finished.append(message);
    });
    QVERIFY(scene.connect());
    QEventLoop outer;
    connect(scene.socket.get(), &GruvSocket::messageReceived, &outer, [&](const QByteArray &m) {
        if (m == "100")
            outer.quit();
    });
    QTimer::singleShot(5s, &outer, &QEventLoop::quit);
    scene.send(numbers(0, 100));
    outer.exec();
    QCOMPARE(scene.byHandler, numbers(0, 101));
    QCOMPARE(scene.bySignal, numbers(0, 101));
    QCOMPARE(finished, numbers(0, 101));
}

void tst_MessageHandler::deletesTheSocketInItsEventLoop()
{
    bool isOver = false;
    Scene scene([&](const QByteArray &message) {
        if (message != "3")
            return;
        QEventLoop loop;
        QTimer::singleShot(0, &loop, [&] {
            scene.socket.reset();
            loop.quit();
        });
        loop.exec();
        isOver = true;
    });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 100));
    QTRY_VERIFY(isOver);
    QCOMPARE(scene.byHandler, numbers(0, 4));
    QCOMPARE(scene.bySignal, numbers(0, 3));
    QCOMPARE(scene.ended.size(), 0);
}

void tst_MessageHandler::sends()
{
    Scene scene([&](const QByteArray &message) { scene.socket->sendMessage(message); });
    QVERIFY(scene.connect());
    const QList<QByteArray> sent = numbers(0, 5000) + QList<QByteArray>{ patterned(400'000) };
    scene.send(sent);
    const QByteArray wire = wireOf(sent);
    QTRY_COMPARE(scene.peer->bytesAvailable(), wire.size());
    QVERIFY(scene.peer->readAll() == wire);
}

void tst_MessageHandler::reads()
{
    QList<QByteArray> read;
    Scene scene([&](const QByteArray &message) {
        if (message != "3")
            return;
        for (int i = 4; i < 12; ++i) {
            if (i == 10) // all that came with it is read: now for what is yet to come
                scene.send(numbers(10, 20));
            read.append(scene.socket->read(5s).data);
        }
    });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 10));
    QTRY_COMPARE(scene.bySignal, numbers(0, 4) + numbers(12, 20));
    QCOMPARE(scene.byHandler, numbers(0, 4) + numbers(12, 20));
    QCOMPARE(read, numbers(4, 12));
}

void tst_MessageHandler::connectsAReceiver()
{
    QList<QByteArray> late;
    Scene scene([&](const QByteArray &message) {
        if (message == "3")
            connect(scene.socket.get(), &GruvSocket::messageReceived, this,
                    [&](const QByteArray &m) { late.append(m); });
    });
    disconnect(scene.receiver);
    QVERIFY(scene.connect());
    scene.send(numbers(0, 100));
    QTRY_VERIFY(late.endsWith("99"));
    QCOMPARE(late, numbers(late.first().toInt(), 100));
    QVERIFY(late.size() == 96 || late.size() == 97); // with the message under way or without it
    QCOMPARE(scene.byHandler, numbers(0, 100));
}

void tst_MessageHandler::disconnectsTheReceiver()
{
    Scene scene([&](const QByteArray &message) {
        if (message == "3")
            disconnect(scene.receiver);
    });
    QVERIFY(scene.connect());
    scene.send(numbers(0, 100));
    QTRY_COMPARE(scene.byHandler, numbers(0, 100));
    QCOMPARE(scene.bySignal, numbers(0, 3));
}
