// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>

#include <random>

// Contract 1: a message is delivered exactly once, whole, in order, by read() or messageReceived.
class tst_Delivery : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void everySplitOfAShortStream();
    void oneByteAtATime();
    void manyFramesInOneWrite();
    void largeMessages_data();
    void largeMessages();
    void randomChunks();
    void messagesWaitForAReceiver();
    void messagesBeforeFinComeBeforeDisconnected();
    void pauseInsideASlotHoldsTheNextMessage();
    void pausedReaderSlowsThePeer();
    void receiverLeavingMidBurstLosesNothing();
    void keptMessagesStayAsTheyAre();
    void statisticsCount();
    void takenOverSocketKeepsWhatItHadRead();
};

using RawPeer::frame;

static const QList<QByteArray> shortMessages{ "", "a", "", "hello", QByteArray(3, '\0') };

static QByteArray shortStream()
{
    QByteArray stream;
    for (const QByteArray &message : shortMessages)
        stream += frame(message);
    return stream;
}

static QList<QByteArray> received(const QSignalSpy &spy)
{
    QList<QByteArray> messages;
    for (const QList<QVariant> &arguments : spy)
        messages.append(arguments.first().toByteArray());
    return messages;
}

void tst_Delivery::everySplitOfAShortStream()
{
    RawPeer::Listener listener;
    const QByteArray stream = shortStream();
    for (qsizetype split = 1; split < stream.size(); ++split) {
        GruvSocket socket;
        QSignalSpy messages(&socket, &GruvSocket::messageReceived);
        QSignalSpy read(&socket, &GruvSocket::stateChanged);
        const auto peer = listener.connect(&socket);
        QVERIFY(peer);
        peer->write(stream.left(split));
        QVERIFY(peer->flush());
        QTRY_COMPARE(socket.statistics().bytesReceived, split); // arrived before the rest is sent
        peer->write(stream.mid(split));
        QTRY_COMPARE(messages.size(), shortMessages.size());
        QCOMPARE(received(messages), shortMessages);
    }
}

void tst_Delivery::oneByteAtATime()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    const QByteArray stream = shortStream();
    for (qsizetype i = 0; i < stream.size(); ++i) {
        peer->write(stream.mid(i, 1));
        QTRY_COMPARE(socket.statistics().bytesReceived, i + 1);
    }
    QCOMPARE(received(messages), shortMessages);
}

