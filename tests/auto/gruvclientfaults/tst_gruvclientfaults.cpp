// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvclientfaults.h"

#include <gruvsocks/gruvserver.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

#include <memory>

namespace {

// Takes each connection and ends it at once, or in the middle of its handshake.
class Closer : public QTcpServer
{
public:
    explicit Closer(bool resets)
        : m_resets(resets)
    {
        listen(QHostAddress::LocalHost);
    }
    int taken = 0;

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto *const socket = new QTcpSocket(this);
        socket->setSocketDescriptor(descriptor);
        connect(socket, &QTcpSocket::readyRead, this, [=] { endIt(socket); });
        ++taken;
        if (!Encryption::isOn())
            endIt(socket);
    }

private:
    void endIt(QTcpSocket *socket) const
    {
        socket->readAll();
        if (m_resets)
            RawPeer::reset(socket);
        else
            socket->disconnectFromHost();
        socket->deleteLater();
    }

    const bool m_resets;
};

// What it has had of frames, whole; the rest of the stream stays.
QList<QByteArray> takeFrames(QByteArray *stream)
{
    QList<QByteArray> frames;
    qsizetype at = 0;
    while (stream->size() - at >= 4) {
        const auto *length = reinterpret_cast<const uchar *>(stream->constData() + at);
        const qsizetype size = (length[0] << 24) | (length[1] << 16) | (length[2] << 8) | length[3];
        if (stream->size() - at - 4 < size)
            break;
        frames.append(stream->mid(at + 4, size));
        at += 4 + size;
    }
    stream->remove(0, at);
    return frames;
}

// All that the system has of it, while this thread gives the client no turn.
QByteArray drain(QTcpSocket *peer)
{
    QByteArray stream = peer->readAll();
    while (peer->waitForReadyRead(200))
        stream += peer->readAll();
    return stream;
}

} // namespace

