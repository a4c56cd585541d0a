// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "names.h"
#include "opened.h"

#include <gruvsocks/addressrace_p.h>
#include <gruvsocks/gruvserver.h>

#include <QtNetwork/qtcpserver.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <encryption.h>
#include <mainloop.h>
#include <rawpeer.h>
#include <story.h>

#include <algorithm>
#include <limits>

using namespace std::chrono_literals;

namespace {

// Answers no SYN: its backlog is full.
class BlackHole
{
public:
    bool open(const QHostAddress &address, quint16 port)
    {
        m_server.setListenBacklogSize(0);
        if (!m_server.listen(address, port))
            return false;
        m_server.pauseAccepting();
        for (QTcpSocket &filler : m_fillers)
            filler.connectToHost(address, port);
        return QTest::qWaitFor(
                [this] { return m_fillers[0].state() == QTcpSocket::ConnectedState; });
    }

private:
    QTcpServer m_server;
    QTcpSocket m_fillers[3];
};

// Takes each connection, and resets it.
class Resetter : public QTcpServer
{
public:
    int taken = 0;

protected:
    void incomingConnection(qintptr descriptor) override
    {
        QTcpSocket socket;
        socket.setSocketDescriptor(descriptor);
        ++taken;
        RawPeer::reset(&socket);
    }
};

// Such as Qt is where it cannot set the descriptor up.
class RefusingSocket : public QTcpSocket
{
public:
    bool setSocketDescriptor(qintptr, SocketState, OpenMode) override
    {
        setSocketError(UnsupportedSocketOperationError);
        setErrorString(QStringLiteral("not that one"));
        return false;
    }
};

class Outcome : public AddressRace::Listener
{
public:
    void raceWon(QTcpSocket *socket, const CallGuard &) override
    {
        ++won;
        socket->deleteLater();
    }
    void raceLost(QAbstractSocket::SocketError, const QString &text) override { lost += text; }

    int won = 0;
    QStringList lost;
};

// Connects by name, in ms; -1 if that failed.
qint64 connectTo(const QString &name, quint16 port, GruvSocket *socket)
{
    QElapsedTimer time;
    time.start();
    if (Encryption::isOn()) {
        socket->setSslConfiguration(Encryption::configuration());
        QObject::connect(socket, &GruvSocket::sslErrors, socket, &GruvSocket::ignoreSslErrors);
        socket->connectToHostEncrypted(name, port);
    } else {
        socket->connectToHost(name, port);
    }
    return socket->waitForConnected() ? time.elapsed() : -1;
}

// Of some, for a machine that does other work; -1 if one of them failed.
qint64 quickest(const QString &name, quint16 port)
{
    qint64 best = std::numeric_limits<qint64>::max();
    for (int i = 0; i < 3 && best >= 0; ++i) {
        GruvSocket socket;
        const Story story(&socket);
        best = std::min(best, connectTo(name, port, &socket));
        if (story.text() != QLatin1String("connected")
            || socket.peerAddress() != QHostAddress(QHostAddress::LocalHost))
            return -1;
    }
    return best;
}

} // namespace

// A name with several addresses is as quick as the one of them that answers.
class tst_AddressRace : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void order_data();
    void order();
    void deadFirstAddress();
    void refusedFirstAddress();
    void slowOneStillWins();
    void nobodyAnswers();
    void refusedOneBeforeASilentOne();
    void allAreRefused();
    void lookupDoesNotBlock();
    void losersLeaveNothing();
    void resetAtOnceIsTriedOnce();
    void noneIsConnectedToItself();
    void refusedDescriptorIsAFailure();
    void noProgramHasTheDescriptor();

private:
    GruvServer m_server;
};

void tst_AddressRace::init()
{
    m_server.stop();
    Encryption::serve(&m_server);
    QVERIFY(m_server.listen(QHostAddress::LocalHost));
}

void tst_AddressRace::order_data()
{
    QTest::addColumn<QString>("found");
    QTest::addColumn<QString>("tried");
    const auto row = [](const char *name, const char *found, const char *tried) {
        QTest::newRow(name) << QString::fromLatin1(found) << QString::fromLatin1(tried);
    };
    row("one", "10.0.0.1", "10.0.0.1");
    row("ipv6-first", "10.0.0.1 ::1", "::1 10.0.0.1");
    row("in-turn", "10.0.0.1 10.0.0.2 10.0.0.3 ::1 ::2", "::1 10.0.0.1 ::2 10.0.0.2 10.0.0.3");
    row("one-family", "::3 ::1 ::2", "::3 ::1 ::2");
}

