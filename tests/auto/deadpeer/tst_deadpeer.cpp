// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <deadlink.h>
#include <mainloop.h>

#include <memory>
#include <vector>

using namespace std::chrono_literals;
using std::chrono::milliseconds;

static bool s_hasPrivateNetwork = false;

// deadPeerTimeout where nothing passes any more between the two ends of a connection.
class tst_DeadPeer : public QObject, public MainLoop
{
    Q_OBJECT
public:
    static void initMain()
    {
        s_hasPrivateNetwork = DeadLink::enterPrivateNetwork();
        MainLoop::initMain();
    }

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void deadLinkIsNoticed_data();
    void deadLinkIsNoticed();
    void timeoutHoldsForWhatIsUnderWay();
    void peerThatDoesNotReadStays_data() { sides(); }
    void peerThatDoesNotReadStays();
    void deathOfAPeerThatDidNotReadIsNoticed_data() { sides(); }
    void deathOfAPeerThatDidNotReadIsNoticed();

private:
    void sides();
};

namespace {

constexpr qint64 MiB = 1024 * 1024;

enum class Cut { LoopbackDown, Silence };
enum class Load { Idle, Pending, WindowFull };

// One end of a connection, and when it ended how.
class End : public QObject
{
public:
    explicit End(GruvSocket *socket)
        : m_socket(socket)
    {
        connect(socket, &GruvSocket::errorOccurred, this,
                [this](GruvSocket::Error error) { m_error = error; });
        connect(socket, &GruvSocket::disconnected, this, [this] { m_endedAt = m_since.elapsed(); });
    }
    GruvSocket *socket() const { return m_socket; }
    void linkIsDead() { m_since.start(); }
    bool isOver() const { return m_endedAt >= 0; }
    qint64 endedAt() const { return m_endedAt; }
    GruvSocket::Error error() const { return m_error; }

private:
    GruvSocket *const m_socket;
    QElapsedTimer m_since;
    qint64 m_endedAt = -1; // ms
    GruvSocket::Error m_error = GruvSocket::Error::NoError;
};

struct Connection
{
    GruvSocket client; // goes after what listens to it
    std::unique_ptr<End> atClient;
    std::unique_ptr<End> atServer;
};

class Network
{
public:
    explicit Network(milliseconds deadPeerTimeout)
    {
        m_options.deadPeerTimeout = deadPeerTimeout;
        m_options.writeBufferLimit = 128 * MiB;
        m_server.setSocketOptions(m_options);
    }
    bool start()
    {
        return (!s_hasPrivateNetwork || DeadLink::setLoopbackUp(true))
               && m_server.listen(QHostAddress::LocalHost);
    }
    Connection *connect()
    {
        auto connection = std::make_unique<Connection>();
        QSignalSpy arrivals(&m_server, &GruvServer::clientConnected);
        connection->client.setOptions(m_options);
        connection->client.connectToHost(QHostAddress::LocalHost, m_server.serverPort());
        if (!connection->client.waitForConnected() || (arrivals.isEmpty() && !arrivals.wait()))
            return nullptr;
        connection->atClient = std::make_unique<End>(&connection->client);
        connection->atServer =
                std::make_unique<End>(arrivals.first().first().value<GruvSocket *>());
        m_connections.push_back(std::move(connection));
        return m_connections.back().get();
    }
    bool cut(Cut how)
    {
        bool done = how == Cut::Silence || DeadLink::setLoopbackUp(false);
        for (const auto &connection : m_connections) {
            for (End *end : { connection->atClient.get(), connection->atServer.get() }) {
                done = done
                       && (how == Cut::LoopbackDown
                           || DeadLink::dropInput(end->socket()->socketDescriptor()));
                end->linkIsDead();
            }
        }
        return done;
    }

private:
    GruvSocketOptions m_options;
    GruvServer m_server;
    std::vector<std::unique_ptr<Connection>> m_connections;
};

// Returns whether the reader's window is full and the writer still has something to send.
bool fillWindow(GruvSocket *writer, GruvSocket *reader)
{
    reader->pauseReading();
    const QByteArray block(64 * 1024, 'f');
    for (int i = 0; i < 1000 && writer->isWritable(); ++i)
        writer->sendMessage(block);
    return !writer->isWritable() && QTest::qWaitFor([writer] {
        return DeadLink::isWindowFull(writer->socketDescriptor());
    });
}

// What a row measures: the end that has this load, on a connection of its own.
struct Measurement
{
    Load load;
    bool atServer;
    End *end = nullptr;
    End *other = nullptr;
};

bool arrange(Network *network, Measurement *measurement)
{
    Connection *const connection = network->connect();
    if (!connection)
        return false;
    measurement->end = connection->atClient.get();
    measurement->other = connection->atServer.get();
    if (measurement->atServer)
        std::swap(measurement->end, measurement->other);
    return measurement->load != Load::WindowFull
           || fillWindow(measurement->end->socket(), measurement->other->socket());
}

void wasNoticedInTime(const Measurement &measurement, milliseconds deadPeerTimeout)
{
    const char *const loads[] = { "idle", "pending", "window full" };
    const End &end = *measurement.end;
    const End &other = *measurement.other;
    QTRY_VERIFY_WITH_TIMEOUT(end.isOver(), int(2 * deadPeerTimeout.count()));
    qInfo("%s at the %s: %.2f s", loads[int(measurement.load)],
          measurement.atServer ? "server" : "client", double(end.endedAt()) / 1000);
    QCOMPARE(end.error(), GruvSocket::Error::PeerUnresponsive);
    QVERIFY(end.endedAt() >= deadPeerTimeout.count() / 2);
    QVERIFY(end.endedAt() <= deadPeerTimeout.count() * 6 / 5);
    if (measurement.load == Load::WindowFull && !other.isOver())
        other.socket()->resumeReading(); // who does not read need not see the end before
    QTRY_VERIFY(other.isOver());
    QCOMPARE(other.error(), GruvSocket::Error::PeerUnresponsive);
}

} // namespace

