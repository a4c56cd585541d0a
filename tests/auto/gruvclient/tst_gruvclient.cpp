// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvclient.h"

#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

namespace {

GruvReconnectPolicy waitsForEver()
{
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 24h;
    return policy;
}

} // namespace

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
    client.setReconnectPolicy(waitsForEver());
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

void tst_GruvClient::disconnectSendsWhatItHas()
{
    Host host;
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
    client.setReconnectPolicy(waitsForEver()); // so that it stays in State::Waiting
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
