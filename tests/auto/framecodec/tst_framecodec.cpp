// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvsocketoptions.h>

#include <rawpeer.h>

#include "feeder.h"
#include "reference.h"
#include "tst_framecodec.h"

#include <random>

using RawPeer::frame;
using RawPeer::header;
using Result = FrameDecoder::Result;

static const QList<QByteArray> shortMessages{ "", "a", "", "hello", QByteArray(3, '\0') };

static QByteArray streamOf(const QList<QByteArray> &messages)
{
    QByteArray stream;
    for (const QByteArray &message : messages)
        stream += frame(message);
    return stream;
}

void tst_FrameCodec::encode_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<QByteArray>("wire");
    QTest::newRow("empty") << QByteArray() << QByteArray("\0\0\0\0", 4);
    QTest::newRow("one") << QByteArray("x") << QByteArray("\0\0\0\1x", 5);
    QTest::newRow("text") << QByteArray("hello") << QByteArray("\0\0\0\5hello", 9);
    QTest::newRow("zeros") << QByteArray(2, '\0') << QByteArray("\0\0\0\2\0\0", 6);
    const QByteArray large(0x010203, 'l');
    QTest::newRow("large") << large << QByteArray("\0\1\2\3", 4) + large;
}

void tst_FrameCodec::encode()
{
    QFETCH(QByteArray, message);
    QFETCH(QByteArray, wire);
    QCOMPARE(FrameCodec::encode(message), wire);
}

void tst_FrameCodec::headerIsWritten()
{
    QByteArray out("before12345678after");
    FrameCodec::writeHeader(out.data() + 6, 0x01020304);
    FrameCodec::writeHeader(out.data() + 10, qsizetype(GruvSocketOptions::LargestMessageSize));
    QCOMPARE(out, QByteArray("before\1\2\3\4\x7f\xff\xff\xfb"
                             "after",
                             19));
}

void tst_FrameCodec::singleFrameInOneInput()
{
    Feeder feeder;
    feeder.feed(QByteArray("\0\0\0\5hello", 9));
    QCOMPARE(feeder.messages, QList<QByteArray>{ "hello" });
    QVERIFY(!feeder.decoder.isMidFrame());
    QCOMPARE(feeder.takeOne(), Result::Incomplete);
}