void tst_AddressRace::order()
{
    QFETCH(QString, found);
    QFETCH(QString, tried);
    QList<QHostAddress> addresses;
    for (const QString &address : found.split(u' '))
        addresses.append(QHostAddress(address));
    QStringList order;
    for (const QHostAddress &address : AddressRace::inOrder(addresses))
        order.append(address.toString());
    QCOMPARE(order.join(u' '), tried);
}

// QTcpSocket gives it up after 30 s.
void tst_AddressRace::deadFirstAddress()
{
    BlackHole hole;
    QVERIFY(hole.open(QHostAddress(QStringLiteral("127.0.0.2")), m_server.serverPort()));
    setName("dead-first.test", { "127.0.0.2", "127.0.0.1" });
    const qint64 took = quickest(QStringLiteral("dead-first.test"), m_server.serverPort());
    qInfo("connected after %lld ms", took);
    QVERIFY(took >= 200 && took < 500);
}

void tst_AddressRace::refusedFirstAddress()
{
    setName("refused-first.test", { "::1", "127.0.0.1" });
    const qint64 took = quickest(QStringLiteral("refused-first.test"), m_server.serverPort());
    qInfo("connected after %lld ms", took);
    QVERIFY(took >= 0 && took < 200);
}

// The other addresses are worse: it is not given up for them.
void tst_AddressRace::slowOneStillWins()
{
    QTcpServer slow;
    slow.setListenBacklogSize(0);
    QVERIFY(slow.listen(QHostAddress(QStringLiteral("127.0.0.2"))));
    slow.pauseAccepting();
    QTcpSocket fillers[3];
    for (QTcpSocket &filler : fillers)
        filler.connectToHost(slow.serverAddress(), slow.serverPort());
    QTRY_COMPARE(fillers[0].state(), QAbstractSocket::ConnectedState);
    setName("slow.test", { "127.0.0.2", "127.0.0.3" }); // where nobody listens
    GruvSocket socket;
    QSignalSpy connected(&socket, &GruvSocket::connected);
    QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
    socket.connectToHost(QStringLiteral("slow.test"), slow.serverPort());
    QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectingState);
    slow.resumeAccepting(); // its system asks again after a second
    QTRY_COMPARE_WITH_TIMEOUT(connected.size(), 1, 8000);
    QCOMPARE(errors.size(), 0);
}

void tst_AddressRace::nobodyAnswers()
{
    BlackHole first;
    BlackHole second;
    QVERIFY(first.open(QHostAddress(QStringLiteral("127.0.0.2")), m_server.serverPort()));
    QVERIFY(second.open(QHostAddress(QStringLiteral("127.0.0.3")), m_server.serverPort()));
    setName("silent.test", { "127.0.0.2", "127.0.0.3" });
    GruvSocket socket;
    GruvSocketOptions options;
    options.connectTimeout = 600ms; // for all of them together
    socket.setOptions(options);
    const Story story(&socket);
    QElapsedTimer time;
    time.start();
    QCOMPARE(connectTo(QStringLiteral("silent.test"), m_server.serverPort(), &socket), -1);
    QVERIFY2(time.elapsed() >= 570 && time.elapsed() < 2000,
             QByteArray::number(time.elapsed()).constData());
    QCOMPARE(story.text(), QStringLiteral("ConnectTimeout"));
}

// There is no third one to try when the time for it has come.
void tst_AddressRace::refusedOneBeforeASilentOne()
{
    BlackHole hole;
    QVERIFY(hole.open(QHostAddress(QStringLiteral("127.0.0.2")), m_server.serverPort()));
    setName("refused-and-silent.test", { "127.0.0.4", "127.0.0.2" });
    GruvSocket socket;
    GruvSocketOptions options;
    options.connectTimeout = 600ms;
    socket.setOptions(options);
    QCOMPARE(connectTo(QStringLiteral("refused-and-silent.test"), m_server.serverPort(), &socket),
             -1);
    QCOMPARE(socket.error(), GruvSocket::Error::ConnectTimeout);
}

void tst_AddressRace::allAreRefused()
{
    setName("refused.test", { "127.0.0.2", "127.0.0.3", "::1" });
    GruvSocket socket;
    const Story story(&socket);
    QCOMPARE(connectTo(QStringLiteral("refused.test"), m_server.serverPort(), &socket), -1);
    QCOMPARE(story.text(), QStringLiteral("ConnectionRefused"));
    QVERIFY2(socket.errorString().contains(QLatin1String("refused.test")),
             qPrintable(socket.errorString()));
}

