// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvsocketoptions.h>

#include <rawpeer.h>

#include "feeder.h"
#include "tst_framecodec.h"

#include <algorithm>
#include <ctime>
#include <limits>

using RawPeer::frame;
using RawPeer::header;
using Result = FrameDecoder::Result;

constexpr qint64 Largest = GruvSocketOptions::LargestMessageSize;

static QByteArray patterned(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = char(i * 7 + i / 251);
    return bytes;
}

void tst_FrameCodec::lengthAgainstMaximum_data()
{
    QTest::addColumn<qint64>("maximum");
    QTest::addColumn<quint32>("length");
    QTest::addColumn<bool>("accepted");
    QTest::newRow("0-of-0") << qint64(0) << 0u << true;
    QTest::newRow("1-of-0") << qint64(0) << 1u << false;
    QTest::newRow("largest-of-0") << qint64(0) << 0xffff'ffffu << false;
    for (const qint64 maximum : { qint64(1), qint64(1000), qint64(65536), Largest }) {
        QTest::addRow("0-of-%lld", maximum) << maximum << 0u << true;
        QTest::addRow("one-below-%lld", maximum) << maximum << quint32(maximum - 1) << true;
        QTest::addRow("exactly-%lld", maximum) << maximum << quint32(maximum) << true;
        QTest::addRow("one-above-%lld", maximum) << maximum << quint32(maximum + 1) << false;
        QTest::addRow("7fffffff-of-%lld", maximum) << maximum << 0x7fff'ffffu << false;
        QTest::addRow("80000000-of-%lld", maximum) << maximum << 0x8000'0000u << false;
        QTest::addRow("ffffffff-of-%lld", maximum) << maximum << 0xffff'ffffu << false;
    }
}

