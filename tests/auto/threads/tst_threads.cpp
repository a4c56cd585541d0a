// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

// Contract 7, and blocking calls in threads of every kind.
class tst_Threads : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void sendFromManyThreads();
    void disconnectFromAnotherThreadSendsFirst();
    void abortFromAnotherThreadWakesRead();
    void sendFromAnotherThreadWhileReadWaits();
    void waitIsNotLostBetweenTwoPosts();
    void refusalReachesTheOwnThread();
    void messageForAnEndedConnectionIsDropped();
    void movedWhileUnconnected();
    void orderHoldsWithANestedLoop();
    void refusalsInARowAreOne();
    void callsOutsideTheThreadWarn();
    void lateDisconnectSparesTheNextConnection();
    void threadStartedAgain();
    void emptyMessagesCountTheirMemory();
    void sendersLeaveOthersTheirTurn_data();
    void sendersLeaveOthersTheirTurn();
};

using RawPeer::frame;

void tst_Threads::sendFromManyThreads()
{
    constexpr int Threads = 4;
    constexpr int Count = 5000;
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    std::vector<std::thread> senders;
    std::atomic<int> refused{ 0 };
    for (int t = 0; t < Threads; ++t) {
        senders.emplace_back([&socket, &refused, t] {
            for (int i = 0; i < Count; ++i) {
                const QByteArray message = QByteArray::number(t) + ' ' + QByteArray::number(i);
                refused += !socket.sendMessage(message);
            }
        });
    }
    for (std::thread &sender : senders)
        sender.join();
    QCOMPARE(refused.load(), 0);
    GruvSocket reader(const_cast<std::unique_ptr<QTcpSocket> &>(peer).release());
    int next[Threads] = {};
    for (int i = 0; i < Threads * Count; ++i) {
        const QList<QByteArray> parts = reader.read().data.split(' ');
        QCOMPARE(parts.size(), 2);
        QCOMPARE(parts[1].toInt(), next[parts[0].toInt()]++); // each thread's order is kept
    }
}

void tst_Threads::disconnectFromAnotherThreadSendsFirst()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    std::thread([&socket] {
        for (int i = 0; i < 100; ++i)
            socket.sendMessage("x");
        socket.disconnectFromHost();
    }).join();
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(socket.error(), GruvSocket::Error::NoError);
    QTRY_COMPARE(peer->bytesAvailable(), 500);
}

void tst_Threads::abortFromAnotherThreadWakesRead()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    std::thread other([&socket] { socket.abort(); });
    QCOMPARE(socket.read(20s).status, GruvSocket::ReadStatus::Error);
    other.join();
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

void tst_Threads::sendFromAnotherThreadWhileReadWaits()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    connect(peer.get(), &QTcpSocket::readyRead, this, [&] { peer->write(frame("answer")); });
    std::thread other([&socket] { socket.sendMessage("question"); });
    QCOMPARE(socket.read(20s).data, "answer"); // it would never come if read() slept through it
    other.join();
}

// What another thread posts may be told in a turn of the event loop that then goes on to wait.
void tst_Threads::waitIsNotLostBetweenTwoPosts()
{
    constexpr int Rounds = 3000;
    GruvServer server;
    QVERIFY(server.start(
            [](const GruvPeer &, GruvSocket &peer) {
                while (peer.read()) {
                }
            },
            0, QHostAddress::LocalHost));
    GruvSocket socket;
    std::atomic<int> round{ 0 };
    std::thread other([&socket, &round] {
        for (int i = 1; i <= Rounds; ++i) {
            while (round < i)
                std::this_thread::yield();
            socket.sendMessage("x");
            socket.abort();
        }
    });
    int late = 0;
    for (int i = 1; i <= Rounds; ++i) {
        socket.connectToHost(server.serverAddress(), server.serverPort());
        late += !socket.waitForConnected();
        round = i;
        late += !socket.waitForDisconnected(5s);
    }
    other.join();
    QCOMPARE(late, 0);
}

