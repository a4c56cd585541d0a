// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_receivers.h"

#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include <wirepair.h>

namespace {

constexpr int Count = 100;
constexpr int Last = 40;

/*
    A receiver that lives in another thread, for which the socket's waits with each message
    (Qt::BlockingQueuedConnection): so it is decided which message is the last it gets.
*/
class Stranger
{
public:
    Stranger(GruvSocket *socket, const std::function<void(Stranger *)> &leave)
        : context(new QObject)
    {
        context->moveToThread(&thread);
        thread.start();
        connection = QObject::connect(
                socket, &GruvSocket::messageReceived, context,
                [this, leave](const QByteArray &message) {
                    got.append(message);
                    if (message.toInt() == Last)
                        leave(this);
                },
                Qt::BlockingQueuedConnection);
    }
    ~Stranger()
    {
        thread.quit();
        thread.wait();
        delete context;
    }

    QThread thread;
    QObject *context;
    QMetaObject::Connection connection;
    QList<QByteArray> got;
};

} // namespace

namespace {

// Stops a receiver that is being deleted after it told, and before it is cut off.
class SlowlyLeft : public GruvSocket
{
public:
    void awaitTelling(const std::function<void()> &begin)
    {
        m_isArmed = true;
        begin();
        m_told.tryAcquire(1, 5000);
        m_isArmed = false;
    }
    void letGo() { m_goOn.release(); }

    std::atomic<bool> wasHeldUp{ false };

protected:
    void disconnectNotify(const QMetaMethod &signal) override
    {
        GruvSocket::disconnectNotify(signal);
        if (!m_isArmed)
            return;
        m_told.release();
        wasHeldUp = !m_goOn.tryAcquire(1, 2000);
    }

private:
    std::atomic<bool> m_isArmed{ false };
    QSemaphore m_told;
    QSemaphore m_goOn;
};

} // namespace

void tst_Receivers::deletedInItsThread()
{
    WirePair pair;
    Stranger stranger(pair.socket.get(),
                      [](Stranger *s) { delete std::exchange(s->context, nullptr); });
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(numbers(0, Count)).size());
    QCOMPARE(stranger.got, numbers(0, Last + 1));
    QCOMPARE(pair.readWaiting(), numbers(Last + 1, Count));
}

void tst_Receivers::disconnectedInItsThread()
{
    WirePair pair;
    Stranger stranger(pair.socket.get(), [](Stranger *s) { QObject::disconnect(s->connection); });
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(numbers(0, Count)).size());
    QCOMPARE(stranger.got, numbers(0, Last + 1));
    QList<QByteArray> rest;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { rest.append(message); });
    QTRY_COMPARE(rest, numbers(Last + 1, Count));
}

// Deleted by its thread's end while the socket's thread waits for that.
void tst_Receivers::itsThreadEnds()
{
    WirePair pair;
    QThread thread;
    auto *context = new QObject;
    context->moveToThread(&thread);
    connect(&thread, &QThread::finished, context, &QObject::deleteLater);
    thread.start();
    QSemaphore seen;
    connect(pair.socket.get(), &GruvSocket::messageReceived, context, [&] { seen.release(); });
    QList<QByteArray> byHandler;
    pair.socket->setMessageHandler([&](const QByteArray &message) {
        byHandler.append(message);
        if (message.toInt() != Last)
            return;
        QVERIFY(seen.tryAcquire(Last, 5000)); // what was told before is taken
        thread.quit();
        QVERIFY(thread.wait(5000));
        pair.socket->setMessageHandler({});
    });
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(numbers(0, Count)).size());
    QCOMPARE(byHandler, numbers(0, Last + 1));
    QCOMPARE(seen.available(), 0);
    QCOMPARE(pair.readWaiting(), numbers(Last + 1, Count));
}

// Its thread deletes it while the socket's thread waits for that in the slot.
void tst_Receivers::deletedWhileItsThreadIsWaitedFor()
{
    WirePair pair;
    QThread thread;
    auto *context = new QObject;
    context->moveToThread(&thread);
    thread.start();
    QList<QByteArray> got;
    connect(
            pair.socket.get(), &GruvSocket::messageReceived, context,
            [&](const QByteArray &message) { // in the socket's thread
                got.append(message);
                if (message.toInt() != Last)
                    return;
                QMetaObject::invokeMethod(
                        context, [context] { context->deleteLater(); },
                        Qt::BlockingQueuedConnection);
                thread.quit(); // after the deletion
                QVERIFY(thread.wait(5000));
            },
            Qt::DirectConnection);
    QVERIFY(pair.connect());
    pair.send(numbers(0, Count));
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(numbers(0, Count)).size());
    QCOMPARE(got, numbers(0, Last + 1));
    QCOMPARE(pair.readWaiting(), numbers(Last + 1, Count));
}

// Returns false if it did not come to that.
static bool deleteSlowly(QList<QByteArray> *got, QList<QByteArray> *rest)
{
    WirePair pair;
    auto *socket = new SlowlyLeft;
    pair.socket.reset(socket);
    QThread thread;
    auto *context = new QObject;
    context->moveToThread(&thread);
    QObject::connect(&thread, &QThread::finished, context, &QObject::deleteLater);
    thread.start();
    QObject::connect(
            socket, &GruvSocket::messageReceived, context,
            [&](const QByteArray &message) { // in the socket's thread
                got->append(message);
                if (message.toInt() == Last) {
                    socket->awaitTelling([&] { thread.quit(); });
                } else if (message.toInt() == Last + 1) {
                    socket->letGo();
                    thread.wait(5000);
                }
            },
            Qt::DirectConnection);
    if (pair.connect())
        pair.send(numbers(0, Count));
    const bool hasArrived = QTest::qWaitFor(
            [&] { return socket->statistics().bytesReceived == wireOf(numbers(0, Count)).size(); });
    *rest = pair.readWaiting();
    thread.quit();
    return thread.wait(5000) && hasArrived && !socket->wasHeldUp;
}

/*
    It is still there for one message after it told that it goes, and then it is not. Objects of Qt
    share a pool of mutexes: where these two have the same one, the deletion holds up the socket,
    and the next pair has to show it.
*/
void tst_Receivers::deletedSlowly()
{
    QList<QByteArray> got;
    QList<QByteArray> rest;
    std::vector<std::unique_ptr<QObject>> elsewhere; // so that the next pair is
    bool wasSlow = false;
    for (int attempt = 0; attempt < 5 && !wasSlow; ++attempt) {
        got.clear();
        wasSlow = deleteSlowly(&got, &rest);
        QCOMPARE(got + rest, numbers(0, Count));
        elsewhere.push_back(std::make_unique<QObject>());
    }
    QVERIFY(wasSlow);
    QCOMPARE(got, numbers(0, Last + 2));
}
