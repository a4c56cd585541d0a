// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>

#include <servertools.h>
#include <threadtools.h>

#include <vector>

// The blocking calls of GruvSocket in every kind of thread a program may have.
class tst_BlockingClients : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void conversation_data() { everywhere(); }
    void conversation();
    void refusedConnection_data() { everywhere(); }
    void refusedConnection();
    void wokenByTheServersStop_data() { everywhere(); }
    void wokenByTheServersStop();
    void otherEventsOfTheThreadGoOn();
    void manyThreadsAtOnce();
    void threadsLeaveNoDescriptors();

private:
    static void everywhere();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using ReadStatus = GruvSocket::ReadStatus;
using Job = std::function<void()>;
using Place = std::function<void(const Job &)>; // runs a job somewhere and waits for it

static const QHostAddress Loopback(QHostAddress::LocalHost);

namespace {

// The main thread serves events until the job is done elsewhere.
void awaitDone(const std::atomic<bool> &done)
{
    QTRY_VERIFY_WITH_TIMEOUT(done.load(), ThreadTools::Patience);
}

void inStdThread(const Job &job)
{
    std::atomic<bool> done{ false };
    std::thread thread([&] {
        job();
        done = true;
    });
    awaitDone(done);
    thread.join();
}

void inQThread(const Job &job)
{
    std::atomic<bool> done{ false };
    const std::unique_ptr<QThread> thread(QThread::create([&] {
        job();
        done = true;
    }));
    thread->start();
    awaitDone(done);
    thread->wait();
}

void inQThreadWithLoop(const Job &job)
{
    std::atomic<bool> done{ false };
    QThread thread;
    QObject worker;
    worker.moveToThread(&thread);
    QObject::connect(&thread, &QThread::started, &worker, [&] {
        job();
        done = true;
    });
    thread.start();
    awaitDone(done);
    thread.quit();
    thread.wait();
}

void inMainWithLoop(const Job &job)
{
    QTimer::singleShot(0, qApp, [&] {
        job();
        QCoreApplication::exit();
    });
    QCoreApplication::exec();
}

// What went wrong first; nothing, when all is well. QVERIFY belongs to the main thread.
#define CHECK(condition) \
    do { \
        if (!(condition)) \
            return QStringLiteral(#condition " is false, ") + socket.errorString(); \
    } while (false)

QString converse(quint16 port)
{
    GruvSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    CHECK(socket.waitForConnected());
    CHECK(socket.read(10ms).status == ReadStatus::Timeout);
    const QList<QByteArray> messages{ "one", "", QByteArray(3 << 20, 'l'), "last" };
    for (const QByteArray &message : messages)
        CHECK(socket.sendMessage(message));
    for (const QByteArray &message : messages)
        CHECK(socket.read().data == message);
    CHECK(socket.sendMessage("end"));
    CHECK(socket.waitForMessagesWritten());
    CHECK(socket.read().data == "end");
    socket.disconnectFromHost();
    CHECK(socket.waitForDisconnected());
    CHECK(socket.error() == GruvSocket::Error::NoError);
    CHECK(socket.read().status == ReadStatus::Error);
    socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    CHECK(socket.waitForConnected());
    CHECK(socket.sendMessage("again") && socket.read().data == "again");
    return {};
}

QString beRefused(quint16 port)
{
    GruvSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    CHECK(!socket.waitForConnected());
    CHECK(socket.error() == GruvSocket::Error::ConnectionRefused);
    CHECK(socket.waitForDisconnected());
    CHECK(!socket.waitForMessagesWritten());
    CHECK(socket.read().status == ReadStatus::Error);
    return {};
}

void echoEvents(GruvSocket *socket)
{
    QObject::connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
}

} // namespace

void tst_BlockingClients::everywhere()
{
    QTest::addColumn<Place>("place");
    QTest::addColumn<bool>("handlers");
    const std::vector<std::pair<const char *, Place>> places{
        { "std-thread", inStdThread },
        { "qthread", inQThread },
        { "qthread-with-loop", inQThreadWithLoop },
        { "main", [](const Job &job) { job(); } },
        { "main-with-loop", inMainWithLoop },
    };
    for (const auto &[name, place] : places) {
        QTest::addRow("%s-to-handlers", name) << place << true;
        QTest::addRow("%s-to-events", name) << place << false;
    }
}

void tst_BlockingClients::conversation()
{
    QFETCH(const Place, place);
    QFETCH(const bool, handlers);
    GruvServer server;
    server.setConnectionHandler(echoEvents);
    QVERIFY(handlers ? server.start(Gruv::echoHandler, 0, Loopback) : server.listen(Loopback));
    QString failure = QStringLiteral("not run");
    place([&, port = server.serverPort()] { failure = converse(port); });
    QCOMPARE(failure, QString());
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_BlockingClients::refusedConnection()
{
    QFETCH(const Place, place);
    QTcpSocket bound; // its port is taken, so no other test listens there
    QVERIFY(bound.bind(Loopback));
    const quint16 port = bound.localPort();
    QString failure = QStringLiteral("not run");
    place([&] { failure = beRefused(port); });
    QCOMPARE(failure, QString());
}

void tst_BlockingClients::wokenByTheServersStop()
{
    QFETCH(const Place, place);
    QFETCH(const bool, handlers);
    GruvServer server;
    QVERIFY(handlers ? server.start(Gruv::echoHandler, 0, Loopback) : server.listen(Loopback));
    QTimer watch; // stops the server as soon as the client is there
    connect(&watch, &QTimer::timeout, this, [&] {
        if (server.clientCount() > 0)
            server.stop();
    });
    watch.start(1);
    ReadStatus status = ReadStatus::Ok;
    place([&, port = server.serverPort()] {
        GruvSocket socket;
        socket.connectToHost(Loopback, port);
        if (socket.waitForConnected())
            status = socket.read().status;
    });
    QTRY_VERIFY(!server.isListening());
    QCOMPARE(status, ReadStatus::Error);
}

void tst_BlockingClients::otherEventsOfTheThreadGoOn()
{
    GruvServer server;
    server.setConnectionHandler(echoEvents);
    QVERIFY(server.listen(Loopback));
    GruvSocket first;
    GruvSocket second;
    QVERIFY(connectTo(&first, server) && connectTo(&second, server));
    QTimer::singleShot(5ms, this, [&] { first.sendMessage("from a timer"); });
    QTimer::singleShot(0, this, [&] { // a read() inside a read()
        second.sendMessage("inside");
        QCOMPARE(second.read().data, "inside");
    });
    QCOMPARE(first.read().data, "from a timer");
}

void tst_BlockingClients::manyThreadsAtOnce()
{
    GruvServer server;
    server.setMaximumHandlerThreads(3);
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    const quint16 port = server.serverPort();
    std::vector<std::thread> threads;
    std::vector<QString> failures(8, QStringLiteral("not run"));
    for (QString &failure : failures) {
        threads.emplace_back([port, &failure] {
            failure.clear();
            for (int i = 0; i < 5 && failure.isEmpty(); ++i)
                failure = converse(port);
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    for (const QString &failure : failures)
        QCOMPARE(failure, QString());
}

void tst_BlockingClients::threadsLeaveNoDescriptors()
{
    GruvServer server;
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    const quint16 port = server.serverPort();
    const auto visit = [&] {
        QString failure;
        inStdThread([&] { failure = converse(port); });
        QCOMPARE(failure, QString());
        QTRY_COMPARE(server.clientCount(), 0);
    };
    for (int i = 0; i < 3; ++i)
        visit(); // threads of the server's pool that stay
    const int descriptors = ServerTools::ownEntries("fd");
    const int threads = ServerTools::ownEntries("task");
    for (int i = 0; i < 20; ++i)
        visit();
    QVERIFY(ServerTools::ownEntries("task") <= threads + 2);
    QVERIFY(ServerTools::ownEntries("fd") <= descriptors + 2); // those of such a thread
}

QTEST_GUILESS_MAIN(tst_BlockingClients)
#include "tst_blockingclients.moc"
