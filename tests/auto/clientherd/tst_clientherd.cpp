// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvclient.h>
#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <sanitized.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include <sys/resource.h>

using namespace std::chrono_literals;

namespace {

constexpr int Clients = 1000;
constexpr int Restarts = 10;
constexpr std::chrono::milliseconds Initial = 500ms;
constexpr std::chrono::milliseconds Maximum = 2s;

// By its events alone; returns after how many ms it came true, or -1.
qint64 await(std::chrono::milliseconds patience, const std::function<bool()> &isTrue)
{
    QElapsedTimer time;
    time.start();
    QTimer alarm; // so that the deadline is an event
    alarm.start(patience);
    while (!isTrue() && time.elapsed() < patience.count())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return isTrue() ? time.elapsed() : -1;
}

} // namespace

// A server goes and comes back, again and again, and all its clients with it: they neither storm it
// nor stay away.
class tst_ClientHerd : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void restarts();

private:
    void addClient(quint16 port);
    void beDown();

    std::unique_ptr<GruvServer> m_server;
    std::vector<std::unique_ptr<GruvClient>> m_clients;
    int m_online = 0;
    int m_attempts = 0;
    int m_most[2] = {}; // attempts in the first and the second half second without a server
};

void tst_ClientHerd::addClient(quint16 port)
{
    auto client = std::make_unique<GruvClient>();
    GruvReconnectPolicy policy;
    policy.initialDelay = Initial;
    policy.maximumDelay = Maximum;
    policy.resetAfter = 0ms;
    client->setReconnectPolicy(policy);
    connect(client.get(), &GruvClient::stateChanged, this, [this](GruvClient::State state) {
        m_attempts += state == GruvClient::State::Connecting;
    });
    connect(client.get(), &GruvClient::online, this, [this] { ++m_online; });
    connect(client.get(), &GruvClient::offline, this, [this] { --m_online; });
    client->connectToServer(QStringLiteral("127.0.0.1"), port);
    m_clients.push_back(std::move(client));
}

/*
    In the first half second the backoff is 500 ms, from then on, when each has tried once, 1 s and
    more: so in the second one half as many attempts may come.
*/
void tst_ClientHerd::beDown()
{
    m_server.reset();
    QVERIFY(await(10s, [this] { return m_online == 0; }) >= 0);
    for (int &most : m_most) {
        m_attempts = 0;
        await(Initial, [] { return false; });
        most = std::max(most, m_attempts);
    }
}

void tst_ClientHerd::restarts()
{
    m_server = std::make_unique<GruvServer>();
    QVERIFY(m_server->listen(QHostAddress::LocalHost));
    const quint16 port = m_server->serverPort();
    for (int i = 0; i < Clients; ++i)
        addClient(port);
    QVERIFY(await(20s, [this] { return m_online == Clients; }) >= 0);
    qint64 slowest = 0;
    for (int i = 0; i < Restarts; ++i) {
        beDown();
        if (QTest::currentTestFailed())
            return;
        m_server = std::make_unique<GruvServer>();
        QVERIFY(m_server->listen(QHostAddress::LocalHost, port));
        const qint64 took = await(Maximum + 2s, [this] { return m_online == Clients; });
        QVERIFY2(took >= 0, QByteArray::number(m_online).constData());
        slowest = std::max(slowest, took);
    }
    qInfo("%d clients, %d restarts: at most %d and %d attempts in the first and second 500 ms; all "
          "were back after at most %lld ms",
          Clients, Restarts, m_most[0], m_most[1], slowest);
    QVERIFY(m_most[0] <= 1.5 * Clients);
    // Where all takes its time, some of the first half second come in the second.
    QVERIFY(IsSanitized || m_most[1] <= 1.5 * Clients / 2);
    QVERIFY(m_most[0] + m_most[1] <= 1.5 * Clients * 3 / 2);
}

int main(int argc, char **argv)
{
    rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8192);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    Gruv::installEventDispatcher();
    QCoreApplication application(argc, argv);
    tst_ClientHerd test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_clientherd.moc"
