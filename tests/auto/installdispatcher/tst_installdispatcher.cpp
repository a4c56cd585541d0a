// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <memory>
#include <thread>

using namespace std::chrono_literals;

// Gruv::installEventDispatcher(), and that the main thread is at home in what it installs.
class tst_InstallDispatcher : public QObject
{
    Q_OBJECT
public:
    // Called before there is a QCoreApplication.
    static void initMain()
    {
        s_isInstalled = Gruv::installEventDispatcher();
        const ServerTools::MessageLog log;
        s_isInstalledTwice = Gruv::installEventDispatcher();
        s_complaints = log.lines();
    }

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void installedBeforeTheApplication();
    void tooLateWithAnApplication();
    void otherThreadsHaveQtsOwn();
    void timersComeInOrder();
    void repeatedTimer();
    void queuedCallsComeInOrder();
    void callOfAnotherThreadEndsTheWait();
    void deferredDelete();
    void socketsOfQt();
    void echo();
    void echoInThreadsOfTheServer();
    void blockingCalls();
    void readThatTimesOut();

private:
    inline static bool s_isInstalled = false;
    inline static bool s_isInstalledTwice = false;
    inline static QStringList s_complaints;
};

namespace {

constexpr const char *TooLate = "Gruv::installEventDispatcher() is too late: call it before the "
                                "QCoreApplication is created";

// Qt's have the names of their classes; what has no Q_OBJECT has that of its base.
bool isOurs(const QAbstractEventDispatcher *dispatcher)
{
    return dispatcher && dispatcher->metaObject() == &QAbstractEventDispatcher::staticMetaObject;
}

// Has messages go to the server and back, one at a time; returns whether all came back.
bool exchange(GruvServer *server, int count)
{
    server->setConnectionHandler([](GruvSocket *peer) {
        QObject::connect(peer, &GruvSocket::messageReceived, peer, &GruvSocket::sendMessage);
    });
    if (!server->listen(QHostAddress::LocalHost))
        return false;
    GruvSocket socket;
    QEventLoop loop; // QTRY_VERIFY would sleep in every turn of it
    int echoes = 0;
    QObject::connect(&socket, &GruvSocket::messageReceived, &socket, [&](const QByteArray &data) {
        if (data != QByteArray::number(echoes) || ++echoes == count)
            loop.quit();
        else
            socket.sendMessage(QByteArray::number(echoes));
    });
    QTimer::singleShot(10'000, &loop, &QEventLoop::quit);
    socket.connectToHost(QHostAddress::LocalHost, server->serverPort());
    socket.sendMessage(QByteArray::number(0));
    loop.exec();
    return echoes == count;
}

} // namespace

void tst_InstallDispatcher::installedBeforeTheApplication()
{
    QVERIFY(s_isInstalled);
    auto *const dispatcher = QAbstractEventDispatcher::instance();
    QVERIFY2(isOurs(dispatcher), dispatcher->metaObject()->className());
    QCOMPARE(dispatcher->thread(), QCoreApplication::instance()->thread());
    QVERIFY(!s_isInstalledTwice);
    QCOMPARE(s_complaints.size(), 1);
    QVERIFY(s_complaints.first().endsWith(QLatin1String(TooLate)));
}

void tst_InstallDispatcher::tooLateWithAnApplication()
{
    auto *const dispatcher = QAbstractEventDispatcher::instance();
    QTest::ignoreMessage(QtWarningMsg, TooLate);
    QVERIFY(!Gruv::installEventDispatcher());
    QCOMPARE(QAbstractEventDispatcher::instance(), dispatcher);
}

void tst_InstallDispatcher::otherThreadsHaveQtsOwn()
{
    bool isQts = false;
    const std::unique_ptr<QThread> thread(
            QThread::create([&] { isQts = !isOurs(QThread::currentThread()->eventDispatcher()); }));
    thread->start();
    QVERIFY(thread->wait(10'000));
    QVERIFY(isQts);
}

void tst_InstallDispatcher::timersComeInOrder()
{
    QList<int> fired;
    QElapsedTimer clock;
    clock.start();
    for (const int time : { 30, 0, 10, 20 })
        QTimer::singleShot(time, Qt::PreciseTimer, this, [&fired, time] { fired.append(time); });
    QTRY_COMPARE(fired.size(), 4);
    QVERIFY(clock.elapsed() >= 30);
    QCOMPARE(fired, QList<int>({ 0, 10, 20, 30 }));
}

void tst_InstallDispatcher::repeatedTimer()
{
    QTimer timer;
    QSignalSpy ticks(&timer, &QTimer::timeout);
    QEventLoop loop;
    connect(&timer, &QTimer::timeout, &loop, [&] {
        if (ticks.size() >= 5)
            loop.quit();
    });
    QTimer::singleShot(10'000, &loop, &QEventLoop::quit);
    QElapsedTimer clock;
    clock.start();
    timer.setTimerType(Qt::PreciseTimer);
    timer.start(5);
    loop.exec();
    QCOMPARE(ticks.size(), 5);
    QVERIFY(clock.elapsed() >= 25);
}

void tst_InstallDispatcher::queuedCallsComeInOrder()
{
    QList<int> called;
    for (int i = 0; i < 3; ++i)
        QMetaObject::invokeMethod(
                this, [&called, i] { called.append(i); }, Qt::QueuedConnection);
    QCOMPARE(called.size(), 0);
    QCoreApplication::processEvents();
    QCOMPARE(called, QList<int>({ 0, 1, 2 }));
}

void tst_InstallDispatcher::callOfAnotherThreadEndsTheWait()
{
    QEventLoop loop;
    bool isLate = false;
    QTimer::singleShot(10'000, &loop, [&] {
        isLate = true;
        loop.quit();
    });
    std::thread other;
    connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::aboutToBlock, &loop,
            [&] {
                if (!other.joinable())
                    other = std::thread([&loop] {
                        QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
                    });
            });
    loop.exec();
    other.join();
    QVERIFY(!isLate);
}

void tst_InstallDispatcher::deferredDelete()
{
    const QPointer<QObject> object = new QObject;
    object->deleteLater();
    QTRY_VERIFY(!object);
}

void tst_InstallDispatcher::socketsOfQt()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, this, [&server] {
        QTcpSocket *const peer = server.nextPendingConnection();
        connect(peer, &QTcpSocket::readyRead, peer, [peer] { peer->write(peer->readAll()); });
    });
    const QByteArray bytes(3'000'000, 'x'); // more than the system takes at once
    QByteArray received;
    QTcpSocket socket;
    connect(&socket, &QTcpSocket::readyRead, this, [&] { received += socket.readAll(); });
    connect(&socket, &QTcpSocket::connected, this, [&] { socket.write(bytes); });
    socket.connectToHost(server.serverAddress(), server.serverPort());
    QTRY_COMPARE(received.size(), bytes.size());
    QVERIFY(received == bytes);
    QSignalSpy ends(&socket, &QTcpSocket::disconnected);
    server.findChild<QTcpSocket *>()->disconnectFromHost();
    QTRY_COMPARE(ends.size(), 1);
}

