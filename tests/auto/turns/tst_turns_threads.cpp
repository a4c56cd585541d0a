// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_turns.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>

#include <functional>
#include <thread>

#include <threadtools.h>
#include <wirepair.h>

using namespace std::chrono_literals;
using ThreadTools::Patience;

namespace {

// Runs deed in a thread of Qt's or of the C++ library's, neither with an event loop.
class Worker
{
public:
    Worker(bool isQt, const std::function<void()> &deed)
    {
        if (isQt) {
            m_qt.reset(QThread::create(deed));
            m_qt->start();
        } else {
            m_plain = std::thread(deed);
        }
    }
    ~Worker()
    {
        if (m_plain.joinable())
            m_plain.join();
        else
            m_qt->wait();
    }

private:
    std::unique_ptr<QThread> m_qt;
    std::thread m_plain;
};

} // namespace

void tst_Turns::threadWithoutALoop_data()
{
    QTest::addColumn<bool>("isQt");
    QTest::newRow("qthread") << true;
    QTest::newRow("std-thread") << false;
}

// It sends, and then does something else without looking back.
void tst_Turns::threadWithoutALoop()
{
    QFETCH(bool, isQt);
    RawPeer::Listener listener;
    QSemaphore seen;
    bool isUp = false;
    const Worker worker(isQt, [&, port = listener.port()] {
        GruvSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, port);
        isUp = socket.waitForConnected();
        for (int i = 0; i < 3; ++i) {
            socket.sendMessage("hello");
            seen.tryAcquire(1, Patience);
        }
    });
    const auto peer = listener.accept();
    QVERIFY(peer);
    for (int i = 1; i <= 3; ++i) {
        QTRY_COMPARE(peer->bytesAvailable(), 9 * i);
        seen.release();
    }
    QVERIFY(isUp);
}

// A slot that runs while read() waits has no turn's end either, but the wait goes on.
void tst_Turns::threadWithoutALoopAnswers()
{
    RawPeer::Listener listener;
    QSemaphore isOver;
    const Worker worker(true, [&, port = listener.port()] {
        GruvSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, port);
        socket.setMessageHandler([&](const QByteArray &message) { socket.sendMessage(message); });
        socket.waitForDisconnected(10s); // all of it happens in here
        isOver.release();
    });
    const auto peer = listener.accept();
    QVERIFY(peer);
    for (int i = 1; i <= 5; ++i) {
        peer->write(RawPeer::frame("hello"));
        QTRY_COMPARE(peer->bytesAvailable(), 9 * i);
    }
    peer->disconnectFromHost();
    QVERIFY(isOver.tryAcquire(1, Patience));
}

void tst_Turns::movedWhileUnconnected_data()
{
    QTest::addColumn<bool>("wasConnected");
    QTest::newRow("fresh") << false;
    QTest::newRow("was-connected") << true;
}

// Its messages leave at the end of a turn of the thread it is in now.
void tst_Turns::movedWhileUnconnected()
{
    QFETCH(bool, wasConnected);
    WirePair pair;
    if (wasConnected) {
        QVERIFY(pair.connect());
        pair.socket->sendMessage("once");
        pair.socket->abort();
    }
    QThread thread;
    GruvSocket *const socket = pair.socket.release();
    socket->moveToThread(&thread);
    connect(socket, &GruvSocket::connected, socket, [socket] {
        for (int i = 0; i < 10; ++i)
            socket->sendMessage("hello");
        QTimer::singleShot(1, socket, [socket] { socket->sendMessage("later"); });
    });
    connect(&thread, &QThread::finished, socket, &QObject::deleteLater);
    thread.start();
    QMetaObject::invokeMethod(socket, [socket, port = pair.listener.port()] {
        socket->connectToHost(QHostAddress::LocalHost, port);
    });
    const auto peer = pair.listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(peer->bytesAvailable(), 99);
    socket->sendMessage("from here"); // through its mailbox
    while (peer->bytesAvailable() < 112 && peer->waitForReadyRead(5000)) {
    }
    QCOMPARE(peer->bytesAvailable(), 112); // no turn of this thread was needed
    thread.quit();
    QVERIFY(thread.wait(Patience));
}

// The turn in which it has sent ends here while it is connected there.
void tst_Turns::movedInTheTurnItSentIn()
{
    WirePair pair;
    QVERIFY(pair.connect());
    QThread thread;
    GruvSocket *const socket = pair.socket.release();
    connect(&thread, &QThread::finished, socket, &QObject::deleteLater);
    thread.start();
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&, port = pair.listener.port()] {
        socket->sendMessage("never");
        socket->abort();
        socket->moveToThread(&thread);
        QMetaObject::invokeMethod(
                socket,
                [socket, port] {
                    socket->connectToHost(QHostAddress::LocalHost, port);
                    socket->sendMessage("hello");
                },
                Qt::BlockingQueuedConnection);
        QTimer::singleShot(0, &loop, &QEventLoop::quit);
    });
    loop.exec();
    const auto peer = pair.listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(peer->bytesAvailable(), 9);
    QCOMPARE(peer->readAll(), RawPeer::frame("hello"));
    thread.quit();
    QVERIFY(thread.wait(Patience));
}
