// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "crowd.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qsemaphore.h>
#include <QtTest/qtest.h>

#include <processorwait.h>
#include <sanitized.h>
#include <wirepair.h>

#include <algorithm>
#include <atomic>

#include <sys/resource.h>

using namespace std::chrono_literals;

// stop() with a drain while many clients wait for their answers.
class tst_Draining : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void whoLeavesHasHadItsAnswer_data() { ways(); }
    void whoLeavesHasHadItsAnswer();
    void whoStaysGetsWholeAnswers_data() { ways(); }
    void whoStaysGetsWholeAnswers();
    void handlerThatNeverReturns();

private:
    void ways();
};

namespace {

enum Way { Loop, Threads, Handlers };

constexpr int Many = 1000;
constexpr int ManyHandlers = 200; // each has a thread
const QByteArray request("what is it?");
const QByteArray answer = patterned(20'000);

// Answers each request.
class AnsweringServer
{
public:
    bool start(Way way)
    {
        if (way == Handlers) {
            m_server.setMaximumHandlerThreads(ManyHandlers);
            return m_server.start(
                    [this](const GruvPeer &, GruvSocket &socket) {
                        ++begun;
                        while (socket.read())
                            answered += socket.sendMessage(answer);
                    },
                    0, QHostAddress::LocalHost);
        }
        m_server.setThreadCount(way == Threads ? 2 : 0);
        m_server.setConnectionHandler([this](GruvSocket *socket) {
            ++begun;
            QObject::connect(socket, &GruvSocket::messageReceived, socket,
                             [this, socket] { answered += socket->sendMessage(answer); });
        });
        return m_server.listen(QHostAddress::LocalHost);
    }
    GruvServer *operator->() { return &m_server; }

    std::atomic<int> begun{ 0 };
    std::atomic<qint64> answered{ 0 }; // accepted by sendMessage()

private:
    GruvServer m_server;
};

int crowdOf(int way)
{
    return way == Handlers ? ManyHandlers : Many;
}

} // namespace

void tst_Draining::initTestCase()
{
    rlimit limit = {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 4096));
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < 4096)
        QSKIP("the system does not give a process so many descriptors");
}

void tst_Draining::ways()
{
    QTest::addColumn<int>("way");
    QTest::newRow("listen") << int(Loop);
    QTest::newRow("listen-with-2-threads") << int(Threads);
    QTest::newRow("start") << int(Handlers);
}

// The drain begins when a few of them have been answered, and ends when the last one has left.
void tst_Draining::whoLeavesHasHadItsAnswer()
{
    QFETCH(int, way);
    AnsweringServer server;
    Crowd crowd(RawPeer::frame(request), RawPeer::frame(answer));
    QVERIFY(server.start(Way(way)));
    QVERIFY(crowd.connectAll(crowdOf(way), server->serverPort()));
    QVERIFY(QTest::qWaitFor([&] { return server.begun == crowdOf(way); }, 20'000));
    crowd.begin(Crowd::Manner::Leaves);
    QVERIFY(QTest::qWaitFor([&] { return server.answered > 0; }));
    const qint64 before = server.answered;
    QElapsedTimer clock;
    clock.start();
    server->stop(20s);
    const qint64 elapsed = clock.elapsed();
    crowd.join();
    qInfo("%lld answered before stop(), which took %lld ms", before, elapsed);
    QVERIFY(elapsed < 20'000);
    QCOMPARE(crowd.cutCount() + crowd.wrongCount() + crowd.endlessCount(), 0);
    QCOMPARE(crowd.emptyHandedCount(), 0);
    QCOMPARE(crowd.answerCount(), qint64(crowdOf(way)));
    QCOMPARE(server->clientCount(), 0);
}

// They ask on and on, so the drain ends with answers under way: those are sent, too.
void tst_Draining::whoStaysGetsWholeAnswers()
{
    constexpr int Drain = 300;
    constexpr int Grace = 200;
    QFETCH(int, way);
    AnsweringServer server;
    Crowd crowd(RawPeer::frame(request), RawPeer::frame(answer));
    QVERIFY(server.start(Way(way)));
    QVERIFY(crowd.connectAll(crowdOf(way), server->serverPort()));
    QVERIFY(QTest::qWaitFor([&] { return server.begun == crowdOf(way); }, 20'000));
    crowd.begin(Crowd::Manner::Stays);
    QVERIFY(QTest::qWaitFor([&] { return server.answered > 0; }));
    const ProcessorWait wait;
    QElapsedTimer clock;
    clock.start();
    server->stop(std::chrono::milliseconds(Drain));
    const qint64 elapsed = clock.elapsed();
    const qint64 waited = wait.total();
    crowd.join();
    qInfo("%lld answers; stop() took %lld ms; threads waited %lld ms for a processor",
          crowd.answerCount(), elapsed, waited);
    QVERIFY(elapsed >= Drain);
    QVERIFY(elapsed < (IsSanitized ? 10'000 : Drain + Grace + waited));
    QCOMPARE(crowd.cutCount() + crowd.wrongCount() + crowd.endlessCount(), 0);
    QCOMPARE(crowd.answerCount(), server.answered.load());
    QCOMPARE(server->clientCount(), 0);
}

// It is given up after 10 s, and says so.
void tst_Draining::handlerThatNeverReturns()
{
#if defined(__SANITIZE_ADDRESS__)
    QSKIP("what is left to itself is a leak");
#endif
    static QSemaphore begun; // they outlive a handler that nobody waits for
    static QSemaphore gate;
    static QSemaphore ended;
    GruvServer server;
    QVERIFY(server.start(
            [](const GruvPeer &, GruvSocket &socket) {
                connect(&socket, &QObject::destroyed, [] { ended.release(); });
                begun.release();
                gate.acquire();
            },
            0, QHostAddress::LocalHost));
    GruvSocket client;
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(client.waitForConnected() && begun.tryAcquire(1, 5000));
    QTest::ignoreMessage(QtWarningMsg, "GruvServer: a handler does not return; its thread goes on");
    QElapsedTimer clock;
    clock.start();
    server.stop();
    QVERIFY(clock.elapsed() >= 10'000);
    QVERIFY(clock.elapsed() < 20'000);
    QVERIFY(!server.isListening());
    gate.release();
    QVERIFY(ended.tryAcquire(1, 5000));
}

QTEST_GUILESS_MAIN(tst_Draining)
#include "tst_draining.moc"
