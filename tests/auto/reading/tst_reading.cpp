// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>
#include <story.h>

// Contract 1 where messages are taken by read().
class tst_Reading : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void everySplitOfAShortStreamByRead();
    void messagesWaitForRead();
    void readAfterTheEndReturnsWhatHadArrived();
    void endBehindMessagesNobodyTook_data();
    void endBehindMessagesNobodyTook();
    void messagesNobodyTookOutliveAHalfClose();
    void readTakesTheNextMessageInsideASlot();
    void readTimeoutKeepsAHalfMessage();
    void endMetDuringReadIsTold();
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

void tst_Reading::everySplitOfAShortStreamByRead()
{
    RawPeer::Listener listener;
    const QByteArray stream = shortStream();
    for (qsizetype split = 1; split < stream.size(); ++split) {
        GruvSocket socket;
        const auto peer = listener.connect(&socket);
        QVERIFY(peer);
        peer->write(stream.left(split));
        QVERIFY(peer->flush());
        QByteArray rest = stream.mid(split);
        QList<QByteArray> messages;
        while (messages.size() < shortMessages.size()) {
            const auto [status, data] =
                    socket.read(std::chrono::milliseconds(rest.isEmpty() ? 5000 : 5));
            if (status == GruvSocket::ReadStatus::Ok) {
                messages.append(data);
                continue;
            }
            QCOMPARE(status, GruvSocket::ReadStatus::Timeout); // inside a frame, or between two
            QVERIFY(!rest.isEmpty());
            peer->write(std::exchange(rest, {}));
        }
        QCOMPARE(messages, shortMessages);
    }
}

void tst_Reading::messagesWaitForRead()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QList<QByteArray> sent;
    for (int i = 0; i < 1000; ++i) {
        sent.append(QByteArray::number(i));
        peer->write(frame(sent.last()));
    }
    QTRY_COMPARE(peer->bytesToWrite(), 0);
    QVERIFY(socket.sendMessage("events run while this is written"));
    QVERIFY(socket.waitForMessagesWritten());
    QList<QByteArray> got;
    for (int i = 0; i < sent.size(); ++i)
        got.append(socket.read().data);
    QCOMPARE(got, sent);
    QCOMPARE(socket.read(std::chrono::milliseconds(1)).status, GruvSocket::ReadStatus::Timeout);
}

void tst_Reading::readAfterTheEndReturnsWhatHadArrived()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("one") + frame("two"));
    QTRY_COMPARE(socket.statistics().bytesReceived, 14);
    RawPeer::reset(peer.get());
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(socket.error(), GruvSocket::Error::ConnectionReset);
    QCOMPARE(socket.read().data, "one");
    QCOMPARE(socket.read().data, "two");
    QCOMPARE(socket.read().status, GruvSocket::ReadStatus::Error);
}

void tst_Reading::endBehindMessagesNobodyTook_data()
{
    QTest::addColumn<QByteArray>("tail");
    QTest::addColumn<QString>("story");
    QTest::newRow("between-frames") << QByteArray() << QStringLiteral("disconnected");
    QTest::newRow("inside-a-length")
            << QByteArray("\0\0", 2) << QStringLiteral("TruncatedMessage disconnected");
    QTest::newRow("inside-a-payload")
            << frame("cut").chopped(1) << QStringLiteral("TruncatedMessage disconnected");
    QTest::newRow("too-large") << QByteArray("\x7f\xff\xff\xff")
                               << QStringLiteral("IncomingMessageTooLarge disconnected");
}

// In an event loop the end does not wait for read(): it is told as what it is all the same.
void tst_Reading::endBehindMessagesNobodyTook()
{
    QFETCH(QByteArray, tail);
    QFETCH(QString, story);
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    const Story told(&socket);
    QSignalSpy disconnected(&socket, &GruvSocket::disconnected);
    peer->write(shortStream() + tail);
    peer->disconnectFromHost();
    QVERIFY(disconnected.wait());
    QCOMPARE(told.text(), story);
    for (const QByteArray &message : shortMessages)
        QCOMPARE(socket.read(std::chrono::milliseconds(-1)).data, message);
    QCOMPARE(socket.read(std::chrono::milliseconds(-1)).status, GruvSocket::ReadStatus::Error);
}

// The peer has stopped sending and still gets what waits for it; read() still has what had arrived.
void tst_Reading::messagesNobodyTookOutliveAHalfClose()
{
    constexpr qsizetype Size = 15 * 1024 * 1024; // more than the system takes at once
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setReadBufferSize(1);
    QSignalSpy disconnected(&socket, &GruvSocket::disconnected);
    QSignalSpy states(&socket, &GruvSocket::stateChanged);
    QVERIFY(socket.sendMessage(QByteArray(Size, 'b')));
    peer->write(shortStream());
    QVERIFY(peer->flush());
    QCOMPARE(::shutdown(int(peer->socketDescriptor()), SHUT_WR), 0);
    QVERIFY(states.wait());
    QCOMPARE(socket.state(), QAbstractSocket::ClosingState);
    QCOMPARE(socket.read(std::chrono::milliseconds(-1)).data, shortMessages.first());
    peer->setReadBufferSize(0);
    qsizetype received = 0;
    QObject::connect(peer.get(), &QIODevice::readyRead, peer.get(),
                     [&] { received += peer->readAll().size(); });
    received += peer->readAll().size();
    QVERIFY(disconnected.wait());
    QTRY_COMPARE(received, Size + 4);
    for (const QByteArray &message : shortMessages.mid(1))
        QCOMPARE(socket.read(std::chrono::milliseconds(-1)).data, message);
    QCOMPARE(socket.read(std::chrono::milliseconds(-1)).status, GruvSocket::ReadStatus::Error);
}

void tst_Reading::readTakesTheNextMessageInsideASlot()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QList<QByteArray> order;
    connect(&socket, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        order.append(message);
        if (message == "ask") {
            order.append(socket.read().data);
            order.append(socket.read().data); // not here yet: it arrives during the call
        }
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    connect(peer.get(), &QTcpSocket::readyRead, this,
            [&] { peer->write(frame("late") + frame("last")); });
    peer->write(frame("ask") + frame("answer"));
    socket.sendMessage("go on");
    QTRY_COMPARE(order, (QList<QByteArray>{ "ask", "answer", "late", "last" }));
}

void tst_Reading::readTimeoutKeepsAHalfMessage()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("whole").left(6));
    QTRY_COMPARE(peer->bytesToWrite(), 0);
    const auto half = socket.read(std::chrono::milliseconds(30));
    QCOMPARE(half.status, GruvSocket::ReadStatus::Timeout);
    QCOMPARE(half.data, QByteArray());
    peer->write(frame("whole").mid(6));
    QCOMPARE(socket.read().data, "whole");
}

// The send that read() begins with fails, and with it comes the rest of the input and its end.
void tst_Reading::endMetDuringReadIsTold()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] {
        peer->write(frame("last"));
        QVERIFY(peer->flush());
        RawPeer::reset(peer.get());
        socket.sendMessage("into the void");
        QCOMPARE(socket.read().data, "last");
    });
    connect(&socket, &GruvSocket::disconnected, &loop, &QEventLoop::quit);
    QTimer::singleShot(3000, &loop, &QEventLoop::quit);
    loop.exec();
    QCOMPARE(ended.size(), 1);
    QCOMPARE(socket.error(), GruvSocket::Error::ConnectionReset);
}

QTEST_GUILESS_MAIN(tst_Reading)
#include "tst_reading.moc"
