// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <clientprocess.h>
#include <rawpeer.h>
#include <scarcedescriptors.h>
#include <servertools.h>

#include <ctime>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <unistd.h>

// A program out of descriptors: the server says so once, and serves again when some are free.
class tst_GruvServerExhaustion : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void acceptingGoesOnWhenDescriptorsAreFree_data();
    void acceptingGoesOnWhenDescriptorsAreFree();
    void serverMayBeDeletedByTheError();
    void startWithoutADescriptorIsRefused();
    void threadsBegunWithoutDescriptorsServe();
    void newClientsAreServedAfterEachSpell_data();
    void newClientsAreServedAfterEachSpell();
};

namespace {

constexpr int Clients = 12;
constexpr int Served = 4;

// A client whose descriptor exists before they become scarce.
class Client
{
public:
    Client() = default;
    ~Client() { leave(); }

    // The system itself completes the handshake, so it does not wait for the server.
    bool connect(quint16 port)
    {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::connect(m_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    }
    bool send(const QByteArray &bytes)
    {
        return ::send(m_descriptor, bytes.data(), size_t(bytes.size()), 0) == bytes.size();
    }
    QByteArray receive()
    {
        char buffer[100];
        const ssize_t size = ::recv(m_descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
        return size > 0 ? QByteArray(buffer, size) : QByteArray();
    }
    void leave()
    {
        if (m_descriptor >= 0)
            ::close(std::exchange(m_descriptor, -1));
    }

private:
    Q_DISABLE_COPY_MOVE(Client)
    int m_descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

using ClientList = std::vector<std::unique_ptr<Client>>;

// Long enough for several attempts to accept: no second error, and no core kept busy.
void attemptsAreRareAndQuiet(const QSignalSpy &errors)
{
    QTimer spell;
    QSignalSpy passed(&spell, &QTimer::timeout);
    const std::clock_t before = std::clock();
    spell.start(350);
    QVERIFY(passed.wait());
    QCOMPARE(errors.size(), 1);
    QVERIFY(std::clock() - before < CLOCKS_PER_SEC / 10);
}

// Each has its echo and leaves, which makes room for another.
void serveAll(const ClientList &clients)
{
    for (const auto &client : clients) {
        QByteArray answer;
        QTRY_VERIFY(!(answer += client->receive()).isEmpty());
        QCOMPARE(answer, RawPeer::frame("echo"));
        client->leave();
    }
}

// A low limit of descriptors, until it goes away.
class DescriptorLimit
{
public:
    explicit DescriptorLimit(rlim_t limit)
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        const rlimit lower = { limit, m_before.rlim_max };
        ::setrlimit(RLIMIT_NOFILE, &lower);
    }
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &m_before); }

private:
    Q_DISABLE_COPY_MOVE(DescriptorLimit)
    rlimit m_before;
};

// Returns how many of the clients came to be connected.
qint64 connectMany(quint16 port, int count)
{
    qint64 connected = 0;
    for (int i = 0; i < count; ++i)
        connected += ClientProcess::connectTo(port) >= 0;
    return connected;
}

// Returns how many of the clients had their echo within a second from the first one's beginning.
qint64 echoMany(quint16 port, int count)
{
    const QByteArray frame = RawPeer::frame("echo");
    QElapsedTimer time;
    time.start();
    qint64 served = 0;
    for (int i = 0; i < count; ++i) {
        const int client = ClientProcess::connectTo(port);
        QByteArray answer(frame.size(), '\0');
        const bool answered = ClientProcess::send(client, frame)
                              && ::recv(client, answer.data(), size_t(answer.size()), MSG_WAITALL)
                                         == answer.size();
        served += answered && answer == frame && time.elapsed() < 1000;
        ::close(client);
    }
    return served;
}

double cpuSeconds()
{
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    const timeval &user = usage.ru_utime;
    const timeval &system = usage.ru_stime;
    return double(user.tv_sec + system.tv_sec) + double(user.tv_usec + system.tv_usec) / 1e6;
}

// The load of one core for at least a second, in which the event loop runs.
double loadOfASecond()
{
    QTimer second;
    QSignalSpy passed(&second, &QTimer::timeout);
    QElapsedTimer time;
    time.start();
    const double before = cpuSeconds();
    second.start(1000);
    passed.wait();
    return (cpuSeconds() - before) / (double(time.nsecsElapsed()) / 1e9);
}

} // namespace

void tst_GruvServerExhaustion::acceptingGoesOnWhenDescriptorsAreFree_data()
{
    QTest::addColumn<bool>("handlers");
    QTest::newRow("listen") << false;
    QTest::newRow("start") << true;
}