Q_DECLARE_METATYPE(Cut)

void tst_DeadPeer::deadLinkIsNoticed_data()
{
    QTest::addColumn<Cut>("cut");
    QTest::addColumn<milliseconds>("deadPeerTimeout");
    for (const auto timeout : { 3000ms, 5000ms }) {
        QTest::addRow("loopback-down-%d-s", int(timeout / 1s)) << Cut::LoopbackDown << timeout;
        QTest::addRow("silence-%d-s", int(timeout / 1s)) << Cut::Silence << timeout;
    }
}

// All loads at both sides are measured at the same time, for each takes the whole timeout.
void tst_DeadPeer::deadLinkIsNoticed()
{
    QFETCH(Cut, cut);
    QFETCH(milliseconds, deadPeerTimeout);
    if (cut == Cut::LoopbackDown && !s_hasPrivateNetwork)
        QSKIP("the system permits no network namespace (unshare)");
    Network network(deadPeerTimeout);
    QVERIFY(network.start());
    std::vector<Measurement> measurements{
        { Load::Idle, false },   { Load::Idle, true },        { Load::Pending, false },
        { Load::Pending, true }, { Load::WindowFull, false }, { Load::WindowFull, true },
    };
    for (Measurement &measurement : measurements)
        QVERIFY(arrange(&network, &measurement));
    QVERIFY(network.cut(cut));
    for (const Measurement &measurement : measurements) {
        if (measurement.load == Load::Pending)
            QVERIFY(measurement.end->socket()->sendMessage("lost"));
    }
    for (const Measurement &measurement : measurements)
        wasNoticedInTime(measurement, deadPeerTimeout);
}

void tst_DeadPeer::timeoutHoldsForWhatIsUnderWay()
{
    Network network(0s);
    QVERIFY(network.start());
    Measurement measurement{ Load::Pending, false };
    QVERIFY(arrange(&network, &measurement));
    QVERIFY(network.cut(Cut::Silence));
    GruvSocket *const socket = measurement.end->socket();
    QVERIFY(socket->sendMessage("lost"));
    QTRY_COMPARE(socket->bytesToWrite(), 0);
    GruvSocketOptions options = socket->options();
    options.deadPeerTimeout = 2s;
    socket->setOptions(options);
    QTRY_VERIFY(measurement.end->isOver());
    QCOMPARE(measurement.end->error(), GruvSocket::Error::PeerUnresponsive);
}

void tst_DeadPeer::sides()
{
    QTest::addColumn<bool>("atServer");
    QTest::newRow("client-sends") << false;
    QTest::newRow("server-sends") << true;
}

// A window of zero is an answer too.
void tst_DeadPeer::peerThatDoesNotReadStays()
{
    constexpr int Count = 1024; // 64 MiB
    QFETCH(bool, atServer);
    Network network(2s);
    QVERIFY(network.start());
    Measurement measurement{ Load::Idle, atServer };
    QVERIFY(arrange(&network, &measurement));
    GruvSocket *const writer = measurement.end->socket();
    GruvSocket *const reader = measurement.other->socket();
    QByteArray block(64 * 1024, 's');
    int received = 0;
    int asExpected = 0;
    connect(reader, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        asExpected += message.size() == block.size() && message.front() == char(received++);
    });
    reader->pauseReading();
    for (int i = 0; i < Count; ++i) {
        block.front() = char(i);
        QVERIFY(writer->sendMessage(block));
    }
    QSignalSpy ended(writer, &GruvSocket::disconnected);
    QVERIFY(!ended.wait(6000));
    QVERIFY(!measurement.other->isOver());
    QCOMPARE(received, 0);
    reader->resumeReading();
    QTRY_COMPARE_WITH_TIMEOUT(received, Count, 20'000);
    QCOMPARE(asExpected, Count);
    QVERIFY(!measurement.end->isOver());
    QVERIFY(!measurement.other->isOver());
}

// It has not read for three times deadPeerTimeout when the link dies.
void tst_DeadPeer::deathOfAPeerThatDidNotReadIsNoticed()
{
    constexpr milliseconds Timeout = 2s;
    // Without a limit of its own (TCP_RTO_MAX_MS) the system doubles the time between two probes of
    // a full window: one of them may be so long after the cut, and none before.
    constexpr milliseconds LongestProbeInterval = 7s;
    QFETCH(bool, atServer);
    Network network(Timeout);
    QVERIFY(network.start());
    Measurement measurement{ Load::WindowFull, atServer };
    QVERIFY(arrange(&network, &measurement));
    QSignalSpy ended(measurement.end->socket(), &GruvSocket::disconnected);
    QVERIFY(!ended.wait(3 * int(Timeout.count())));
    QVERIFY(network.cut(Cut::Silence));
    QTRY_VERIFY_WITH_TIMEOUT(measurement.end->isOver(), 30'000);
    qInfo("%.2f s", double(measurement.end->endedAt()) / 1000);
    QCOMPARE(measurement.end->error(), GruvSocket::Error::PeerUnresponsive);
    QVERIFY(measurement.end->endedAt() <= Timeout.count() * 6 / 5 + LongestProbeInterval.count());
}

QTEST_GUILESS_MAIN(tst_DeadPeer)
#include "tst_deadpeer.moc"
