// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvclientslots.h"

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <utility>

namespace {

// A TCP connection cannot be made to all.
GruvClient::Server impossible()
{
    return { QStringLiteral("255.255.255.255"), 9, Encryption::isOn() };
}

} // namespace

void tst_GruvClientSlots::tryAgainAtOnce_data()
{
    QTest::addColumn<bool>("failsOver");
    QTest::newRow("reconnect-now") << false;
    QTest::newRow("next-server") << true;
}

// A slot within a slot, and so on, is more than a stack holds.
void tst_GruvClientSlots::tryAgainAtOnce()
{
    QFETCH(bool, failsOver);
    constexpr int Count = 10'000;
    ClientStory client;
    QEventLoop loop; // quicker than one of QtTest, which sleeps where there are but zero timers
    int told = 0;
    int depth = 0;
    int deepest = 0;
    const auto again = [&](auto tryIt) {
        if (++told > Count)
            return loop.quit();
        deepest = std::max(++depth, deepest);
        tryIt();
        --depth;
    };
    connect(&client, &GruvClient::reconnectScheduled, &client, [&] {
        if (!failsOver)
            again([&] { client.reconnectNow(); });
    });
    connect(&client, &GruvClient::errorOccurred, &client, [&] {
        if (failsOver)
            again([&] {
                client.disconnectFromServer();
                client.connectToServers();
            });
    });
    QTimer::singleShot(30s, &loop, &QEventLoop::quit);
    client.setServers({ impossible() });
    client.connectToServers();
    loop.exec();
    QCOMPARE(told, Count + 1);
    QCOMPARE(deepest, 1);
}

// It is asked for in a slot, and given up there; another one follows.
void tst_GruvClientSlots::disconnectBeforeTheAttempt()
{
    ClientStory client;
    bool isFirst = true;
    connect(&client, &GruvClient::reconnectScheduled, &client, [&] {
        if (!std::exchange(isFirst, false))
            return;
        client.reconnectNow();
        QCOMPARE(client.state(), State::Connecting);
        client.reconnectNow(); // it is on its way
        client.disconnectFromServer();
        QCOMPARE(client.state(), State::Offline);
    });
    client.setServers({ impossible() });
    client.connectToServers();
    QTRY_VERIFY(!isFirst);
    QCoreApplication::processEvents();
    QCOMPARE(client.text(),
             QStringLiteral("Connecting error Waiting scheduled Connecting Offline"));
    QCOMPARE(client.state(), State::Offline);
}
