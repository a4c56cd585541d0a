// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvclientfaults.h"

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

#include <sys/socket.h>

void tst_GruvClientFaults::bytesThatAreNotTls_data()
{
    QTest::addColumn<int>("resetAfter"); // ms
    QTest::addColumn<int>("connectTimeout");
    QTest::addColumn<int>("onlineFor");
    QTest::addColumn<bool>("comesBack");
    QTest::newRow("held") << 200 << 20'000 << 250 << true;
    QTest::newRow("up-for-long") << 20'000 << 1500 << 1600 << true;
    QTest::newRow("up-for-long-and-all-hold") << 0 << 1500 << 1600 << true;
    QTest::newRow("as-if-refused") << 20'000 << 20'000 << 0 << false;
    QTest::newRow("as-if-refused-and-all-hold") << 0 << 20'000 << 0 << false;
}

// To a client that has been online, and only sends.
void tst_GruvClientFaults::bytesThatAreNotTls()
{
    if (!Encryption::isOn())
        QSKIP("with TLS");
    QFETCH(int, resetAfter);
    QFETCH(int, connectTimeout);
    QFETCH(int, onlineFor);
    QFETCH(bool, comesBack);
    RawPeer::Listener listener;
    ClientStory client;
    GruvReconnectPolicy policy = client.reconnectPolicy();
    policy.resetAfter = std::chrono::milliseconds(resetAfter);
    client.setReconnectPolicy(policy);
    GruvSocketOptions options;
    options.connectTimeout = std::chrono::milliseconds(connectTimeout);
    client.setOptions(options);
    client.begin({ listener.port() });
    const auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(client.state(), State::Online);
    QElapsedTimer online;
    online.start();
    QTRY_VERIFY(Encryption::isReady(peer.get()) && online.elapsed() >= onlineFor);
    const QByteArray bytes(100, 'x');
    QCOMPARE(::send(int(peer->socketDescriptor()), bytes.constData(), size_t(bytes.size()), 0),
             bytes.size());
    if (comesBack) {
        const auto next = listener.accept();
        QVERIFY(next);
        QTRY_COMPARE(client.count("online"), 2);
    } else {
        QTRY_COMPARE(client.state(), State::Offline);
    }
}
