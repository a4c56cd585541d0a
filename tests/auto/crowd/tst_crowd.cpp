// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include "attackers.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;

// A thousand silent and a thousand dripping clients: others are served as if they were not there,
// and each of them is thrown out in time.
class tst_Crowd : public QObject
{
    Q_OBJECT
public:
    explicit tst_Crowd(Attackers *attackers)
        : m_attackers(attackers)
    {}

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void honestClientsBesideACrowd_data();
    void honestClientsBesideACrowd();

private:
    Attackers *const m_attackers;
};

namespace {

constexpr int Silent = 1000;
constexpr int Dripping = 1000;
constexpr int Visits = 1000; // of honest clients, one after the other
constexpr int Deadline = 3000;
constexpr double Slack = 5; // ms: what a scheduler may take away on a machine that does other work

// Connects, sends a message, has its echo, leaves; in ms, -1 if it failed.
double visit(quint16 port)
{
    const auto begin = std::chrono::steady_clock::now();
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{ 10, 0 };
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const char frame[] = { 0, 0, 0, 4, 'e', 'c', 'h', 'o' };
    char echo[sizeof frame] = {};
    const bool served =
            ::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0
            && ::send(descriptor, frame, sizeof frame, MSG_NOSIGNAL) == ssize_t(sizeof frame)
            && ::recv(descriptor, echo, sizeof echo, MSG_WAITALL) == ssize_t(sizeof echo)
            && std::equal(std::begin(frame), std::end(frame), std::begin(echo));
    ::close(descriptor);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
    return served ? time.count() : -1;
}

struct Figures
{
    double median = 0;
    double p99 = 0;
    bool allServed = false;
};

Figures visits(quint16 port)
{
    std::vector<double> times;
    for (int i = 0; i < Visits && (times.empty() || times.back() >= 0); ++i)
        times.push_back(visit(port));
    if (times.back() < 0)
        return {};
    std::sort(times.begin(), times.end());
    return { times[Visits / 2], times[Visits * 99 / 100], true };
}

// In another thread, for this one's event loop serves. (QTest's own waiting sleeps between turns.)
Figures measure(quint16 port)
{
    QEventLoop loop;
    Figures figures;
    std::thread visitor([&] {
        figures = visits(port);
        QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
    });
    loop.exec();
    visitor.join();
    return figures;
}

} // namespace

void tst_Crowd::honestClientsBesideACrowd_data()
{
    QTest::addColumn<int>("threads");
    QTest::newRow("loop") << 0;
    QTest::newRow("threads") << 2;
}

void tst_Crowd::honestClientsBesideACrowd()
{
    QFETCH(int, threads);
    GruvServer server;
    GruvSocketOptions options;
    options.firstMessageTimeout = options.messageTimeout = std::chrono::milliseconds(Deadline);
    server.setSocketOptions(options);
    server.setThreadCount(threads);
    server.setConnectionHandler([](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    measure(server.serverPort()); // what is done once only
    const Figures alone = measure(server.serverPort());
    QVERIFY(alone.allServed);

    m_attackers->attack({ server.serverPort(), Silent, Dripping, Deadline / 8, 3 * Deadline });
    QTRY_COMPARE(server.clientCount(), Silent + Dripping);
    const Figures beside = measure(server.serverPort());
    QVERIFY(beside.allServed);
    QVERIFY(server.clientCount() >= Silent + Dripping); // they were there all the time
    qInfo("connect and echo, ms: alone median %.3f p99 %.3f, beside the crowd median %.3f p99 %.3f",
          alone.median, alone.p99, beside.median, beside.p99);
    QVERIFY(beside.p99 <= 3 * alone.p99 + Slack);

    QTRY_COMPARE_WITH_TIMEOUT(server.clientCount(), 0, 2 * Deadline);
    Attackers::Report report;
    QVERIFY(m_attackers->awaitReady(&report));
    QCOMPARE(report.connected, Silent + Dripping);
    QVERIFY(m_attackers->awaitEnd(&report));
    QCOMPARE(report.gone, Silent + Dripping);
    qInfo("gone after at most, ms: silent %d, dripping %d", report.longestSilent,
          report.longestDripping);
    QVERIFY(report.longestSilent <= Deadline + 1000);
    QVERIFY(report.longestDripping <= Deadline + 1000);
}

int main(int argc, char **argv)
{
    Attackers attackers;
    rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8192);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    Gruv::installEventDispatcher();
    QCoreApplication application(argc, argv);
    tst_Crowd test(&attackers);
    return QTest::qExec(&test, argc, argv);
}

#include "tst_crowd.moc"
