// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

// Many threads at once, made for ThreadSanitizer; see tests/tsan/run.sh.
class tst_ThreadStress : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void eightThreadsSendOnOneSocket();
    void connectionsComeAndGo_data();
    void connectionsComeAndGo();
    void stopWhileAllRuns_data();
    void stopWhileAllRuns();
};

using namespace std::chrono_literals;

namespace {

// QTRY_VERIFY sleeps between two turns of the event loop, too long for a server.
bool runUntil(const std::function<bool()> &done)
{
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (done())
            loop.quit();
    });
    look.start(5);
    QTimer::singleShot(200'000, &loop, &QEventLoop::quit);
    loop.exec();
    return done();
}

void serveEchoes(GruvServer *server, int threads)
{
    server->setThreadCount(threads);
    server->setConnectionHandler([](GruvSocket *socket) {
        QObject::connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
}

// Clients in threads of their own: each has some connections, and replaces one after the other.
class Traffic
{
public:
    static constexpr int Threads = 4;
    static constexpr int Connections = 64 / Threads;

    Traffic(quint16 port, int rounds)
        : m_port(port)
        , m_rounds(rounds)
    {
        for (int t = 0; t < Threads; ++t)
            m_threads.emplace_back([this, t] { run(t); });
    }
    ~Traffic() { join(); }
    void join()
    {
        for (std::thread &thread : m_threads) {
            if (thread.joinable())
                thread.join();
        }
    }
    int faults() const { return m_faults; }
    int echoes() const { return m_echoes; }
    int begun() const { return m_begun; }
    void end() { m_isOver = true; }

private:
    void run(int thread)
    {
        std::array<std::unique_ptr<GruvSocket>, Connections> sockets;
        for (int i = 0; i < m_rounds && !m_isOver; ++i) {
            auto &socket = sockets[size_t(i) % Connections];
            socket = std::make_unique<GruvSocket>(); // the one before is destroyed, connected
            socket->connectToHost(QHostAddress::LocalHost, m_port);
            ++m_begun;
            const QByteArray message = QByteArray::number(thread) + ' ' + QByteArray::number(i);
            if (!socket->waitForConnected() || !socket->sendMessage(message))
                ++m_faults;
            else if (i % 3 == 0)
                socket->abort();
            else if (socket->read(30s).data == message)
                ++m_echoes;
            else
                ++m_faults;
        }
    }

    const quint16 m_port;
    const int m_rounds;
    std::atomic<int> m_faults{ 0 };
    std::atomic<int> m_echoes{ 0 };
    std::atomic<int> m_begun{ 0 };
    std::atomic<bool> m_isOver{ false };
    std::vector<std::thread> m_threads;
};

} // namespace

void tst_ThreadStress::eightThreadsSendOnOneSocket()
{
    constexpr int Threads = 8;
    constexpr int Count = 100'000;
    GruvServer server;
    std::array<int, Threads> next = {};
    int faults = 0;
    int received = 0;
    connect(&server, &GruvServer::messageReceived, &server,
            [&](GruvSocket *, const QByteArray &message) {
                const int thread = message.left(1).toInt();
                faults += message.mid(2).toInt() != next[size_t(thread)]++;
                ++received;
            });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket socket;
    GruvSocketOptions options;
    options.writeBufferLimit = 1 << 30; // none is refused, however far the sending thread is behind
    socket.setOptions(options);
    QVERIFY(ServerTools::connectTo(&socket, server));
    std::atomic<int> refused{ 0 };
    std::vector<std::thread> threads;
    for (int t = 0; t < Threads; ++t) {
        threads.emplace_back([&socket, &refused, t] {
            for (int i = 0; i < Count; ++i)
                refused += !socket.sendMessage(QByteArray::number(t) + ' ' + QByteArray::number(i));
        });
    }
    QVERIFY(runUntil([&] { return received == Threads * Count; }));
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(refused.load(), 0);
    QCOMPARE(faults, 0); // each thread's order is kept
}

void tst_ThreadStress::connectionsComeAndGo_data()
{
    QTest::addColumn<int>("threads");
    QTest::newRow("own-thread") << 0;
    QTest::newRow("four-threads") << 4;
}

// 64 at a time, 10 000 in all.
void tst_ThreadStress::connectionsComeAndGo()
{
    QFETCH(int, threads);
    GruvServer server;
    serveEchoes(&server, threads);
    int clients = 0;
    int ends = 0;
    connect(&server, &GruvServer::clientConnected, &server, [&] { ++clients; });
    connect(&server, &GruvServer::clientDisconnected, &server, [&] { ++ends; });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    constexpr int Rounds = 10'000 / Traffic::Threads;
    Traffic traffic(server.serverPort(), Rounds);
    QVERIFY(runUntil([&] { return traffic.begun() == Traffic::Threads * Rounds; }));
    QVERIFY(runUntil([&] { return ends > 0 && ends == clients && server.clientCount() == 0; }));
    traffic.join();
    QCOMPARE(traffic.faults(), 0);
    QVERIFY(traffic.echoes() > Rounds);
}

void tst_ThreadStress::stopWhileAllRuns_data()
{
    QTest::addColumn<bool>("fromAnotherThread");
    QTest::newRow("own-thread") << false;
    QTest::newRow("another-thread") << true;
}

// Connections in all states, messages from everywhere, and stop(); then it listens again.
void tst_ThreadStress::stopWhileAllRuns()
{
    QFETCH(bool, fromAnotherThread);
    GruvServer server;
    serveEchoes(&server, 4);
    connect(&server, &GruvServer::messageReceived, &server, [] {});
    for (int round = 0; round < 20; ++round) {
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Traffic traffic(server.serverPort(), 1'000'000);
        QVERIFY(runUntil([&] { return traffic.echoes() > 50; }));
        server.broadcast("to all");
        traffic.end();
        if (fromAnotherThread) {
            std::atomic<bool> isStopped{ false };
            std::thread other([&] {
                server.stop();
                isStopped = true;
            });
            QVERIFY(runUntil([&] { return isStopped.load(); }));
            other.join();
        } else {
            server.stop();
        }
        QCOMPARE(server.clientCount(), 0);
        QVERIFY(!server.isListening());
        traffic.join();
    }
}

QTEST_GUILESS_MAIN(tst_ThreadStress)
#include "tst_threadstress.moc"
