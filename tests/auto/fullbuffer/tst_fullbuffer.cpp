// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <wirepair.h>

#include <atomic>
#include <thread>

// Who sends while isWritable() comes to an end, whatever writeBufferLimit is, and is told to go on.
class tst_FullBuffer : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void senderStopsAndGoesOn_data();
    void senderStopsAndGoesOn();
    void slotOfBytesWrittenMayWaitToBeWritable();
    void refusalsFromElsewhereTakeNoRoom();
};

namespace {

constexpr int TooMany = 200'000;

// Sends while it may; returns how many were refused.
int sendWhileWritable(GruvSocket *socket, qsizetype size)
{
    int refused = 0;
    for (int i = 0; i < TooMany && socket->isWritable(); ++i)
        refused += int(!socket->sendMessage(QByteArray(size, 's')));
    return refused;
}

} // namespace

void tst_FullBuffer::senderStopsAndGoesOn_data()
{
    QTest::addColumn<qint64>("limit");
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<int>("mostRefused");
    QTest::newRow("limit-of-the-watermark") << qint64(1'048'576) << qsizetype(1000) << 0;
    QTest::newRow("limit-below-it") << qint64(65'536) << qsizetype(1000) << 0;
    QTest::newRow("half-the-limit") << qint64(65'536) << qsizetype(32'764) << 0;
    QTest::newRow("more-than-half") << qint64(65'536) << qsizetype(50'000) << 1;
    QTest::newRow("little-waits") << qint64(65'536) << qsizetype(65'532) << 1;
}

void tst_FullBuffer::senderStopsAndGoesOn()
{
    QFETCH(qint64, limit);
    QFETCH(qsizetype, size);
    QFETCH(int, mostRefused);
    WirePair pair;
    GruvSocketOptions options;
    options.writeBufferLimit = limit;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1);
    QSignalSpy changes(pair.socket.get(), &GruvSocket::writableChanged);
    for (int i = 0; i < TooMany && pair.socket->bytesToWrite() == 0; ++i) { // the system takes some
        QVERIFY(pair.socket->sendMessage("f"));
        QVERIFY(sendWhileWritable(pair.socket.get(), size) <= mostRefused);
    }
    QVERIFY(!pair.socket->isWritable());
    QCOMPARE(changes.last().first().toBool(), false);
    pair.peer->setReadBufferSize(0);
    QTRY_COMPARE(changes.last().first().toBool(), true);
    QVERIFY(pair.socket->isWritable());
}

// The event loop that it runs is told too.
void tst_FullBuffer::slotOfBytesWrittenMayWaitToBeWritable()
{
    WirePair pair;
    QVERIFY(pair.connect());
    int waits = 0;
    connect(pair.socket.get(), &GruvSocket::bytesWritten, this, [&] {
        if (waits == 3)
            return;
        ++waits;
        sendWhileWritable(pair.socket.get(), 100'000);
        QVERIFY(QTest::qWaitFor([&] { return pair.socket->isWritable(); }));
    });
    QVERIFY(pair.socket->sendMessage("first"));
    QTRY_COMPARE(waits, 3);
    QTRY_COMPARE(pair.socket->bytesToWrite(), 0);
}

// What is refused is at no time counted with what waits.
void tst_FullBuffer::refusalsFromElsewhereTakeNoRoom()
{
    WirePair pair;
    GruvSocketOptions options;
    options.writeBufferLimit = 1000;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    std::atomic<bool> isDone{ false };
    std::thread other([&] {
        for (int i = 0; i < TooMany; ++i)
            pair.socket->sendMessage(QByteArray(2000, 't'));
        isDone = true;
    });
    int refused = 0;
    while (!isDone) {
        QCoreApplication::processEvents();
        refused += int(!pair.socket->sendMessage("small") && pair.socket->bytesToWrite() == 0);
        pair.peer->readAll();
    }
    other.join();
    QCOMPARE(refused, 0);
    QTRY_VERIFY(pair.socket->isWritable());
}

QTEST_GUILESS_MAIN(tst_FullBuffer)
#include "tst_fullbuffer.moc"
