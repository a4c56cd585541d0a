// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvclient.h>
#include <gruvsocks/gruvserver.h>

#include <QtCore/qset.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <encryption.h>
#include <mainloop.h>
#include <rawpeer.h>

#include <memory>

using namespace std::chrono_literals;
using State = GruvClient::State;
using DropReason = GruvClient::DropReason;

namespace {

// An echo server that can be killed and started again on its port.
class Host
{
public:
    Host() { begin(0); }
    quint16 port() const { return m_port; }
    bool begin(quint16 port)
    {
        m_server = std::make_unique<GruvServer>();
        Encryption::serve(m_server.get());
        m_server->setConnectionHandler([this](GruvSocket *socket) {
            QObject::connect(socket, &GruvSocket::messageReceived, socket,
                             [this, socket](const QByteArray &message) {
                                 received.append(message);
                                 if (echoes)
                                     socket->sendMessage(message);
                             });
        });
        const bool listens = m_server->listen(QHostAddress::LocalHost, port);
        m_port = m_server->serverPort();
        return listens;
    }
    void kill() { m_server.reset(); }
    bool restart() { return begin(m_port); }
    int clients() const { return m_server->clientCount(); }

    QList<QByteArray> received;
    bool echoes = true;

private:
    std::unique_ptr<GruvServer> m_server;
    quint16 m_port = 0;
};

// Tells what it was told.
class Client : public GruvClient
{
public:
    Client()
    {
        connect(this, &GruvClient::messageDropped, this, [this](quint64 id, DropReason reason) {
            dropped.append({ id, reason });
        });
        connect(this, &GruvClient::messageReceived, this,
                [this](const QByteArray &message) { messages.append(message); });
        GruvReconnectPolicy policy;
        policy.initialDelay = 20ms;
        policy.maximumDelay = 100ms;
        setReconnectPolicy(policy);
        if (Encryption::isOn())
            setSslConfiguration(Encryption::configuration());
    }
    void begin(quint16 port)
    {
        if (Encryption::isOn())
            connectToServerEncrypted(QStringLiteral("localhost"), port);
        else
            connectToServer(QStringLiteral("127.0.0.1"), port);
    }

    QList<QPair<quint64, DropReason>> dropped;
    QList<QByteArray> messages;
};

GruvClient::Server at(quint16 port)
{
    return { Encryption::isOn() ? QStringLiteral("localhost") : QStringLiteral("127.0.0.1"), port,
             Encryption::isOn() };
}

} // namespace

// A client that comes back.
class tst_GruvClient : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qRegisterMetaType<std::chrono::milliseconds>(); }

    void echo();
    void comesBack();
    void failsOver();
    void waitsLongerEachTime();
    void reconnectNow();
    void givesUp();
    void refusedCertificateIsFinal();
    void queueIsSentInOrder();
    void queueGetsOld();
    void fullQueueRefuses();
    void newestIsToldAfterItsNumber();
    void lostMessagesAreTold();
    void lostMessagesAreSentAgain();
    void disconnectSendsWhatItHas();
    void disconnectWhileItTries();
    void slotsMayDoAnything_data();
    void slotsMayDoAnything();
    void offlineIsToldInAnyCase();
    void movesWithItsThread();
    void smallerOptionsDropWhatWaits();
    void refusals();
};

void tst_GruvClient::echo()
{
    Host host;
    Client client;
    QSignalSpy states(&client, &GruvClient::stateChanged);
    client.begin(host.port());
    QCOMPARE(client.state(), State::Connecting);
    const quint64 first = client.sendMessage("one");
    QTRY_COMPARE(client.state(), State::Online);
    QCOMPARE(client.sendMessage("two"), first + 1);
    QTRY_COMPARE(client.messages, (QList<QByteArray>{ "one", "two" }));
    QCOMPARE(client.currentServer().port, host.port());
    QVERIFY(client.dropped.isEmpty());
    client.disconnectFromServer();
    QTRY_COMPARE(client.state(), State::Offline);
    QCOMPARE(states.size(), 3);
    client.begin(host.port());
    QTRY_COMPARE(client.state(), State::Online);
}

