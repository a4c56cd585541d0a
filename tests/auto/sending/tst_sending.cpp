// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocks.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <memoryinuse.h>
#include <rawpeer.h>

#include <array>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

// Contracts 5 and 6: what is refused and how it is said, and what a connection may cost.
class tst_Sending : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void bytesOnTheWire();
    void encodeFrame();
    void burstLeavesInOneWrite();
    void headerAndPayloadLeaveTogether();
    void messageAtTheLimit();
    void writeBufferLimitRefuses();
    void watermarks();
    void sendsFromBytesWrittenStayFlat();
    void readKeepsItsTime();
    void letterComesBeforeWhatASlotSends();
    void bytesWrittenAddsUp();
    void largePayloadIsNotCopied();
    void waitForMessagesWritten();
    void operators();
    void textIsUtf8();
    void announcedLengthAllocatesNothing();
    void unreadMessagesStayBounded();
};

using namespace std::chrono_literals;
using RawPeer::frame;

void tst_Sending::bytesOnTheWire()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(socket.sendMessage(""));
    QVERIFY(socket.sendMessage("a"));
    QVERIFY(socket.sendMessage(QByteArray(258, 'x')));
    QTRY_COMPARE(peer->bytesAvailable(), 4 + 5 + 262);
    QCOMPARE(peer->readAll(), QByteArray("\0\0\0\0\0\0\0\1a\0\0\1\2", 13) + QByteArray(258, 'x'));
}

void tst_Sending::encodeFrame()
{
    QCOMPARE(Gruv::encodeFrame("hello"), QByteArray("\0\0\0\5hello", 9));
    QCOMPARE(Gruv::encodeFrame({}), QByteArray("\0\0\0\0", 4));
}

void tst_Sending::burstLeavesInOneWrite()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QSignalSpy written(&socket, &GruvSocket::bytesWritten);
    QEventLoop loop; // a burst is what one turn of an event loop sends
    QTimer::singleShot(0, &loop, [&] {
        for (int i = 0; i < 100; ++i)
            socket.sendMessage("tick");
        QCOMPARE(written.size(), 0);
        QCOMPARE(socket.bytesToWrite(), 800);
    });
    connect(&socket, &GruvSocket::bytesWritten, &loop, &QEventLoop::quit);
    loop.exec();
    QCOMPARE(written.size(), 1);
    QCOMPARE(written.first().first().toLongLong(), 800);
    QCOMPARE(socket.bytesToWrite(), 0);
}

// A gruv_socks peer that receives a part of a header gives up: PEERS.md.
void tst_Sending::headerAndPayloadLeaveTogether()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    for (int size : { 0, 1, 100, 16 * 1024, 64 * 1024 }) {
        QVERIFY(socket.sendMessage(QByteArray(size, 'p')));
        QTRY_VERIFY(peer->bytesAvailable() > 0);
        QVERIFY2(peer->bytesAvailable() > qMin(4, size + 3),
                 QByteArray::number(peer->bytesAvailable()).constData());
        QTRY_COMPARE(peer->bytesAvailable(), size + 4);
        peer->readAll();
    }
}

void tst_Sending::messageAtTheLimit()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    server.setConnectionHandler([](GruvSocket *peer) {
        connect(peer, &GruvSocket::messageReceived, peer, &GruvSocket::sendMessage);
    });
    GruvSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(socket.waitForConnected());
    QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
    const QByteArray limit(16 * 1024 * 1024, 'm');
    QVERIFY(socket.sendMessage(limit));
    QVERIFY(socket.read().data == limit);
    QVERIFY(!socket.sendMessage(limit + 'x'));
    QCOMPARE(errors.size(), 1);
    QCOMPARE(errors.first().at(0).value<GruvSocket::Error>(), GruvSocket::Error::MessageTooLarge);
    QCOMPARE(errors.first().at(1).toString(),
             QStringLiteral("message of 16,777,217 bytes exceeds maximumMessageSize (16,777,216)"));
    QCOMPARE(socket.errorString(), errors.first().at(1).toString());
    QVERIFY(socket.sendMessage("the connection stays"));
    QCOMPARE(socket.read().data, "the connection stays");
}