// With a peer that reads nothing for a while, and is gone then.
void tst_GruvClientFaults::eachMessageArrivesOrIsTold()
{
    RawPeer::Listener listener;
    ClientStory client;
    client.begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    peer->setReadBufferSize(1);
    quint64 last = 0;
    for (int i = 0; i < 500; ++i)
        last = client.sendMessage(QByteArray::number(i).rightJustified(50'000, '0'));
    QCOMPARE(last, 500u);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    peer->setReadBufferSize(0);
    QByteArray stream = drain(peer.get());
    const QList<QByteArray> had = takeFrames(&stream);
    RawPeer::reset(peer.get());
    client.sendMessage("at this moment");
    QTRY_VERIFY(client.state() != State::Online);
    for (qsizetype i = 0; i < had.size(); ++i)
        QCOMPARE(had.at(i).right(5).toInt(), int(i));
    QVERIFY(had.size() < 500);
    QCOMPARE(client.dropped, ClientStory::ids(quint64(had.size()) + 1, 501));
}

// What is set while there is a connection holds for the next one.
void tst_GruvClientFaults::redeliveryOfThisConnection()
{
    RawPeer::Listener listener;
    ClientStory client;
    client.begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    client.setRedelivery(GruvClient::Redelivery::AtLeastOnce);
    peer->setReadBufferSize(1);
    for (int i = 0; i < 200; ++i)
        QVERIFY(client.sendMessage(QByteArray(100'000, 'm')) != 0);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    RawPeer::reset(peer.get());
    peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.count("online"), 2);
    QVERIFY(!client.dropped.isEmpty());
    client.sendMessage("first of the next");
    QTRY_COMPARE(peer->bytesAvailable(), 21);
    QCOMPARE(peer->readAll(), RawPeer::frame("first of the next"));
}

void tst_GruvClientFaults::timeWithAConnectionIsNoAge()
{
    RawPeer::Listener listener;
    ClientStory client;
    client.setRedelivery(GruvClient::Redelivery::AtLeastOnce);
    client.setOfflineQueueAge(500ms);
    client.begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    peer->setReadBufferSize(1);
    for (int i = 0; i < 100; ++i)
        QVERIFY(client.sendMessage(QByteArray(100'000, 'm')) != 0);
    QVERIFY(client.sendMessage("last") != 0);
    QElapsedTimer time;
    time.start();
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0 && time.elapsed() > 600);
    RawPeer::reset(peer.get());
    peer = listener.accept();
    QVERIFY(peer);
    QByteArray stream;
    const auto lastIsThere = [&] {
        stream += peer->readAll();
        return stream.endsWith("last");
    };
    QTRY_VERIFY(lastIsThere());
    QVERIFY(client.dropped.isEmpty());
}

void tst_GruvClientFaults::serversHoldFromTheNextRound()
{
    GruvServer first;
    GruvServer second;
    for (GruvServer *server : { &first, &second }) {
        Encryption::serve(server);
        QVERIFY(server->listen(QHostAddress::LocalHost));
    }
    ClientStory client;
    client.begin({ first.serverPort() });
    QTRY_COMPARE(client.state(), State::Online);
    client.setServers({ ClientStory::at(second.serverPort()) });
    QCOMPARE(client.servers().constFirst().port, second.serverPort());
    QCOMPARE(client.currentServer().port, first.serverPort());
    client.disconnectFromServer();
    QTRY_COMPARE(client.state(), State::Offline);
    client.connectToServers();
    QTRY_COMPARE(client.state(), State::Online);
    QCOMPARE(client.currentServer().port, second.serverPort());
}

void tst_GruvClientFaults::noServersEndIt()
{
    auto server = std::make_unique<GruvServer>();
    Encryption::serve(server.get());
    QVERIFY(server->listen(QHostAddress::LocalHost));
    ClientStory client;
    client.begin({ server->serverPort() });
    QTRY_COMPARE(client.state(), State::Online);
    client.setServers({});
    QVERIFY(client.servers().isEmpty());
    server.reset();
    QTRY_COMPARE(client.state(), State::Offline);
    QCOMPARE(client.count("error"), 1);
}

// It is no error that a message from the queue does not fit into the connection yet.
void tst_GruvClientFaults::largeOnesWaitForRoom()
{
    RawPeer::Listener listener;
    ClientStory client;
    GruvSocketOptions options;
    options.writeBufferLimit = 3'000'000;
    options.writeHighWatermark = 1'500'000;
    options.writeLowWatermark = 1'400'000;
    client.setOptions(options);
    for (int i = 0; i < 5; ++i) {
        QVERIFY(client.sendMessage(QByteArray(2'900'000, char('0' + i))) != 0);
        if (i == 1)
            client.setOfflineQueueBytes(20'000'000);
    }
    client.sendMessage("small");
    client.begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QByteArray stream;
    const auto lastIsThere = [&] {
        stream += peer->readAll();
        return stream.endsWith("small");
    };
    QTRY_VERIFY(lastIsThere());
    QCOMPARE(takeFrames(&stream).size(), 6);
    QCOMPARE(client.text(), QStringLiteral("Connecting Online online"));
}

// In the slot that is told of a refusal the connection ends.
void tst_GruvClientFaults::refusedOneIsNotCounted()
{
    RawPeer::Listener listener;
    ClientStory client;
    GruvSocketOptions options;
    options.writeBufferLimit = 20'000'000;
    client.setOptions(options);
    client.begin({ listener.port() });
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    peer->setReadBufferSize(1);
    connect(&client, &GruvClient::errorOccurred, &client, [&](GruvSocket::Error error) {
        if (error != GruvSocket::Error::WriteBufferFull)
            return;
        RawPeer::reset(peer.get());
        QVERIFY(QTest::qWaitFor([&] { return client.state() != State::Online; }));
    });
    quint64 last = 0;
    for (quint64 id = 1; id != 0; last = std::max(last, id))
        id = client.sendMessage(QByteArray(1'000'000, 'm'));
    QVERIFY(!client.dropped.isEmpty());
    QCOMPARE(client.dropped, ClientStory::ids(client.dropped.constFirst(), last));
}

void tst_GruvClientFaults::cutHandshakeIsNoRefusal_data()
{
    QTest::addColumn<bool>("resets");
    QTest::newRow("closed") << false;
    QTest::newRow("reset") << true;
}

// A server that goes down in the middle of it comes back.
void tst_GruvClientFaults::cutHandshakeIsNoRefusal()
{
    if (!Encryption::isOn())
        QSKIP("with TLS");
    QFETCH(bool, resets);
    auto closer = std::make_unique<Closer>(resets);
    const quint16 port = closer->serverPort();
    ClientStory client;
    client.begin({ port });
    QTRY_VERIFY(closer->taken >= 3);
    closer.reset();
    GruvServer server;
    Encryption::serve(&server);
    QVERIFY(server.listen(QHostAddress::LocalHost, port));
    QTRY_COMPARE(client.state(), State::Online);
}

void tst_GruvClientFaults::refusedByOneOfSeveral()
{
    if (!Encryption::isOn())
        QSKIP("with TLS");
    GruvServer first;
    GruvServer second;
    const Certificates strangers;
    QVERIFY(strangers.issue("server", "localhost"));
    first.setSslConfiguration(strangers.of("server"));
    Encryption::serve(&second);
    QVERIFY(first.listen(QHostAddress::LocalHost));
    QVERIFY(second.listen(QHostAddress::LocalHost));
    ClientStory client;
    client.begin({ first.serverPort(), second.serverPort() });
    QTRY_COMPARE(client.state(), State::Online);
    QCOMPARE(client.currentServer().port, second.serverPort());
    client.disconnectFromServer();
    QTRY_COMPARE(client.state(), State::Offline);
    client.lines.clear();
    client.begin({ first.serverPort(), first.serverPort() });
    QTRY_COMPARE(client.text(), QStringLiteral("Connecting error error Offline"));
}

void tst_GruvClientFaults::oneThatDoesNotHoldIsPassedOver_data()
{
    cutHandshakeIsNoRefusal_data();
}

// Such as one that is full.
void tst_GruvClientFaults::oneThatDoesNotHoldIsPassedOver()
{
    QFETCH(bool, resets);
    Closer first(resets);
    GruvServer second;
    Encryption::serve(&second);
    QVERIFY(second.listen(QHostAddress::LocalHost));
    ClientStory client;
    client.begin({ first.serverPort(), second.serverPort() });
    QTRY_COMPARE(second.clientCount(), 1);
    QTRY_COMPARE(client.state(), State::Online);
    QCOMPARE(client.currentServer().port, second.serverPort());
    QCOMPARE(first.taken, 1);
}

void tst_GruvClientFaults::longTimes()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral("imer")));
    ClientStory client;
    for (const auto age : { std::chrono::milliseconds::max(), std::chrono::milliseconds(60 * 24h),
                            std::chrono::milliseconds(30 * 24h) }) {
        client.setOfflineQueueAge(age);
        client.sendMessage("waits for long");
        QCoreApplication::processEvents();
        QVERIFY(client.dropped.isEmpty());
    }
    QVERIFY(client.offlineQueueAge() >= 30 * 24h);
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = std::chrono::milliseconds::max();
    client.setReconnectPolicy(policy); // more than a QTimer takes
    QVERIFY(client.reconnectPolicy().maximumDelay.count() <= std::numeric_limits<int>::max());
    client.begin({ 1 });
    QTRY_COMPARE(client.state(), State::Waiting);
}

// Each fails as soon as it is tried: a TCP connection cannot be made to all.
void tst_GruvClientFaults::manyDeadServers()
{
    constexpr int Count = 8000;
    ClientStory client;
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 24h;
    client.setReconnectPolicy(policy);
    client.setServers(QList<GruvClient::Server>(
            Count, { QStringLiteral("255.255.255.255"), 9, Encryption::isOn() }));
    QEventLoop loop; // quicker than one of QtTest, which sleeps where there are but zero timers
    connect(&client, &GruvClient::reconnectScheduled, &loop, &QEventLoop::quit);
    QTimer::singleShot(30s, &loop, &QEventLoop::quit);
    client.connectToServers();
    loop.exec();
    QCOMPARE(client.state(), State::Waiting);
    QCOMPARE(client.count("error"), Count);
}

QTEST_GUILESS_MAIN(tst_GruvClientFaults)
