// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>

#include <QtCore/qlist.h>

#include "feeder.h"
#include "tst_framecodec.h"
#include <memoryinuse.h>
#include <wirepair.h>

#include <random>

using RawPeer::frame;
using Result = FrameDecoder::Result;

namespace {

constexpr qsizetype MiB = 1024 * 1024;
constexpr qsizetype MostUnused = 1024; // what a message may hold beside twice its size

// As a connection does: input in steps, or directly into the message where the decoder asks for it.
QByteArray decodeOne(FrameDecoder *decoder, const QByteArray &payload, qsizetype step)
{
    const QByteArray wire = frame(payload);
    QByteArray memory;
    QByteArray message;
    for (qsizetype at = 0; at < wire.size();) {
        const FrameDecoder::Room room = decoder->payloadRoom();
        const qsizetype left = std::min(step, wire.size() - at);
        qsizetype taken = left;
        if (room.size > 0) {
            taken = std::min(left, room.size);
            std::memcpy(room.data, wire.constData() + at, size_t(taken));
            decoder->payloadArrived(taken);
        } else {
            memory = wire.mid(at, left);
            decoder->setInput(memory.constData(), memory.size());
        }
        at += taken;
        if (decoder->next(&message) == Result::Message)
            return message;
        decoder->keepInput();
        memory.fill('\xaa');
    }
    return {};
}

FrameDecoder decoderWithSpare(QByteArray spare)
{
    FrameDecoder decoder;
    decoder.setMaximumMessageSize(64 * MiB);
    decoder.setSpare(std::move(spare));
    return decoder;
}

} // namespace

void tst_FrameCodec::spareServesTheNextMessage_data()
{
    QTest::addColumn<qsizetype>("spareSize");
    QTest::addColumn<qsizetype>("size");
    QTest::newRow("same-size") << 3 * MiB << 3 * MiB;
    QTest::newRow("smaller") << 3 * MiB << 2 * MiB;
    QTest::newRow("half") << 4 * MiB << 2 * MiB;
    QTest::newRow("large") << 20 * MiB << 16 * MiB;
}