void tst_Sending::writeBufferLimitRefuses()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.writeBufferLimit = 1 << 20;
    socket.setOptions(options);
    QSignalSpy errors(&socket, &GruvSocket::errorOccurred);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setReadBufferSize(1);
    const QByteArray block(100'000, 'b');
    qint64 accepted = 0;
    while (socket.sendMessage(block) && accepted < (256 << 20))
        accepted += 100'004;
    QCOMPARE(socket.error(), GruvSocket::Error::WriteBufferFull);
    QCOMPARE(errors.size(), 1);
    QVERIFY2(socket.errorString().contains(QStringLiteral("exceeds writeBufferLimit (1,048,576)")),
             qPrintable(socket.errorString()));
    QVERIFY(socket.bytesToWrite() <= options.writeBufferLimit);
    peer->setReadBufferSize(0);
    QTRY_COMPARE(peer->bytesAvailable(), accepted); // what was accepted comes, and nothing else
}

void tst_Sending::watermarks()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.writeHighWatermark = 300'000;
    options.writeLowWatermark = 100'000;
    socket.setOptions(options);
    QVERIFY(!socket.isWritable());
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(socket.isWritable());
    QSignalSpy writable(&socket, &GruvSocket::writableChanged);
    peer->setReadBufferSize(1);
    qint64 sent = 0;
    while (socket.isWritable() && sent < (256 << 20)) {
        QVERIFY(socket.sendMessage(QByteArray(50'000, 'w')));
        sent += 50'004;
    }
    QCOMPARE(writable.size(), 1);
    QVERIFY(!writable.takeFirst().first().toBool());
    QVERIFY(socket.bytesToWrite() >= 300'000);
    QVERIFY(socket.bytesToWrite() <= 350'004);
    connect(&socket, &GruvSocket::writableChanged, this,
            [&] { QVERIFY(socket.bytesToWrite() <= 100'000); });
    peer->setReadBufferSize(0);
    QTRY_COMPARE(peer->bytesAvailable(), sent);
    QCOMPARE(writable.size(), 1);
    QVERIFY(writable.first().first().toBool());
}

// In a thread without an event loop, which could take turns.
void tst_Sending::sendsFromBytesWrittenStayFlat()
{
    constexpr int Count = 20'000;
    int slots = 0;
    quintptr top = 0;
    quintptr lowest = ~quintptr(0);
    GruvServer server;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        top = quintptr(__builtin_frame_address(0));
        connect(&socket, &GruvSocket::bytesWritten, &socket, [&] {
            lowest = qMin(lowest, quintptr(__builtin_frame_address(0)));
            if (++slots < Count)
                socket.sendMessage("x");
        });
        socket.sendMessage("x");
        while (slots < Count && socket.waitForMessagesWritten()) { // some in each call
        }
    };
    QVERIFY(server.start(handler, 0, QHostAddress::LocalHost));
    GruvSocket client;
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    int received = 0;
    while (received < Count && client.read())
        ++received;
    QCOMPARE(received, Count);
    server.stop(20s);
    QCOMPARE(slots, Count);
    QVERIFY2(top - lowest < 16 * 1024, QByteArray::number(qulonglong(top - lowest)).constData());
}

// However much a slot sends meanwhile.
void tst_Sending::readKeepsItsTime()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setReadBufferSize(1);
    std::thread reader([descriptor = int(peer->socketDescriptor())] {
        std::array<char, 65'536> bytes;
        pollfd readable{ descriptor, POLLIN, 0 };
        while (::poll(&readable, 1, 10'000) > 0
               && ::recv(descriptor, bytes.data(), bytes.size(), 0) > 0) {
        }
    });
    QElapsedTimer time;
    time.start();
    connect(&socket, &GruvSocket::bytesWritten, this, [&] {
        if (time.elapsed() < 5000)
            socket.sendMessage("x");
    });
    const bool isSent = socket.sendMessage("x");
    const GruvSocket::ReadStatus status = socket.read(100ms).status;
    const qint64 elapsed = time.elapsed();
    socket.abort();
    reader.join();
    QVERIFY(isSent);
    QCOMPARE(status, GruvSocket::ReadStatus::Timeout);
    QVERIFY2(elapsed < 2500, QByteArray::number(elapsed).constData());
}

// A call without an event loop looks first what other threads have sent.
void tst_Sending::letterComesBeforeWhatASlotSends()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    std::thread([&socket] { socket.sendMessage("letter"); }).join();
    bool isFirst = true;
    connect(&socket, &GruvSocket::bytesWritten, this, [&] {
        if (std::exchange(isFirst, false))
            socket.sendMessage("B");
    });
    QVERIFY(socket.sendMessage("A"));
    QTRY_COMPARE(peer->bytesAvailable(), 20);
    QCOMPARE(peer->readAll(), frame("letter") + frame("A") + frame("B"));
}

void tst_Sending::bytesWrittenAddsUp()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    qint64 written = 0;
    connect(&socket, &GruvSocket::bytesWritten, this, [&](qint64 bytes) { written += bytes; });
    const qint64 wire = 20 * (1'000'004 + 14);
    for (int i = 0; i < 20; ++i) {
        QVERIFY(socket.sendMessage(QByteArray(1'000'000, 'x')));
        QVERIFY(socket.sendMessage("and little"));
    }
    QTRY_COMPARE(written, wire);
    QTRY_COMPARE(peer->bytesAvailable(), wire);
    QCOMPARE(socket.statistics().bytesSent, wire);
}

void tst_Sending::largePayloadIsNotCopied()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setReadBufferSize(1);
    const QByteArray large(16 << 20, 'l');
    QVERIFY(socket.sendMessage(large));
    QVERIFY(socket.bytesToWrite() > 0);
    QVERIFY(!large.isDetached()); // the queue shares it
}

void tst_Sending::waitForMessagesWritten()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(socket.waitForMessagesWritten());
    peer->setReadBufferSize(1);
    QVERIFY(socket.sendMessage(QByteArray(16 << 20, 'x')));
    QVERIFY(!socket.waitForMessagesWritten(std::chrono::milliseconds(20)));
    peer->setReadBufferSize(0);
    QVERIFY(socket.waitForMessagesWritten());
    QCOMPARE(socket.bytesToWrite(), 0);
}

void tst_Sending::operators()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    socket << "literal" << QByteArray("bytes") << QStringLiteral("text");
    QVERIFY(socket + "literal");
    QVERIFY(socket + QByteArray("bytes"));
    QVERIFY(socket + QStringLiteral("text"));
    const QByteArray once = frame("literal") + frame("bytes") + frame("text");
    QTRY_COMPARE(peer->bytesAvailable(), 2 * once.size());
    QCOMPARE(peer->readAll(), once + once);
}

void tst_Sending::textIsUtf8()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(socket.sendText(QStringLiteral(u"gr\u00fcv \u2713")));
    QTRY_COMPARE(peer->bytesAvailable(), 13);
    QCOMPARE(peer->readAll(), frame("gr\xc3\xbcv \xe2\x9c\x93"));
}