void tst_GruvClient::comesBack()
{
    Host host;
    Client client;
    QSignalSpy offline(&client, &GruvClient::offline);
    client.begin(host.port());
    for (int i = 0; i < 5; ++i) {
        QTRY_COMPARE(client.state(), State::Online);
        QTRY_COMPARE(host.clients(), 1);
        host.kill();
        QTRY_COMPARE(offline.size(), i + 1);
        QVERIFY(host.restart());
    }
    QTRY_COMPARE(client.state(), State::Online);
    client.sendMessage("back");
    QTRY_COMPARE(client.messages, QList<QByteArray>{ "back" });
}

void tst_GruvClient::failsOver()
{
    Host first;
    Host second;
    Client client;
    QSignalSpy scheduled(&client, &GruvClient::reconnectScheduled);
    const quint16 ports[] = { first.port(), second.port() };
    first.kill();
    client.setServers({ at(ports[0]), at(ports[1]) });
    client.connectToServers();
    QTRY_COMPARE(client.state(), State::Online);
    QCOMPARE(client.currentServer().port, ports[1]);
    QCOMPARE(scheduled.size(), 0); // the next one is tried at once
    QVERIFY(first.restart());
    QTRY_COMPARE(second.clients(), 1);
    second.kill();
    QTRY_COMPARE(first.clients(), 1); // the preferred one
}

void tst_GruvClient::waitsLongerEachTime()
{
    Host host;
    const quint16 port = host.port();
    host.kill();
    Client client;
    GruvReconnectPolicy policy;
    policy.initialDelay = 10ms;
    policy.maximumDelay = 40ms;
    client.setReconnectPolicy(policy);
    QSignalSpy scheduled(&client, &GruvClient::reconnectScheduled);
    client.begin(port);
    QTRY_VERIFY(scheduled.size() >= 5);
    for (int i = 0; i < 5; ++i) {
        const auto delay = scheduled.at(i).at(0).value<std::chrono::milliseconds>();
        QVERIFY(delay.count() >= 0 && delay.count() <= std::min(10 << i, 40));
        QCOMPARE(scheduled.at(i).at(1).toInt(), i + 1);
    }
}

void tst_GruvClient::reconnectNow()
{
    Host host;
    host.kill();
    Client client;
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 24h;
    client.setReconnectPolicy(policy);
    client.begin(host.port());
    QTRY_COMPARE(client.state(), State::Waiting);
    QVERIFY(host.restart());
    client.reconnectNow();
    QTRY_COMPARE(client.state(), State::Online);
}

void tst_GruvClient::givesUp()
{
    Host host;
    host.kill();
    Client client;
    GruvReconnectPolicy policy = client.reconnectPolicy();
    policy.maximumAttempts = 2;
    client.setReconnectPolicy(policy);
    QSignalSpy errors(&client, &GruvClient::errorOccurred);
    client.begin(host.port());
    const quint64 id = client.sendMessage("never sent");
    QTRY_COMPARE(client.state(), State::Offline);
    QCOMPARE(errors.size(), 3); // the first, and two again
    QCOMPARE(client.dropped.size(), 1);
    QCOMPARE(client.dropped.first(), qMakePair(id, DropReason::GivenUp));
}

void tst_GruvClient::refusedCertificateIsFinal()
{
    if (!Encryption::isOn())
        QSKIP("with TLS");
    Host host;
    Client client;
    QSignalSpy scheduled(&client, &GruvClient::reconnectScheduled);
    client.connectToServerEncrypted(QStringLiteral("127.0.0.1"), host.port()); // not its name
    QTRY_COMPARE(client.state(), State::Offline);
    QCOMPARE(scheduled.size(), 0);
    GruvReconnectPolicy policy = client.reconnectPolicy();
    policy.retriesTlsFailure = true;
    client.setReconnectPolicy(policy);
    client.connectToServerEncrypted(QStringLiteral("127.0.0.1"), host.port());
    QTRY_VERIFY(scheduled.size() >= 2);
}

