// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>
#include <servertools.h>
#include <threadtools.h>

#include <atomic>
#include <functional>

// A slot connects again when the connection has ended: who waits for that end hears of it.
class tst_Reconnecting : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void waitsAreForTheConnectionOfTheCall_data();
    void waitsAreForTheConnectionOfTheCall();
    void waitForConnectedIsForItsAttempt();
    void messagesOfTheEndedConnectionAreRead();
    void handlersThreadBecomesFree_data();
    void handlersThreadBecomesFree();
    void serverIsNotToldOfWhatComesAfterTheEnd();
};

using namespace std::chrono_literals;
using ThreadTools::Patience;
using ReadStatus = GruvSocket::ReadStatus;
using Wait = std::function<bool(GruvSocket *)>; // returns whether it told what it should
Q_DECLARE_METATYPE(Wait)

static const QHostAddress Loopback(QHostAddress::LocalHost);
constexpr auto Long = 10s;
constexpr qint64 Soon = 4'000; // ms

void tst_Reconnecting::waitsAreForTheConnectionOfTheCall_data()
{
    QTest::addColumn<bool>("aborted"); // by this end, else reset by the peer
    QTest::addColumn<Wait>("wait");
    for (const bool aborted : { false, true }) {
        const auto row = [aborted](const char *name, const Wait &wait) {
            QTest::addRow("%s-%s", name, aborted ? "aborted" : "reset") << aborted << wait;
        };
        row("disconnected", [](GruvSocket *socket) { return socket->waitForDisconnected(Long); });
        row("read",
            [](GruvSocket *socket) { return socket->read(Long).status == ReadStatus::Error; });
        row("written", [](GruvSocket *socket) {
            socket->sendMessage(QByteArray(12 << 20, 'w')); // more than the system takes
            return !socket->waitForMessagesWritten(Long);
        });
        row("closed", [](GruvSocket *socket) {
            socket->sendMessage(QByteArray(12 << 20, 'w'));
            socket->disconnectFromHost();
            return socket->waitForDisconnected();
        });
    }
}

void tst_Reconnecting::waitsAreForTheConnectionOfTheCall()
{
    QFETCH(const bool, aborted);
    QFETCH(const Wait, wait);
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setReadBufferSize(1); // it does not read
    int ends = 0;
    connect(&socket, &GruvSocket::disconnected, this, [&] {
        if (++ends > 1)
            return;
        socket.connectToHost(Loopback, listener.port());
        socket.sendMessage("after the end");
    });
    QTimer::singleShot(0, &socket, [&] { aborted ? socket.abort() : RawPeer::reset(peer.get()); });
    QTimer::singleShot(Long, &socket, &GruvSocket::abort); // whoever waits on has failed
    QElapsedTimer clock;
    clock.start();
    const bool told = wait(&socket);
    QVERIFY2(clock.elapsed() < Soon, QByteArray::number(clock.elapsed()).constData());
    QVERIFY(told);
    QCOMPARE(ends, 1);
    const auto next = listener.accept(); // which goes on undisturbed
    QVERIFY(next && socket.waitForConnected());
    next->write(RawPeer::frame("again"));
    QCOMPARE(socket.read().data, "again");
}

void tst_Reconnecting::waitForConnectedIsForItsAttempt()
{
    QTcpSocket bound; // its port is taken, so no other test listens there
    QVERIFY(bound.bind(Loopback));
    RawPeer::Listener listener;
    GruvSocket socket;
    int attempts = 1;
    const auto retry = [&] {
        if (++attempts == 2) // the first one that is waited for
            socket.connectToHost(Loopback, listener.port());
    };
    connect(&socket, &GruvSocket::errorOccurred, this, retry);
    socket.connectToHost(Loopback, bound.localPort());
    QVERIFY(!socket.waitForConnected());
    QCOMPARE(attempts, 2);
    QVERIFY(socket.waitForConnected());
}