void tst_FrameCodec::singleFrameInManyInputs()
{
    Feeder feeder;
    for (char byte : QByteArray("\0\0\0\5hell", 8)) {
        feeder.feed(QByteArray(1, byte));
        QVERIFY(feeder.messages.isEmpty());
        QVERIFY(feeder.decoder.isMidFrame());
    }
    feeder.feed("o");
    QCOMPARE(feeder.messages, QList<QByteArray>{ "hello" });
    QVERIFY(!feeder.decoder.isMidFrame());
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::manyFramesInOneInput()
{
    Feeder feeder;
    feeder.feed(streamOf(shortMessages));
    QCOMPARE(feeder.messages, shortMessages);
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::manyFramesInManyInputs()
{
    const QByteArray stream = streamOf(shortMessages);
    for (qsizetype step = 1; step <= stream.size(); ++step) {
        Feeder feeder;
        for (qsizetype at = 0; at < stream.size(); at += step)
            feeder.feed(stream.mid(at, step));
        QCOMPARE(feeder.messages, shortMessages);
        QVERIFY(feeder.agrees);
    }
}

void tst_FrameCodec::headerInTwoInputs_data()
{
    QTest::addColumn<int>("first");
    for (int first = 1; first < 4; ++first)
        QTest::addRow("%d-and-%d", first, 4 - first) << first;
}

void tst_FrameCodec::headerInTwoInputs()
{
    QFETCH(int, first);
    const QByteArray long300(300, 'l');
    const QByteArray stream = frame("before") + frame(long300);
    Feeder feeder;
    feeder.feed(stream.left(10 + first));
    QCOMPARE(feeder.messages, QList<QByteArray>{ "before" });
    QCOMPARE(feeder.decoder.headerBytes(), first);
    QVERIFY(feeder.decoder.isMidFrame());
    feeder.feed(stream.mid(10 + first));
    QCOMPARE(feeder.messages, (QList<QByteArray>{ "before", long300 }));
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::headerInFourInputs()
{
    Feeder feeder;
    feeder.feed(QByteArray(1, '\0'));
    feeder.feed(QByteArray(1, '\0'));
    feeder.feed(QByteArray(1, '\1'));
    feeder.feed(QByteArray(1, '\2'));
    QCOMPARE(feeder.decoder.expectedBytes(), 0x0102);
    feeder.feed(QByteArray(0x0102, 'p') + frame("next"));
    QCOMPARE(feeder.messages, (QList<QByteArray>{ QByteArray(0x0102, 'p'), "next" }));
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::emptyMessages()
{
    for (qsizetype step : { 1, 2, 3, 4, 5, 7, 400 }) {
        Feeder feeder;
        const QByteArray stream(400, '\0');
        for (qsizetype at = 0; at < stream.size(); at += step)
            feeder.feed(stream.mid(at, step));
        QCOMPARE(feeder.messages, QList<QByteArray>(100, QByteArray()));
        QVERIFY(!feeder.decoder.isMidFrame());
        QVERIFY(feeder.agrees);
    }
}

void tst_FrameCodec::emptyInputChangesNothing()
{
    const QByteArray stream = streamOf(shortMessages);
    Feeder feeder;
    feeder.feed({});
    for (char byte : stream) {
        feeder.feed(QByteArray(1, byte));
        feeder.feed({});
    }
    QCOMPARE(feeder.messages, shortMessages);
    QVERIFY(feeder.agrees);
}

void tst_FrameCodec::everySplitInTwo()
{
    const QByteArray stream = streamOf(shortMessages);
    for (qsizetype split = 0; split <= stream.size(); ++split) {
        Feeder feeder;
        feeder.feed(stream.left(split));
        QCOMPARE(feeder.messages, Reference::decode(stream.left(split), 100).messages);
        feeder.feed(stream.mid(split));
        QCOMPARE(feeder.messages, shortMessages);
        QVERIFY(feeder.agrees);
    }
}

void tst_FrameCodec::everySplitInThree()
{
    const QByteArray stream = streamOf(shortMessages);
    for (qsizetype first = 0; first <= stream.size(); ++first) {
        for (qsizetype second = first; second <= stream.size(); ++second) {
            Feeder feeder;
            feeder.feed(stream.left(first));
            feeder.feed(stream.mid(first, second - first));
            feeder.feed(stream.mid(second));
            QCOMPARE(feeder.messages, shortMessages);
            QVERIFY(feeder.agrees);
        }
    }
}

void tst_FrameCodec::randomSplitsAgainstReference()
{
    constexpr qsizetype Maximum = 400'000;
    std::mt19937 random(20'261'122);
    qsizetype directBytes = 0;
    int tooLarge = 0;
    for (int round = 0; round < 1500; ++round) {
        const QByteArray stream = Reference::randomStream(&random, Maximum);
        const Reference::Decoded expected = Reference::decode(stream, Maximum);
        const qsizetype most = random() % 2 == 0 ? 9 : 150'000;
        const bool tooMany = most < stream.size() / 1000;
        Feeder feeder(Maximum);
        for (qsizetype at = 0; at < stream.size();) {
            const qsizetype step = tooMany ? 70'000 : 1 + qsizetype(random()) % most;
            at += feeder.advance(stream, at, step);
            for (auto takes = random() % 6; takes > 0; --takes)
                feeder.takeOne(); // it may lag behind, as read() does
            feeder.spoil();
        }
        feeder.drain();
        QVERIFY2(feeder.messages == expected.messages, qPrintable(QString::number(round)));
        QCOMPARE(feeder.decoder.isFailed(), expected.isTooLarge);
        QVERIFY(feeder.agrees);
        directBytes += feeder.directBytes;
        tooLarge += int(expected.isTooLarge);
    }
    QVERIFY(directBytes > 1'000'000); // the streams do go where they should
    QVERIFY(tooLarge > 20);
}

QTEST_APPLESS_MAIN(tst_FrameCodec)