// It may take as long as it likes, elsewhere.
void tst_AddressRace::lookupDoesNotBlock()
{
    setName("held.test", { "127.0.0.1" });
    holdLookups(true);
    GruvSocket waits;
    GruvSocket givenUp;
    for (GruvSocket *socket : { &waits, &givenUp })
        socket->connectToHost(QStringLiteral("held.test"), m_server.serverPort());
    GruvSocket other;
    Encryption::connect(&other, m_server.serverPort());
    const bool isServed = other.waitForConnected();
    const auto state = waits.state();
    givenUp.abort();
    holdLookups(false);
    QVERIFY(isServed);
    QCOMPARE(state, QAbstractSocket::HostLookupState);
    QCOMPARE(givenUp.state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(waits.state(), QAbstractSocket::ConnectedState);
    QCOMPARE(givenUp.state(), QAbstractSocket::UnconnectedState);
}

// Those that are given up when another one has won, or when nobody wants them any more.
void tst_AddressRace::losersLeaveNothing()
{
    BlackHole hole;
    QVERIFY(hole.open(QHostAddress(QStringLiteral("127.0.0.2")), m_server.serverPort()));
    setName("dead-first.test", { "127.0.0.2", "127.0.0.1" });
    GruvSocket socket;
    QVERIFY(connectTo(QStringLiteral("dead-first.test"), m_server.serverPort(), &socket) >= 0);
    QTRY_COMPARE(m_server.clientCount(), 1);
    for (int i = 0; i < 10; ++i) {
        GruvSocket given;
        QSignalSpy states(&given, &GruvSocket::stateChanged);
        given.connectToHost(QStringLiteral("dead-first.test"), m_server.serverPort());
        QTRY_VERIFY(states.size() >= 2); // it has been looked up, and connects
    }
    QTRY_COMPARE(m_server.clientCount(), 1);
    QTRY_COMPARE(socket.findChildren<QTcpSocket *>(QString(), Qt::FindDirectChildrenOnly).size(),
                 Encryption::isOn() ? 1 : 0);
}

// QTcpSocket connects again and again, some 10,000 times a second.
void tst_AddressRace::resetAtOnceIsTriedOnce()
{
    Resetter server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket socket;
    Story story(&socket);
    QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
    Encryption::connect(&socket, server.serverPort());
    QTRY_COMPARE(errors.size(), 1);
    QVERIFY2(!story.text().contains(QLatin1String("Timeout")), qPrintable(story.text()));
    QCOMPARE(server.taken, 1);
}

// Of so many attempts to reach a port of this machine on which nobody listens the system makes one
// from that very port, and TCP lets that be a connection.
void tst_AddressRace::noneIsConnectedToItself()
{
    constexpr int Attempts = 40'000; // Linux: more than ip_local_port_range has
    const auto isRefused = [](quint16 port) {
        GruvSocket socket;
        Encryption::connect(&socket, port);
        return !socket.waitForConnected() && socket.error() == GruvSocket::Error::ConnectionRefused;
    };
    quint16 port = 40'000; // an even one: those the system chooses for who connects
    while (port < 41'000 && !isRefused(port))
        port += 2;
    for (int i = 0; i < Attempts; ++i)
        QVERIFY2(isRefused(port), QByteArray::number(i).constData());
}

// And its connection ends.
void tst_AddressRace::refusedDescriptorIsAFailure()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    Outcome outcome;
    AddressRace race(&outcome, [] { return new RefusingSocket; });
    race.run({ server.serverAddress(), server.serverAddress() }, server.serverPort());
    QTRY_VERIFY(outcome.won > 0 || !outcome.lost.isEmpty());
    QCOMPARE(outcome.won, 0);
    QCOMPARE(outcome.lost, QStringList{ QStringLiteral("not that one") }); // by the last of them
    for (int i = 0; i < 2; ++i) {
        QTRY_VERIFY(server.hasPendingConnections());
        const QTcpSocket *const peer = server.nextPendingConnection();
        QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
    }
}

// Not even one that another thread starts at this moment.
void tst_AddressRace::noProgramHasTheDescriptor()
{
    GruvSocket socket;
    takeOpenedTypes();
    Encryption::connect(&socket, m_server.serverPort());
    QVERIFY(socket.waitForConnected());
    int streams = 0;
    for (const int type : takeOpenedTypes()) {
        if ((type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != SOCK_STREAM)
            continue; // of a lookup
        ++streams;
        QVERIFY(type & SOCK_CLOEXEC);
    }
    QVERIFY(streams > 0);
}

QTEST_GUILESS_MAIN(tst_AddressRace)
#include "tst_addressrace.moc"