void tst_InstallDispatcher::echo()
{
    GruvServer server;
    QVERIFY(exchange(&server, 300));
}

void tst_InstallDispatcher::echoInThreadsOfTheServer()
{
    GruvServer server;
    server.setThreadCount(2);
    QVERIFY(exchange(&server, 300));
    server.stop();
    QCOMPARE(server.clientCount(), 0);
}

void tst_InstallDispatcher::blockingCalls()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, QHostAddress::LocalHost));
    GruvSocket socket;
    socket.connectToHost(server.serverAddress(), server.serverPort());
    QVERIFY(socket.waitForConnected());
    for (int i = 0; i < 300; ++i) {
        QVERIFY(socket.sendMessage(QByteArray::number(i)));
        QCOMPARE(socket.read().data, QByteArray::number(i));
    }
    QVERIFY(socket.sendMessage("the last"));
    QVERIFY(socket.waitForMessagesWritten());
    socket.disconnectFromHost();
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(socket.error(), GruvSocket::Error::NoError);
}

void tst_InstallDispatcher::readThatTimesOut()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket socket;
    QVERIFY(ServerTools::connectTo(&socket, server));
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(socket.read(50ms).status, GruvSocket::ReadStatus::Timeout);
    QVERIFY(clock.elapsed() >= 50);
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
}

QTEST_GUILESS_MAIN(tst_InstallDispatcher)
#include "tst_installdispatcher.moc"