void tst_GruvClient::queueIsSentInOrder()
{
    Host host;
    host.kill();
    Client client;
    client.begin(host.port());
    QList<QByteArray> sent;
    for (int i = 0; i < 2000; ++i) {
        sent.append(QByteArray::number(i));
        QCOMPARE(client.sendMessage(sent.last()), quint64(i + 1));
    }
    connect(&client, &GruvClient::online, &client, [&] {
        sent.append("in the slot");
        client.sendMessage(sent.last());
    });
    QVERIFY(client.queuedBytes() > 0);
    QVERIFY(host.restart());
    QTRY_COMPARE(host.received.size(), 2001);
    QCOMPARE(host.received, sent);
    QCOMPARE(client.queuedBytes(), 0);
    QVERIFY(client.dropped.isEmpty());
}

void tst_GruvClient::queueGetsOld()
{
    Host host;
    host.kill();
    Client client;
    client.setOfflineQueueAge(100ms);
    client.begin(host.port());
    QElapsedTimer time;
    time.start();
    const quint64 id = client.sendMessage("old soon");
    QTRY_COMPARE(client.dropped.size(), 1);
    QVERIFY(time.elapsed() >= 99);
    QCOMPARE(client.dropped.first(), qMakePair(id, DropReason::TooOld));
    QCOMPARE(client.queuedBytes(), 0);
}

void tst_GruvClient::fullQueueRefuses()
{
    Client client;
    client.setOfflineQueueBytes(1000);
    QSignalSpy errors(&client, &GruvClient::errorOccurred);
    int accepted = 0;
    while (client.sendMessage(QByteArray(100, 'x')) != 0 && accepted < 100)
        ++accepted;
    QCOMPARE(accepted, 6); // 164 each
    QCOMPARE(errors.size(), 1);
    QCOMPARE(errors.first().first().value<GruvSocket::Error>(), GruvSocket::Error::WriteBufferFull);
    QVERIFY(errors.first().at(1).toString().contains(QLatin1String("offlineQueueBytes")));
    client.setOfflineQueuePolicy(GruvClient::QueuePolicy::DropOldest);
    QCOMPARE(client.sendMessage(QByteArray(100, 'y')), 7);
    QCOMPARE(client.dropped.size(), 1);
    QCOMPARE(client.dropped.first(), qMakePair(quint64(1), DropReason::QueueFull));
}

void tst_GruvClient::newestIsToldAfterItsNumber()
{
    Client client;
    client.setOfflineQueueBytes(10);
    client.setOfflineQueuePolicy(GruvClient::QueuePolicy::DropNewest);
    const quint64 id = client.sendMessage("no room");
    QVERIFY(id != 0 && client.dropped.isEmpty());
    QTRY_COMPARE(client.dropped.size(), 1);
    QCOMPARE(client.dropped.first(), qMakePair(id, DropReason::QueueFull));
}