void tst_Delivery::manyFramesInOneWrite()
{
    constexpr int Count = 50'000;
    RawPeer::Listener listener;
    GruvSocket socket;
    int expected = 0;
    connect(&socket, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        if (message == QByteArray::number(expected))
            ++expected;
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QByteArray stream;
    for (int i = 0; i < Count; ++i)
        stream += frame(QByteArray::number(i));
    peer->write(stream);
    QTRY_COMPARE(expected, Count);
    QCOMPARE(socket.statistics().messagesReceived, Count);
}

void tst_Delivery::largeMessages_data()
{
    QTest::addColumn<qsizetype>("size");
    for (const qsizetype size :
         { 1023, 1024, 65531, 65532, 65535, 65536, 262139, 262140, 262144, 1 << 20, 16 << 20 })
        QTest::addRow("%lld-bytes", qlonglong(size)) << size;
}

void tst_Delivery::largeMessages()
{
    QFETCH(qsizetype, size);
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    server.setConnectionHandler([](GruvSocket *peer) {
        connect(peer, &GruvSocket::messageReceived, peer, &GruvSocket::sendMessage);
    });
    QByteArray large(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        large[i] = char(i * 7 + i / 251);
    GruvSocket socket;
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    socket.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(socket.waitForConnected());
    const QList<QByteArray> sent{ "before", large, "between", large, "after" };
    for (const QByteArray &message : sent)
        QVERIFY(socket.sendMessage(message));
    QTRY_COMPARE_WITH_TIMEOUT(messages.size(), sent.size(), 20'000);
    QVERIFY(received(messages) == sent);
}

void tst_Delivery::randomChunks()
{
    std::mt19937 random(7);
    RawPeer::Listener listener;
    GruvSocket socket;
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QList<QByteArray> sent;
    QByteArray stream;
    for (int i = 0; i < 300; ++i) {
        sent.append(QByteArray(int(random() % (i % 10 == 0 ? 200'000 : 100)), char('a' + i % 26)));
        stream += frame(sent.last());
    }
    for (qsizetype at = 0; at < stream.size();) {
        const qsizetype chunk = 1 + qsizetype(random() % (random() % 2 ? 7 : 300'000));
        peer->write(stream.mid(at, chunk));
        peer->flush();
        at += chunk;
        QCoreApplication::processEvents();
    }
    QTRY_COMPARE(messages.size(), sent.size());
    QVERIFY(received(messages) == sent);
}

void tst_Delivery::messagesWaitForAReceiver()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("one") + frame("two"));
    QTRY_COMPARE(socket.statistics().bytesReceived, 14);
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    QTRY_COMPARE(received(messages), (QList<QByteArray>{ "one", "two" }));
}

void tst_Delivery::messagesBeforeFinComeBeforeDisconnected()
{
    RawPeer::Listener listener;
    for (int round = 0; round < 50; ++round) {
        GruvSocket socket;
        QStringList order;
        connect(&socket, &GruvSocket::messageReceived, this,
                [&](const QByteArray &message) { order.append(QString::fromLatin1(message)); });
        connect(&socket, &GruvSocket::disconnected, this,
                [&] { order.append(QStringLiteral("disconnected")); });
        const auto peer = listener.connect(&socket);
        QVERIFY(peer);
        peer->write(frame("one") + frame("two"));
        peer->disconnectFromHost();
        QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(order.join(u' '), QStringLiteral("one two disconnected"));
        QCOMPARE(socket.error(), GruvSocket::Error::NoError);
    }
}

void tst_Delivery::pauseInsideASlotHoldsTheNextMessage()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QList<QByteArray> got;
    connect(&socket, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        got.append(message);
        socket.pauseReading();
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("one") + frame("two") + frame("three"));
    peer->disconnectFromHost();
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    const QList<QByteArray> all{ "one", "two", "three" };
    for (int i = 0; i < all.size(); ++i) {
        QTRY_COMPARE(got, all.mid(0, i + 1));
        QCOMPARE(ended.size(), 0);
        socket.resumeReading();
    }
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(got, all);
}

void tst_Delivery::pausedReaderSlowsThePeer()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QSignalSpy clients(&server, &GruvServer::clientConnected);
    GruvSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_COMPARE(clients.size(), 1);
    GruvSocket *reader = server.clients().first();
    qint64 bytes = 0;
    connect(reader, &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { bytes += message.size(); });
    reader->pauseReading();
    const QByteArray block(256 * 1024, 'b');
    qint64 sent = 0;
    QSignalSpy writable(&socket, &GruvSocket::writableChanged);
    while (socket.isWritable() && sent < (64 << 20)) {
        QVERIFY(socket.sendMessage(block));
        sent += block.size();
        QCoreApplication::processEvents();
    }
    QCOMPARE(writable.size(), 1);
    QCOMPARE(writable.first().first().toBool(), false);
    QCOMPARE(bytes, 0);
    reader->resumeReading();
    QTRY_COMPARE(bytes, sent);
    QCOMPARE(writable.size(), 2);
    QCOMPARE(writable.last().first().toBool(), true);
}

void tst_Delivery::receiverLeavingMidBurstLosesNothing()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QList<QByteArray> got;
    QMetaObject::Connection connection;
    connection =
            connect(&socket, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
                got.append(message);
                disconnect(connection);
            });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("one") + frame("two") + frame("three"));
    QTRY_COMPARE(got.size(), 1);
    got.append(socket.read().data);
    got.append(socket.read().data);
    QCOMPARE(got, (QList<QByteArray>{ "one", "two", "three" }));
}

void tst_Delivery::keptMessagesStayAsTheyAre()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QList<QByteArray> kept;
    connect(&socket, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        if (message.startsWith('k'))
            kept.append(message);
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("k1") + frame("x1") + frame("k2") + frame("x2") + frame("k3"));
    QTRY_COMPARE(kept, (QList<QByteArray>{ "k1", "k2", "k3" }));
}

void tst_Delivery::statisticsCount()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(socket.statistics().connectedSince.isValid());
    QVERIFY(socket.sendMessage("four"));
    QVERIFY(socket.sendMessage(""));
    peer->write(frame("sixsix"));
    QTRY_COMPARE(messages.size(), 1);
    QTRY_COMPARE(peer->bytesAvailable(), 12);
    const GruvSocket::Statistics statistics = socket.statistics();
    QCOMPARE(statistics.messagesSent, 2);
    QCOMPARE(statistics.bytesSent, 12);
    QCOMPARE(statistics.messagesReceived, 1);
    QCOMPARE(statistics.bytesReceived, 10);
}

void tst_Delivery::takenOverSocketKeepsWhatItHadRead()
{
    RawPeer::Listener listener;
    auto *const plain = Encryption::connectedPeer(listener.port());
    const auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_VERIFY(Encryption::isReady(plain) && Encryption::isReady(peer.get()));
    peer->write(frame("early") + frame("half").left(5));
    QTRY_COMPARE(plain->bytesAvailable(), 14);
    GruvSocket socket(plain);
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    QSignalSpy messages(&socket, &GruvSocket::messageReceived);
    QTRY_COMPARE(received(messages), (QList<QByteArray>{ "early" }));
    peer->write(frame("half").mid(5));
    QTRY_COMPARE(messages.size(), 2);
    QVERIFY(socket.sendMessage(QByteArray(3 << 20, 'z')));
    QTRY_COMPARE(peer->bytesAvailable(), (3 << 20) + 4);
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    peer->disconnectFromHost();
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(socket.error(), GruvSocket::Error::NoError);
}

QTEST_GUILESS_MAIN(tst_Delivery)
#include "tst_delivery.moc"