void tst_GruvServerExhaustion::acceptingGoesOnWhenDescriptorsAreFree()
{
    QFETCH(bool, handlers);
    ClientList clients;
    for (int i = 0; i < Clients; ++i)
        clients.push_back(std::make_unique<Client>());
    GruvServer server;
    connect(&server, &GruvServer::messageReceived, this,
            [](GruvSocket *socket, const QByteArray &message) { socket->sendMessage(message); });
    QSignalSpy errors(&server, &GruvServer::errorOccurred);
    const QHostAddress loopback(QHostAddress::LocalHost);
    QVERIFY(handlers ? server.start(Gruv::echoHandler, 0, loopback) : server.listen(loopback));
    GruvSocket warmUp; // what a first connection makes the process open stays open
    QVERIFY(ServerTools::connectTo(&warmUp, server));
    QVERIFY(warmUp.sendMessage("warm"));
    QCOMPARE(warmUp.read().data, "warm");
    if (handlers)
        server.setMaximumHandlerThreads(1); // a handler's thread needs descriptors of its own

    const ScarceDescriptors scarce(Served);
    for (const auto &client : clients)
        QVERIFY(client->connect(server.serverPort()) && client->send(RawPeer::frame("echo")));
    QTRY_COMPARE(errors.size(), 1);
    QCOMPARE(errors.first().first().value<GruvServer::Error>(),
             GruvServer::Error::ResourceExhausted);
    QVERIFY(errors.first().last().toString().startsWith(
            QStringLiteral("cannot accept connections: ")));
    QCOMPARE(server.errorString(), errors.first().last().toString());
    QCOMPARE(server.clientCount(), 1 + Served);
    QVERIFY(server.isListening());

    attemptsAreRareAndQuiet(errors);
    warmUp.disconnectFromHost();
    serveAll(clients);
    QTRY_COMPARE(server.clientCount(), 0);
    QVERIFY(server.isListening());
    QCOMPARE(errors.size(), 1); // as long as somebody had to wait it was the same spell
}

void tst_GruvServerExhaustion::serverMayBeDeletedByTheError()
{
    Client client;
    auto server = std::make_unique<GruvServer>();
    connect(server.get(), &GruvServer::errorOccurred, this, [&] { server.reset(); });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    const ScarceDescriptors scarce(0);
    QVERIFY(client.connect(server->serverPort()));
    QTRY_VERIFY(!server);
}

void tst_GruvServerExhaustion::startWithoutADescriptorIsRefused()
{
    GruvServer server;
    QSignalSpy errors(&server, &GruvServer::errorOccurred);
    QSignalSpy changes(&server, &GruvServer::listeningChanged);
    for (int spare = 0; spare < 2; ++spare) { // one is enough to listen, not to accept
        const ScarceDescriptors scarce(spare);
        QVERIFY(!server.start(Gruv::echoHandler, 0, QHostAddress::LocalHost));
        QCOMPARE(errors.size(), spare + 1);
        QCOMPARE(server.error(), GruvServer::Error::ResourceExhausted);
        QVERIFY(!server.errorString().isEmpty());
        QVERIFY(!server.isListening());
    }
    QCOMPARE(changes.size(), 0);
    QVERIFY(server.start(Gruv::echoHandler, 0, QHostAddress::LocalHost));
    QCOMPARE(server.error(), GruvServer::Error::NoError);
}

// Where Qt's own event loops would have ended the program.
void tst_GruvServerExhaustion::threadsBegunWithoutDescriptorsServe()
{
    ClientList clients;
    clients.push_back(std::make_unique<Client>());
    GruvServer server;
    server.setConnectionHandler([](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    {
        const ScarceDescriptors none(0);
        server.setThreadCount(2);
    }
    QVERIFY(clients[0]->connect(server.serverPort()) && clients[0]->send(RawPeer::frame("echo")));
    serveAll(clients);
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_GruvServerExhaustion::newClientsAreServedAfterEachSpell_data()
{
    QTest::addColumn<int>("threads");
    QTest::addColumn<bool>("handlers");
    QTest::newRow("one-event-loop") << 0 << false;
    QTest::newRow("threads") << 2 << false;
    QTest::newRow("start") << 0 << true;
}

void tst_GruvServerExhaustion::newClientsAreServedAfterEachSpell()
{
    QFETCH(int, threads);
    QFETCH(bool, handlers);
    const QHostAddress loopback(QHostAddress::LocalHost);
    GruvServer server;
    server.setThreadCount(threads);
    server.setConnectionHandler([](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
    QSignalSpy errors(&server, &GruvServer::errorOccurred);
    QVERIFY(handlers ? server.start(Gruv::echoHandler, 0, loopback) : server.listen(loopback));
    const quint16 port = server.serverPort();
    for (int spell = 1; spell <= 2; ++spell) {
        ClientProcess crowd;
        ClientProcess newcomers;
        QVERIFY(newcomers.start(
                [port] { return ClientProcess::awaitGo() ? echoMany(port, 10) : -1; }));
        const DescriptorLimit limit(64);
        QVERIFY(crowd.start([port] { return connectMany(port, 80); }));
        QTRY_COMPARE(errors.size(), spell);
        QTRY_VERIFY(crowd.isDone());
        QCOMPARE(crowd.result(), 80);
        // Threads take them over later; those of handlers need descriptors of their own.
        QTRY_VERIFY(server.clientCount() >= (handlers ? 4 : 32));
        QVERIFY(server.clientCount() < 64);
        const double load = loadOfASecond();
        QVERIFY2(load < 0.05, qPrintable(QString::number(load)));
        QCOMPARE(errors.size(), spell);
        QCOMPARE(errors.last().first().value<GruvServer::Error>(),
                 GruvServer::Error::ResourceExhausted);

        crowd.end();
        QVERIFY(newcomers.go());
        QTRY_VERIFY(newcomers.isDone());
        QCOMPARE(newcomers.result(), 10);
        QTRY_COMPARE(server.clientCount(), 0);
        QCOMPARE(errors.size(), spell);
    }
}

QTEST_GUILESS_MAIN(tst_GruvServerExhaustion)
#include "tst_gruvserverexhaustion.moc"
