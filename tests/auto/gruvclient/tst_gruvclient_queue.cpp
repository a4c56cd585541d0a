// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvclient.h"

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

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
    QSignalSpy offline(&client, &GruvClient::offline);
    const auto peer = ClientTools::peerThatStopsReading(&listener, &client);
    QVERIFY(peer);
    constexpr int Count = 200;
    for (int i = 0; i < Count; ++i)
        QVERIFY(client.sendMessage(QByteArray(100'000, 'm')) != 0);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    RawPeer::reset(peer.get());
    QTRY_COMPARE(offline.size(), 1); // the state may be Online again
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
    auto peer = ClientTools::peerThatStopsReading(&listener, &client);
    QVERIFY(peer);
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
    QTRY_VERIFY_WITH_TIMEOUT(lastIsThere(), 20'000);
    QVERIFY(stream.size() % 100'004 == 0); // whole ones, in order, to the last
    const qsizetype count = stream.size() / 100'004;
    for (qsizetype i = 0; i < count; ++i)
        QCOMPARE(stream.mid(i * 100'004 + 4, 100'000).right(5).toInt(), int(100 - count + i));
    QVERIFY(client.dropped.isEmpty());
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
