// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "testproxy.h"
#include "tst_gruvclient.h"

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

namespace {

// Qt connects to localhost and 127.0.0.1 past any proxy.
void beginElsewhere(Client *client, quint16 port)
{
    if (Encryption::isOn())
        client->connectToServerEncrypted(Encryption::Elsewhere, port);
    else
        client->connectToServer(Encryption::Elsewhere, port);
}

} // namespace

void tst_GruvClient::proxies()
{
    QTest::addColumn<TestProxy::Kind>("kind");
    QTest::newRow("socks-5") << TestProxy::Kind::Socks5;
    QTest::newRow("http-connect") << TestProxy::Kind::Http;
}

void tst_GruvClient::throughAProxy()
{
    QFETCH(const TestProxy::Kind, kind);
    Host host;
    TestProxy proxy(kind);
    QVERIFY(proxy.begin());
    const Route route(proxy.address(), host.port());
    Client client;
    beginElsewhere(&client, host.port());
    const QList<QByteArray> messages = { "", "1", QByteArray(1 << 20, 'x'), "last" };
    for (const QByteArray &message : messages)
        QVERIFY(client.sendMessage(message) != 0);
    QTRY_COMPARE(client.messages.size(), messages.size());
    QVERIFY(client.messages == messages);
    QCOMPARE(client.socket()->isEncrypted(), Encryption::isOn());
    QCOMPARE(proxy.opened(), QStringList{ Encryption::Elsewhere });
    QVERIFY(client.sendMessage("before the end") != 0);
    client.disconnectFromServer();
    QTRY_COMPARE(client.state(), State::Offline);
    QTRY_COMPARE(host.clients(), 0);
    QVERIFY(host.received == messages + QList<QByteArray>{ "before the end" });
    QVERIFY(client.dropped.isEmpty());
}

void tst_GruvClient::comesBackThroughAProxy()
{
    QFETCH(const TestProxy::Kind, kind);
    Host host;
    TestProxy proxy(kind);
    QVERIFY(proxy.begin());
    const Route route(proxy.address(), host.port());
    Client client;
    QSignalSpy offline(&client, &GruvClient::offline);
    QSignalSpy errors(&client, &GruvClient::errorOccurred);
    beginElsewhere(&client, host.port());
    client.sendMessage("first");
    QTRY_COMPARE(client.messages, QList<QByteArray>{ "first" });
    for (int time = 1; time <= 3; ++time) {
        proxy.kill();
        QTRY_COMPARE(offline.size(), time);
        errors.clear();
        QTRY_VERIFY(errors.size() >= 2); // it tries, in vain
        client.messages.clear();
        QVERIFY(client.sendMessage("queued") != 0 && client.sendMessage("offline") != 0);
        QVERIFY(proxy.begin());
        QTRY_COMPARE(client.messages, (QList<QByteArray>{ "queued", "offline" }));
        QCOMPARE(proxy.opened().size(), time + 1);
    }
    QVERIFY(client.dropped.isEmpty());
}

// The proxy stays and says that there is nobody.
void tst_GruvClient::serverBehindAProxyComesBack()
{
    QFETCH(const TestProxy::Kind, kind);
    Host host;
    TestProxy proxy(kind);
    QVERIFY(proxy.begin());
    const Route route(proxy.address(), host.port());
    Client client;
    QSignalSpy offline(&client, &GruvClient::offline);
    QSignalSpy errors(&client, &GruvClient::errorOccurred);
    beginElsewhere(&client, host.port());
    client.sendMessage("first");
    QTRY_COMPARE(client.messages, QList<QByteArray>{ "first" });
    host.kill();
    QTRY_COMPARE(offline.size(), 1);
    errors.clear();
    QTRY_VERIFY(errors.size() >= 2);
    for (const QList<QVariant> &error : std::as_const(errors))
        QCOMPARE(error.first().value<GruvSocket::Error>(), GruvSocket::Error::ConnectionRefused);
    QVERIFY(client.sendMessage("queued offline") != 0);
    QVERIFY(host.restart());
    QTRY_COMPARE(client.messages, (QList<QByteArray>{ "first", "queued offline" }));
    QVERIFY(client.dropped.isEmpty());
}