// Every one that the server has not had is told, and none that it has had twice.
void tst_GruvClient::lostMessagesAreTold()
{
    RawPeer::Listener listener;
    Client client;
    client.begin(listener.port());
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    peer->setReadBufferSize(1); // it reads no more
    constexpr int Count = 200;
    for (int i = 0; i < Count; ++i)
        QVERIFY(client.sendMessage(QByteArray(100'000, 'm')) != 0);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    RawPeer::reset(peer.get());
    QTRY_VERIFY(client.state() != State::Online);
    QVERIFY(!client.dropped.isEmpty());
    quint64 last = 0;
    for (const auto &[id, reason] : std::as_const(client.dropped)) {
        QCOMPARE(reason, DropReason::ConnectionLost);
        QVERIFY(id > last);
        last = id;
    }
    QCOMPARE(last, quint64(Count));
    QCOMPARE(client.dropped.size(), qsizetype(Count + 1 - client.dropped.first().first));
}

void tst_GruvClient::lostMessagesAreSentAgain()
{
    RawPeer::Listener listener;
    Client client;
    client.setRedelivery(GruvClient::Redelivery::AtLeastOnce);
    client.begin(listener.port());
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    peer->setReadBufferSize(1);
    for (int i = 0; i < 100; ++i)
        QVERIFY(client.sendMessage(QByteArray::number(i).rightJustified(100'000, '0')) != 0);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    RawPeer::reset(peer.get());
    peer = listener.accept();
    QVERIFY(peer);
    QByteArray stream;
    const auto lastIsThere = [&] {
        stream += peer->readAll();
        return stream.endsWith("00099");
    };
    QTRY_VERIFY(lastIsThere());
    QVERIFY(stream.size() % 100'004 == 0); // whole ones, in order, to the last
    const qsizetype count = stream.size() / 100'004;
    for (qsizetype i = 0; i < count; ++i)
        QCOMPARE(stream.mid(i * 100'004 + 4, 100'000).right(5).toInt(), int(100 - count + i));
    QVERIFY(client.dropped.isEmpty());
}

void tst_GruvClient::disconnectSendsWhatItHas()
{
    Host host;
    host.echoes = false; // over TLS an answer to who has left costs what is not read yet
    Client client;
    client.begin(host.port());
    QTRY_COMPARE(client.state(), State::Online);
    for (int i = 0; i < 100; ++i)
        client.sendMessage(QByteArray::number(i));
    client.disconnectFromServer();
    QTRY_COMPARE(client.state(), State::Offline);
    QTRY_COMPARE(host.received.size(), 100);
    QVERIFY(client.dropped.isEmpty());
}

void tst_GruvClient::disconnectWhileItTries()
{
    Host host;
    host.kill();
    Client client;
    QSignalSpy scheduled(&client, &GruvClient::reconnectScheduled);
    client.begin(host.port());
    client.disconnectFromServer();
    QCOMPARE(client.state(), State::Offline);
    client.begin(host.port());
    QTRY_COMPARE(client.state(), State::Waiting);
    const quint64 id = client.sendMessage("too late");
    client.disconnectFromServer();
    QCOMPARE(client.state(), State::Offline);
    QCOMPARE(client.dropped.last(), qMakePair(id, DropReason::GivenUp));
}

void tst_GruvClient::slotsMayDoAnything_data()
{
    QTest::addColumn<int>("when");
    QTest::addColumn<int>("what");
    const char *whens[] = { "connecting", "online", "message", "offline", "waiting", "scheduled" };
    const char *whats[] = { "delete", "disconnect", "send", "begin-again" };
    for (int when = 0; when < 6; ++when) {
        for (int what = 0; what < 4; ++what)
            QTest::addRow("%s-%s", whens[when], whats[what]) << when << what;
    }
}

void tst_GruvClient::slotsMayDoAnything()
{
    QFETCH(int, when);
    QFETCH(int, what);
    Host host;
    auto *client = new Client;
    QPointer<Client> alive = client;
    int done = 0;
    const auto act = [&](int now) {
        if (now != when || done++ > 0)
            return;
        if (what == 0) {
            delete client;
        } else if (what == 1) {
            client->disconnectFromServer();
        } else if (what == 2) {
            client->sendMessage("from the slot");
        } else {
            client->disconnectFromServer();
            client->begin(host.port()); // refused where the end takes its time
        }
    };
    connect(client, &GruvClient::stateChanged, this, [&](State state) {
        act(state == State::Connecting ? 0 : state == State::Waiting ? 4 : -1);
    });
    connect(client, &GruvClient::online, this, [&] {
        act(1);
        if (alive)
            client->sendMessage("hello");
    });
    connect(client, &GruvClient::messageReceived, this, [&] {
        act(2);
        host.kill();
    });
    connect(client, &GruvClient::offline, this, [&] { act(3); });
    connect(client, &GruvClient::reconnectScheduled, this, [&] { act(5); });
    client->begin(host.port());
    QTRY_VERIFY(done > 0);
    if (what == 2 || what == 3)
        QVERIFY(alive);
    if (what == 0)
        QVERIFY(!alive);
    if (what == 1 && alive)
        QTRY_COMPARE(client->state(), State::Offline);
    QCoreApplication::processEvents();
    delete alive.data();
}

// A slot that is told of a lost message gives up.
void tst_GruvClient::offlineIsToldInAnyCase()
{
    RawPeer::Listener listener;
    Client client;
    QSignalSpy offline(&client, &GruvClient::offline);
    connect(&client, &GruvClient::messageDropped, &client, &GruvClient::disconnectFromServer);
    client.begin(listener.port());
    auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    peer->setReadBufferSize(1);
    for (int i = 0; i < 100; ++i)
        QVERIFY(client.sendMessage(QByteArray(100'000, 'm')) != 0);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    RawPeer::reset(peer.get());
    QTRY_COMPARE(client.state(), State::Offline);
    QCOMPARE(offline.size(), 1);
    QVERIFY(client.dropped.size() > 1);
}

void tst_GruvClient::movesWithItsThread()
{
    Host host;
    QThread thread;
    auto *const client = new GruvClient;
    if (Encryption::isOn())
        client->setSslConfiguration(Encryption::configuration());
    client->setServers({ at(host.port()) });
    client->moveToThread(&thread);
    connect(client, &GruvClient::online, client, [client] { client->sendMessage("from there"); });
    thread.start();
    QMetaObject::invokeMethod(client, &GruvClient::connectToServers);
    QTRY_COMPARE(host.received, QList<QByteArray>{ "from there" });
    client->deleteLater();
    thread.quit();
    QVERIFY(thread.wait());
}

void tst_GruvClient::smallerOptionsDropWhatWaits()
{
    Host host;
    Client client;
    const quint64 large = client.sendMessage(QByteArray(1000, 'x'));
    const quint64 small = client.sendMessage("small");
    QVERIFY(large != 0 && small != 0);
    GruvSocketOptions options;
    options.maximumMessageSize = 100;
    client.setOptions(options);
    client.begin(host.port());
    QTRY_COMPARE(client.messages, QList<QByteArray>{ "small" });
    QCOMPARE(client.dropped.size(), 1);
    QCOMPARE(client.dropped.first(), qMakePair(large, DropReason::TooLarge));
}

void tst_GruvClient::refusals()
{
    Host host;
    Client client;
    QSignalSpy errors(&client, &GruvClient::errorOccurred);
    client.connectToServers();
    QCOMPARE(errors.size(), 1);
    QCOMPARE(client.state(), State::Offline);
    client.begin(host.port());
    client.begin(host.port());
    QCOMPARE(errors.size(), 2);
    QCOMPARE(errors.last().first().value<GruvSocket::Error>(), GruvSocket::Error::AlreadyConnected);
    QTRY_COMPARE(client.state(), State::Online);
    QCOMPARE(client.sendMessage(QByteArray(17 << 20, 'x')), 0);
    QCOMPARE(errors.last().first().value<GruvSocket::Error>(), GruvSocket::Error::MessageTooLarge);
    QCOMPARE(client.sendText(QStringLiteral("goes on")), 1);
    QTRY_COMPARE(client.messages, QList<QByteArray>{ "goes on" });
}

QTEST_GUILESS_MAIN(tst_GruvClient)
#include "tst_gruvclient.moc"