void tst_FrameCodec::lengthAgainstMaximum()
{
    QFETCH(qint64, maximum);
    QFETCH(quint32, length);
    QFETCH(bool, accepted);
    Feeder feeder(maximum);
    feeder.give(frame("") + header(length));
    QCOMPARE(feeder.takeOne(), Result::Message);
    const bool empty = length == 0;
    QCOMPARE(feeder.takeOne(), empty      ? Result::Message
                               : accepted ? Result::Incomplete
                                          : Result::TooLarge);
    QCOMPARE(feeder.decoder.isFailed(), !accepted);
    QCOMPARE(feeder.decoder.isMidFrame(), !empty);
    if (accepted && length <= 65536) {
        feeder.spoil();
        const QByteArray message = patterned(qsizetype(length));
        feeder.feed(message);
        QCOMPARE(feeder.messages, (QList<QByteArray>{ "", message }));
    }
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::aNewMaximumIsForTheNextHeader()
{
    Feeder feeder(10);
    feeder.feed(frame("0123456789").left(6));
    feeder.decoder.setMaximumMessageSize(9);
    feeder.feed(frame("0123456789").mid(6));
    QCOMPARE(feeder.messages, QList<QByteArray>{ "0123456789" });
    feeder.feed(frame("0123456789"));
    QVERIFY(feeder.decoder.isFailed());
    QCOMPARE(feeder.messages.size(), 1);
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::tooLargeLatchesUntilReset()
{
    for (qsizetype step : { 1, 3, 4, 5, 100 }) {
        Feeder feeder(5);
        const QByteArray stream = frame("good") + header(6) + "sixsix" + frame("a") + frame("b");
        for (qsizetype at = 0; at < stream.size(); at += step)
            feeder.feed(stream.mid(at, step));
        feeder.feed(frame("c"));
        for (int i = 0; i < 3; ++i)
            QCOMPARE(feeder.takeOne(), Result::TooLarge);
        QCOMPARE(feeder.messages, QList<QByteArray>{ "good" });
        QCOMPARE(feeder.decoder.header(), QByteArray("\0\0\0\6", 4));
        QCOMPARE(feeder.decoder.payloadRoom().size, 0);

        feeder.decoder.reset();
        QVERIFY(!feeder.decoder.isFailed());
        QVERIFY(!feeder.decoder.isMidFrame());
        QCOMPARE(feeder.decoder.unreadBytes(), 0);
        feeder.feed(frame("five5") + header(6));
        QCOMPARE(feeder.messages, (QList<QByteArray>{ "good", "five5" }));
        QVERIFY(feeder.decoder.isFailed()); // reset() keeps the maximum
        QVERIFY(feeder.agrees);
    }
}

void tst_FrameCodec::resetForgetsAHalfFrame()
{
    const QByteArray stream = frame("one") + frame(QByteArray(2000, 't'));
    for (qsizetype cut = 0; cut < stream.size(); cut += cut < 20 ? 1 : 97) {
        Feeder feeder;
        feeder.give(stream.left(cut));
        feeder.takeOne();
        feeder.takeOne();
        feeder.decoder.reset();
        feeder.messages.clear();
        QVERIFY(!feeder.decoder.isMidFrame());
        feeder.feed(frame("fresh") + frame(""));
        QCOMPARE(feeder.messages, (QList<QByteArray>{ "fresh", "" }));
        QVERIFY(feeder.agrees);
    }
}

void tst_FrameCodec::unreadInputOutlivesItsMemory()
{
    const QList<QByteArray> all{ "one", "two", "", "three" };
    const QByteArray stream = frame("one") + frame("two") + frame("") + frame("three");
    for (int taken = 0; taken <= all.size(); ++taken) {
        for (qsizetype split = 0; split <= stream.size(); ++split) {
            Feeder feeder;
            feeder.give(stream.left(split));
            for (int i = 0; i < taken; ++i)
                feeder.takeOne();
            feeder.spoil();
            feeder.spoil(); // twice is once
            feeder.feed(stream.mid(split));
            QCOMPARE(feeder.messages, all);
            QVERIFY(feeder.agrees);
        }
    }
}

void tst_FrameCodec::inputOnUnreadInputKeepsTheOrder()
{
    Feeder feeder;
    QList<QByteArray> all;
    for (int i = 0; i < 200; ++i) {
        all.append(QByteArray::number(i));
        const QByteArray wire = frame(all.last());
        feeder.give(wire.left(5));
        feeder.spoil();
        feeder.give(wire.mid(5));
        if (i % 3 == 0)
            feeder.takeOne();
        feeder.spoil();
    }
    QVERIFY(feeder.decoder.unreadBytes() > 0);
    feeder.drain();
    QCOMPARE(feeder.messages, all);
    QCOMPARE(feeder.decoder.unreadBytes(), 0);
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::progressIsTold()
{
    Feeder feeder;
    feeder.feed(frame(patterned(3000)).left(3));
    QCOMPARE(feeder.decoder.headerBytes(), 3);
    feeder.feed(frame(patterned(3000)).mid(3, 1001));
    QCOMPARE(feeder.decoder.headerBytes(), 4);
    QCOMPARE(feeder.decoder.expectedBytes(), 3000);
    QCOMPARE(feeder.decoder.arrivedBytes(), 1000);
    QCOMPARE(feeder.decoder.unreadBytes(), 1000);
    feeder.give(frame(patterned(3000)).mid(1004) + "\1\2");
    QCOMPARE(feeder.decoder.unreadBytes(), 3002);
    feeder.drain();
    QCOMPARE(feeder.decoder.headerBytes(), 2);
    QCOMPARE(feeder.decoder.header(), "\1\2");
}

// Fills what payloadRoom() offers; returns where the first byte of the payload lies.
static const char *readDirectly(Feeder *feeder, const QByteArray &payload)
{
    const char *start = nullptr;
    while (feeder->decoder.payloadRoom().size > 0) {
        const qsizetype arrived = feeder->decoder.arrivedBytes();
        start = feeder->decoder.payloadRoom().data - arrived;
        feeder->advance(payload, arrived, payload.size());
    }
    return start;
}

void tst_FrameCodec::directReadGoesIntoTheMessage()
{
    const QByteArray payload = patterned(1 << 21);
    Feeder feeder;
    feeder.give(header(1 << 21) + payload.left(1 << 20));
    QCOMPARE(feeder.decoder.payloadRoom().size, 0); // input is not read yet
    QCOMPARE(feeder.takeOne(), Result::Incomplete);
    feeder.spoil();
    feeder.give(payload.mid(1 << 20, 10));
    QCOMPARE(feeder.decoder.payloadRoom().size, 0); // likewise
    QCOMPARE(feeder.takeOne(), Result::Incomplete);
    feeder.spoil();
    const char *start = readDirectly(&feeder, payload);
    QVERIFY(start);
    QCOMPARE(feeder.directBytes, (1 << 20) - 10);
    QVERIFY(feeder.decoder.hasMessage());
    QByteArray message;
    QCOMPARE(feeder.decoder.next(&message), Result::Message);
    QVERIFY(message.constData() == start); // no second copy
    QVERIFY(message == payload);
}

void tst_FrameCodec::directReadThenFramesByInput()
{
    for (const qsizetype size : { 131'071, 131'072, 131'073, 200'000, 1'000'003 }) {
        const QByteArray payload = patterned(size);
        const QByteArray stream = frame("before") + frame(payload) + frame("") + frame("after");
        Feeder feeder;
        qsizetype at = 0;
        while (at < stream.size()) {
            at += feeder.advance(stream, at, 65'536 + 14);
            feeder.drain();
            feeder.spoil();
        }
        QVERIFY(feeder.messages == (QList<QByteArray>{ "before", payload, "", "after" }));
        QVERIFY(feeder.directBytes > 0 || size < 200'000);
        QVERIFY(feeder.agrees);
    }
}

void tst_FrameCodec::noDirectRead()
{
    Feeder feeder(1 << 20);
    const auto room = [&feeder] { return feeder.decoder.payloadRoom().size; };
    QCOMPARE(room(), 0);
    feeder.feed(header(1 << 20).left(3));
    QCOMPARE(room(), 0);
    feeder.feed(header(1 << 20).mid(3));
    QCOMPARE(room(), 0); // nothing of the payload has arrived: what was announced counts nothing
    feeder.feed("0123456789");
    QCOMPARE(room(), 0);
    feeder.feed(QByteArray((1 << 20) - 20, 'p'));
    QCOMPARE(room(), 0); // the end is near: the next frame may come with it
    feeder.feed("0123456789");
    QCOMPARE(feeder.messages.size(), 1);
    QCOMPARE(room(), 0);
    feeder.feed(header((1 << 20) + 1));
    QCOMPARE(room(), 0);
}

void tst_FrameCodec::directReadOfAllThatIsMissing()
{
    const QByteArray payload = patterned(1'400'000);
    Feeder feeder;
    feeder.feed(header(1'400'000) + payload.left(1'100'000));
    feeder.feed(payload.mid(1'100'000, 150'000));
    QCOMPARE(feeder.decoder.payloadRoom().size, 150'000);
    QCOMPARE(feeder.advance(payload, 1'250'000, payload.size()), 150'000);
    feeder.drain();
    feeder.feed(frame("next"));
    QVERIFY(feeder.messages == (QList<QByteArray>{ payload, "next" }));
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::keptMessageIsNotChanged()
{
    const QList<QByteArray> sent{ "first", "secnd", "x", "", "third", patterned(3000), "last" };
    QByteArray stream;
    for (const QByteArray &message : sent)
        stream += frame(message);
    for (const qsizetype step : { qsizetype(1), qsizetype(7), qsizetype(1000), stream.size() }) {
        FrameDecoder decoder;
        decoder.setMaximumMessageSize(10'000);
        QByteArray message;
        QList<QByteArray> kept; // shares its memory with what next() filled
        for (qsizetype at = 0; at < stream.size(); at += step) {
            decoder.setInput(stream.constData() + at, std::min(step, stream.size() - at));
            while (decoder.next(&message) == Result::Message)
                kept.append(message);
            decoder.keepInput();
        }
        QCOMPARE(kept, sent);
    }
}

void tst_FrameCodec::droppedMessageLendsItsMemory()
{
    const QByteArray stream = frame("a long enough first message") + frame("short") + frame("")
                              + frame("a long enough last messages") + frame(QByteArray(5000, 'l'));
    FrameDecoder decoder;
    decoder.setMaximumMessageSize(10'000);
    decoder.setInput(stream.constData(), stream.size());
    QByteArray message;
    QCOMPARE(decoder.next(&message), Result::Message);
    const char *memory = message.constData();
    for (const char *expected : { "short", "", "a long enough last messages" }) {
        QCOMPARE(decoder.next(&message), Result::Message);
        QCOMPARE(message, expected);
        QVERIFY(message.constData() == memory); // QCOMPARE() compares the texts
    }
    QCOMPARE(decoder.next(&message), Result::Message);
    QCOMPARE(message, QByteArray(5000, 'l'));
}

void tst_FrameCodec::timeIsLinear_data()
{
    QTest::addColumn<qsizetype>("messageSize"); // 0: all of it is one message
    QTest::newRow("one-large-message") << qsizetype(0);
    QTest::newRow("short-messages") << qsizetype(11);
    QTest::newRow("messages-of-100-KiB") << qsizetype(100 * 1024);
}

// The processor time of a stream of about size bytes that arrives byte by byte; the best of three.
static double secondsByteByByte(qsizetype size, qsizetype messageSize)
{
    const QByteArray one = frame(QByteArray(messageSize == 0 ? size : messageSize, 'm'));
    const QByteArray stream = one.repeated(std::max<qsizetype>(1, size / one.size()));
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < 3; ++round) {
        FrameDecoder decoder;
        decoder.setMaximumMessageSize(Largest);
        QByteArray message;
        const std::clock_t begin = std::clock();
        for (qsizetype i = 0; i < stream.size(); ++i) {
            decoder.setInput(stream.constData() + i, 1);
            while (decoder.next(&message) == Result::Message) {
            }
            decoder.keepInput();
        }
        best = std::min(best, double(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    return best;
}

void tst_FrameCodec::timeIsLinear()
{
    QFETCH(qsizetype, messageSize);
    const double once = secondsByteByByte(1 << 20, messageSize);
    const double fourTimes = secondsByteByByte(4 << 20, messageSize);
    QVERIFY2(fourTimes < 8 * once, qPrintable(QString::number(fourTimes / once)));
}