void tst_FrameCodec::spareServesTheNextMessage()
{
    QFETCH(qsizetype, spareSize);
    QFETCH(qsizetype, size);
    const QByteArray payload = patterned(size);
    for (const qsizetype step : { qsizetype(50'000), qsizetype(256 * 1024), MiB, 64 * MiB }) {
        QByteArray spare(spareSize, 's');
        const char *const memory = spare.constData();
        FrameDecoder decoder = decoderWithSpare(std::move(spare));
        QVERIFY(decoder.hasSpare());
        const QByteArray message = decodeOne(&decoder, payload, step);
        QVERIFY(message == payload);
        const bool isWhole = step > size; // it lies in the input as it is: one copy, no growing
        QCOMPARE(message.constData() == memory, !isWhole);
        QCOMPARE(decoder.hasSpare(), isWhole);
    }
}

void tst_FrameCodec::spareIsLeftAlone_data()
{
    QTest::addColumn<qsizetype>("spareSize");
    QTest::addColumn<qsizetype>("size");
    QTest::newRow("too-small") << 3 * MiB - 64 << 3 * MiB;
    QTest::newRow("more-than-twice") << 6 * MiB + 64 * 1024 << 3 * MiB;
    QTest::newRow("small-message") << 2 * MiB << qsizetype(10);
    QTest::newRow("not-large-enough") << 300 * qsizetype(1024) << 300 * qsizetype(1024);
}

void tst_FrameCodec::spareIsLeftAlone()
{
    QFETCH(qsizetype, spareSize);
    QFETCH(qsizetype, size);
    const QByteArray payload = patterned(size);
    QByteArray spare(spareSize, 's');
    const char *const memory = spare.constData();
    FrameDecoder decoder = decoderWithSpare(std::move(spare));
    const QByteArray message = decodeOne(&decoder, payload, 100'000);
    QVERIFY(message == payload);
    QVERIFY(message.constData() != memory);
    QVERIFY(message.capacity() <= 2 * size + MostUnused);
    QVERIFY(decoder.hasSpare());
}

// Someone has a copy of it, taken after it was found to be nobody's.
void tst_FrameCodec::spareThatIsSharedStaysAsItIs()
{
    const QByteArray kept(3 * MiB, 'k');
    FrameDecoder decoder = decoderWithSpare(kept);
    const QByteArray payload = patterned(3 * MiB);
    const QByteArray message = decodeOne(&decoder, payload, 200'000);
    QVERIFY(message == payload);
    QVERIFY(message.constData() != kept.constData());
    QCOMPARE(kept.count('k'), kept.size());
}

void tst_FrameCodec::spareIsUsedOnce()
{
    FrameDecoder decoder = decoderWithSpare(QByteArray(3 * MiB, 's'));
    const QByteArray one = decodeOne(&decoder, patterned(3 * MiB), 200'000);
    const QByteArray two = decodeOne(&decoder, patterned(3 * MiB - 1), 200'000);
    QVERIFY(one.constData() != two.constData());
    QVERIFY(one == patterned(3 * MiB));
    QVERIFY(two == patterned(3 * MiB - 1));
}

void tst_FrameCodec::resetDropsTheSpare()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    const qint64 before = liveBytes();
    FrameDecoder decoder = decoderWithSpare(QByteArray(8 * MiB, 's'));
    QVERIFY(liveBytes() - before >= 8 * MiB);
    decoder.reset();
    QVERIFY(!decoder.hasSpare());
    QVERIFY(liveBytes() - before < MiB);
}

// Of whatever size the memory is in which it came.
void tst_FrameCodec::keptMessagesHoldLittleMore()
{
    FrameDecoder decoder = decoderWithSpare({});
    const QByteArray stream = frame(patterned(200'000)) + frame("small") + frame("")
                              + frame(patterned(1000)) + frame(patterned(90'000))
                              + frame(patterned(40'000)) + frame(patterned(2000)) + frame("x");
    decoder.setInput(stream.constData(), stream.size());
    QByteArray message; // what it held before may serve the next one, if it fits
    int count = 0;
    for (; decoder.next(&message) == Result::Message; ++count)
        QVERIFY(message.capacity() <= 2 * message.size() + MostUnused);
    QCOMPARE(count, 8);
    for (const qsizetype size : { qsizetype(5), 500'000 * qsizetype(1), 3 * MiB, 2 * MiB, MiB }) {
        QByteArray large = patterned(4 * MiB);
        decoder.setSpare(std::move(large));
        const QByteArray kept = decodeOne(&decoder, patterned(size), 60'000);
        QCOMPARE(kept.size(), size);
        QVERIFY(kept.capacity() <= 2 * size + MostUnused);
    }
}

// What a connection does with messages that are kept or not, of all sizes.
void tst_FrameCodec::sparesAtRandom()
{
    std::mt19937 random(11);
    FrameDecoder decoder = decoderWithSpare({});
    QList<QByteArray> kept;
    for (int i = 0; i < 60; ++i) {
        const qsizetype size = random() % 3 == 0 ? qsizetype(random() % 1000)
                                                 : MiB + qsizetype(random() % (2 * MiB));
        const QByteArray payload = patterned(size);
        QByteArray message = decodeOne(&decoder, payload, 1 + qsizetype(random() % 300'000));
        QVERIFY(message == payload);
        QVERIFY(message.capacity() <= 2 * size + MostUnused);
        if (random() % 3 == 0)
            kept.append(message);
        else if (size > MiB)
            decoder.setSpare(std::move(message));
        for (const QByteArray &old : std::as_const(kept))
            QVERIFY(old == patterned(old.size()));
        if (kept.size() > 4)
            kept.removeFirst();
    }
}