void tst_Sending::announcedLengthAllocatesNothing()
{
    RawPeer::Listener listener;
    GruvSocketOptions options;
    options.maximumMessageSize = GruvSocketOptions::LargestMessageSize;
    GruvSocket sockets[50];
    std::unique_ptr<QTcpSocket> peers[50];
    const qint64 before = residentBytes();
    for (int i = 0; i < 50; ++i) {
        sockets[i].setOptions(options);
        peers[i] = listener.connect(&sockets[i]);
        QVERIFY(peers[i]);
        peers[i]->write(RawPeer::header(quint32(options.maximumMessageSize)) + "0123456789");
        QTRY_COMPARE(sockets[i].statistics().bytesReceived, 14);
    }
    const qint64 grown = residentBytes() - before;
    QVERIFY2(grown < 8 << 20, QByteArray::number(grown).constData());
}

void tst_Sending::unreadMessagesStayBounded()
{
    RawPeer::Listener listener;
    GruvSocket socket; // nobody reads
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    const QByteArray block = frame(QByteArray(10'000, 'u'));
    for (int i = 0; i < 3000; ++i)
        peer->write(block);
    qint64 before = -1;
    QTRY_VERIFY(std::exchange(before, socket.statistics().bytesReceived)
                        == socket.statistics().bytesReceived
                && before > 0);
    QVERIFY(socket.statistics().bytesReceived < 2 << 20);
    for (int i = 0; i < 3000; ++i)
        QCOMPARE(socket.read().data.size(), 10'000);
}

QTEST_GUILESS_MAIN(tst_Sending)
#include "tst_sending.moc"