void tst_Reconnecting::messagesOfTheEndedConnectionAreRead()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(RawPeer::frame("one") + RawPeer::frame("two"));
    peer->disconnectFromHost();
    QCOMPARE(socket.read().data, "one");
    QCOMPARE(socket.read().data, "two");
    QCOMPARE(socket.read().status, ReadStatus::Error);
}

void tst_Reconnecting::handlersThreadBecomesFree_data()
{
    QTest::addColumn<bool>("reads");  // when its connection ends, else it has returned
    QTest::addColumn<bool>("aborts"); // in a slot of the closing
    QTest::newRow("after-the-handler") << false << false;
    QTest::newRow("at-once-after-the-handler") << false << true;
    QTest::newRow("in-the-handler") << true << false;
}

// Whom it connects to again neither speaks nor closes.
void tst_Reconnecting::handlersThreadBecomesFree()
{
    QFETCH(const bool, reads);
    QFETCH(const bool, aborts);
    RawPeer::Listener silent;
    std::atomic<int> served{ 0 };
    GruvServer server;
    GruvSocketOptions options;
    options.timeout = options.closeTimeout = Long;
    server.setSocketOptions(options);
    server.setMaximumHandlerThreads(1);
    const auto handler = [&, port = silent.port()](const GruvPeer &, GruvSocket &socket) {
        int ends = 0;
        connect(&socket, &GruvSocket::disconnected, &socket, [&socket, port, ends]() mutable {
            if (++ends == 1)
                socket.connectToHost(Loopback, port);
        });
        connect(&socket, &GruvSocket::stateChanged, &socket, [&socket, aborts](auto state) {
            if (aborts && state == QAbstractSocket::ClosingState)
                socket.abort();
        });
        ++served;
        if (reads)
            socket.read(Long);
    };
    QVERIFY(server.start(handler, 0, Loopback));
    for (int i = 1; i <= 2; ++i) {
        GruvSocket client;
        QVERIFY(ServerTools::connectTo(&client, server));
        QTRY_COMPARE(served.load(), i);
        client.abort();
        QTRY_COMPARE_WITH_TIMEOUT(server.clientCount(), 0, Soon);
    }
    GruvSocket last;
    QVERIFY(ServerTools::connectTo(&last, server));
    QTRY_COMPARE(served.load(), 3);
    const QDeadlineTimer soon(Soon);
    server.stop();
    QVERIFY(!soon.hasExpired());
}

// In a thread of setThreadCount(): the event loop of its handler keeps it from being deleted.
void tst_Reconnecting::serverIsNotToldOfWhatComesAfterTheEnd()
{
    RawPeer::Listener listener;
    ThreadTools::Gate gate;
    int told = 0;
    GruvServer server;
    server.setThreadCount(1);
    server.setConnectionHandler([&, port = listener.port()](GruvSocket *socket) {
        socket->abort();
        socket->connectToHost(Loopback, port);
        QEventLoop loop;
        connect(socket, &GruvSocket::messageReceived, &loop, &QEventLoop::quit);
        QTimer::singleShot(Patience, &loop, &QEventLoop::quit);
        loop.exec();
        gate.pass();
    });
    connect(&server, &GruvServer::clientConnected, this, [&] { ++told; });
    connect(&server, &GruvServer::clientDisconnected, this, [&] { ++told; });
    connect(&server, &GruvServer::messageReceived, this, [&] { ++told; });
    QVERIFY(server.listen(Loopback));
    GruvSocket client;
    QVERIFY(ServerTools::connectTo(&client, server));
    const auto peer = listener.accept();
    QVERIFY(peer);
    peer->write(RawPeer::frame("after"));
    QVERIFY(peer->waitForBytesWritten(Patience));
    const bool received = gate.awaitArrivals(1);
    QCoreApplication::processEvents(); // what the thread has told by now
    gate.open(1);
    server.stop();
    QVERIFY(received);
    QCOMPARE(told, 0);
    QCOMPARE(server.clientCount(), 0);
}

QTEST_GUILESS_MAIN(tst_Reconnecting)
#include "tst_reconnecting.moc"