void tst_Threads::refusalReachesTheOwnThread()
{
    GruvSocket socket;
    QThread *thread = nullptr;
    connect(
            &socket, &GruvSocket::errorOccurred, this, [&] { thread = QThread::currentThread(); },
            Qt::DirectConnection);
    bool accepted = true;
    std::thread([&] { accepted = socket.sendMessage("nobody there"); }).join();
    QVERIFY(!accepted);
    QTRY_COMPARE(thread, QThread::currentThread());
    QCOMPARE(socket.error(), GruvSocket::Error::NotConnected);
}

void tst_Threads::messageForAnEndedConnectionIsDropped()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto first = listener.connect(&socket);
    QVERIFY(first);
    std::thread([&] { QVERIFY(socket.sendMessage("for the first")); }).join();
    socket.abort(); // before the event loop has looked at it
    const auto second = listener.connect(&socket);
    QVERIFY(second);
    QVERIFY(socket.sendMessage("for the second"));
    QTRY_COMPARE(second->bytesAvailable(), 18);
    QCOMPARE(second->readAll(), frame("for the second"));
    QCOMPARE(socket.bytesToWrite(), 0);
}

void tst_Threads::movedWhileUnconnected()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    server.setConnectionHandler([](GruvSocket *peer) {
        connect(peer, &GruvSocket::messageReceived, peer, &GruvSocket::sendMessage);
    });
    const quint16 port = server.serverPort();
    auto *socket = new GruvSocket;
    socket->connectToHost(QHostAddress::LocalHost, port); // what it leaves behind must move too
    QVERIFY(socket->waitForConnected());
    socket->abort();
    QThread thread;
    socket->moveToThread(&thread);
    connect(&thread, &QThread::finished, socket, &QObject::deleteLater);
    thread.start();
    int messages = 0; // counted in this thread; a QSignalSpy counts in the socket's
    connect(socket, &GruvSocket::messageReceived, this, [&messages] { ++messages; });
    QMetaObject::invokeMethod(
            socket, [socket, port] { socket->connectToHost(QHostAddress::LocalHost, port); },
            Qt::BlockingQueuedConnection);
    QTRY_COMPARE(socket->state(), QAbstractSocket::ConnectedState);
    QVERIFY(socket->sendMessage("from the main thread"));
    QTRY_COMPARE(messages, 1);
    thread.quit();
    QVERIFY(thread.wait());
}

void tst_Threads::orderHoldsWithANestedLoop()
{
    constexpr int Count = 5000;
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.writeHighWatermark = 100;
    options.writeLowWatermark = 50;
    socket.setOptions(options);
    connect(&socket, &GruvSocket::writableChanged, this, [] { QCoreApplication::processEvents(); });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    std::thread sender([&socket] {
        for (int i = 0; i < Count; ++i)
            socket.sendMessage(QByteArray::number(i));
        socket.disconnectFromHost();
    });
    QVERIFY(socket.waitForDisconnected(20s));
    sender.join();
    QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
    QByteArray expected;
    for (int i = 0; i < Count; ++i)
        expected += frame(QByteArray::number(i));
    QVERIFY(peer->readAll() == expected);
}

void tst_Threads::refusalsInARowAreOne()
{
    GruvSocket socket;
    QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
    std::thread([&] {
        for (int i = 0; i < 10'000; ++i)
            socket.sendMessage("nobody there");
    }).join();
    QTRY_COMPARE(errors.size(), 1);
    QCoreApplication::processEvents();
    QCOMPARE(errors.size(), 1);
}

void tst_Threads::callsOutsideTheThreadWarn()
{
    GruvSocket socket;
    const char *warning = "GruvSocket::%1() was called outside the thread of the socket";
    for (const char *function : { "connectToHost", "waitForConnected", "read" })
        QTest::ignoreMessage(QtWarningMsg,
                             qPrintable(QString::fromLatin1(warning).arg(QLatin1String(function))));
    std::thread([&] {
        socket.connectToHost(QHostAddress::LocalHost, 1);
        QVERIFY(!socket.waitForConnected());
        QCOMPARE(socket.read().status, GruvSocket::ReadStatus::Error);
    }).join();
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

void tst_Threads::lateDisconnectSparesTheNextConnection()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto first = listener.connect(&socket);
    QVERIFY(first);
    int ends = 0;
    connect(&socket, &GruvSocket::disconnected, this, [&] {
        if (ends++ == 0)
            Encryption::connect(&socket, listener.port());
    });
    std::thread([&socket] {
        socket.disconnectFromHost();
        socket.abort();
    }).join();
    const auto second = listener.accept();
    QVERIFY(second);
    QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
    QCOMPARE(ends, 1);
}

// The same QThread, but another thread of the system.
void tst_Threads::threadStartedAgain()
{
    RawPeer::Listener listener;
    QThread thread;
    QObject home;
    GruvSocket *socket = nullptr; // home's
    home.moveToThread(&thread);
    for (int run = 0; run < 3; ++run) {
        thread.start();
        QMetaObject::invokeMethod(&home, [&] {
            if (!socket)
                socket = new GruvSocket(&home);
            Encryption::connect(socket, listener.port());
            socket->sendMessage("hello");
        });
        const auto peer = listener.accept();
        QVERIFY(peer);
        QTRY_COMPARE(peer->bytesAvailable(), 9);
        QMetaObject::invokeMethod(
                &home, [&] { socket->abort(); }, Qt::BlockingQueuedConnection);
        thread.quit();
        QVERIFY(thread.wait(10'000));
        std::thread other([] {}); // takes the identity that has become free
        other.join();
    }
    QMetaObject::invokeMethod(
            &home, [&] { delete socket; }, Qt::DirectConnection);
}

// Each takes memory on its way between threads, whatever its size.
void tst_Threads::emptyMessagesCountTheirMemory()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.writeBufferLimit = 1024 * 1024;
    options.writeHighWatermark = options.writeLowWatermark = 1024;
    socket.setOptions(options);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    int accepted = 0;
    std::thread sender([&] {
        while (accepted < 1'000'000 && socket.sendMessage(""))
            ++accepted;
    });
    sender.join(); // meanwhile the socket's own thread does nothing
    QVERIFY2(accepted > 1000 && accepted < 20'000, QByteArray::number(accepted).constData());
    QCOMPARE(socket.bytesToWrite(), 4 * accepted);
    QTRY_COMPARE(peer->bytesAvailable(), 4 * accepted);
}

void tst_Threads::sendersLeaveOthersTheirTurn_data()
{
    QTest::addColumn<bool>("reads");
    QTest::newRow("read") << true;
    QTest::newRow("event-loop") << false;
}

// However fast another thread sends, a wait ends in time, and timers are told.
void tst_Threads::sendersLeaveOthersTheirTurn()
{
    QFETCH(const bool, reads);
    GruvServer server;
    const auto takeAll = [](const GruvPeer &, GruvSocket &peer) {
        peer.setMessageHandler([](const QByteArray &) {});
        peer.waitForDisconnected(60s);
    };
    QVERIFY(server.start(takeAll, 0, QHostAddress::LocalHost));
    GruvSocket socket;
    socket.connectToHost(server.serverAddress(), server.serverPort());
    QVERIFY(socket.waitForConnected());
    std::atomic<bool> isOver{ false };
    const QDeadlineTimer end(8s);
    std::thread sender([&] {
        while (!isOver && !end.hasExpired())
            socket.sendMessage("as fast as it can");
    });
    QElapsedTimer time;
    time.start();
    for (int turn = 0; turn < 10; ++turn) {
        QEventLoop loop;
        if (!reads)
            QTimer::singleShot(10ms, &loop, &QEventLoop::quit);
        reads ? void(socket.read(10ms)) : void(loop.exec());
    }
    const qint64 took = time.elapsed();
    isOver = true;
    sender.join();
    QVERIFY2(took < 4000, QByteArray::number(took).constData());
}

QTEST_GUILESS_MAIN(tst_Threads)
#include "tst_threads.moc"
