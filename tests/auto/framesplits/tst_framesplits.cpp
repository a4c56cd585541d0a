// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <QtTest/qtest.h>

#include <rawpeer.h>
#include <sanitized.h>

#include "splitdecoder.h"

#include <random>

using RawPeer::frame;
using RawPeer::header;

namespace {

// A sanitizer makes each step ten to fifty times slower: fewer and shorter there.
constexpr qsizetype LongestStream = IsSanitized ? 12 : 16;
constexpr int RandomPairs = IsSanitized ? 40'000 : 1'000'000;
constexpr unsigned Seed = 20'261'124;
constexpr qint64 SmallMaximum = 5;
constexpr qsizetype LargeMaximum = 200'000; // some of these are read directly

// Of every kind of end a stream can have: none, inside a header or a payload, a refused length.
QList<QByteArray> ends()
{
    QList<QByteArray> ends{ "" };
    const QByteArray cut = frame("cut!");
    for (qsizetype size = 1; size < cut.size(); ++size)
        ends.append(cut.left(size));
    for (const quint32 refused : { 6u, 256u, 0x7fff'ffffu, 0x8000'0000u, 0xffff'ffffu }) {
        ends.append(header(refused));
        ends.append(header(refused) + "xyz");
    }
    return ends;
}

// All sequences of these frames, each followed by each of the ends, that are long enough at most.
void appendStreams(const QByteArray &begin, QList<QByteArray> *streams)
{
    static const QList<QByteArray> frames{ frame(""), frame("a"), frame(QByteArray(2, '\0')),
                                           frame("hello") };
    static const QList<QByteArray> allEnds = ends();
    for (const QByteArray &end : allEnds) {
        if (begin.size() + end.size() <= LongestStream)
            streams->append(begin + end);
    }
    for (const QByteArray &next : frames) {
        if (begin.size() + next.size() <= LongestStream)
            appendStreams(begin + next, streams);
    }
}

// Short ones; now and then one that is read directly, a length over the limit, a cut end.
QByteArray randomStream(std::mt19937 *random)
{
    constexpr unsigned Sizes[] = { 1, 2, 6, 20, 70, 300 };
    QByteArray stream;
    for (auto frames = (*random)() % 6; frames > 0; --frames) {
        const unsigned kind = unsigned((*random)());
        if (kind % 50 == 0)
            stream += header(quint32(LargeMaximum) + 1 + kind / 50);
        const qsizetype size = kind % 8000 == 1 ? 130'000 + qsizetype(kind / 8000 % 70'000)
                                                : qsizetype(kind / 64 % Sizes[kind % 6]);
        stream += frame(QByteArray(size, char(kind >> 8)));
    }
    if ((*random)() % 4 == 0)
        stream.chop(qsizetype((*random)() % 12));
    return stream;
}

} // namespace

// However a stream is cut into pieces, a decoder says the same.
class tst_FrameSplits : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everySplitOfShortStreams();
    void randomSplits();
};

/*
    Between any two bytes of a stream is a cut or none: a stream of n bytes is split in all
    2^(n - 1) ways. The streams are all of appendStreams() up to LongestStream bytes.
*/
void tst_FrameSplits::everySplitOfShortStreams()
{
    QList<QByteArray> streams;
    appendStreams({}, &streams);
    qint64 splits = 0;
    for (const QByteArray &stream : std::as_const(streams)) {
        SplitDecoder subject(stream, SmallMaximum);
        const quint32 ways = stream.isEmpty() ? 1u : 1u << (stream.size() - 1);
        for (quint32 cuts = 0; cuts < ways; ++cuts) {
            quint32 left = cuts | ways; // bit i: a cut behind byte i
            const auto nextSize = [&left] {
                const int size = qCountTrailingZeroBits(left) + 1;
                left >>= size;
                return size;
            };
            if (!subject.decodes(nextSize, [] { return INT_MAX; }))
                QFAIL(qPrintable(QStringLiteral("stream %1, cuts %2")
                                         .arg(QLatin1String(stream.toHex(' ')))
                                         .arg(cuts, 0, 2)));
        }
        splits += ways;
    }
    qInfo("%lld streams, %lld splits", qint64(streams.size()), splits);
    QVERIFY(splits > (LongestStream == 16 ? 1'000'000 : 10'000)); // they are what they should be
}

void tst_FrameSplits::randomSplits()
{
    bool isGiven = false;
    const unsigned given = unsigned(qEnvironmentVariableIntValue("GRUVSOCKS_TEST_SEED", &isGiven));
    const unsigned seed = isGiven ? given : Seed;
    qInfo("GRUVSOCKS_TEST_SEED=%u", seed);
    std::mt19937 random(seed);
    qsizetype directBytes = 0;
    int tooLarge = 0;
    for (int pair = 0; pair < RandomPairs; ++pair) {
        SplitDecoder subject(randomStream(&random), LargeMaximum);
        constexpr unsigned Steps[] = { 1, 3, 9, 100, 70'000 };
        const unsigned most = Steps[random() % 5];
        const bool lags = random() % 3 == 0; // as read() does
        const auto nextSize = [&] { return 1 + random() % most; };
        const auto nextTakes = [&] { return lags ? int(random() % 3) : INT_MAX; };
        if (!subject.decodes(nextSize, nextTakes))
            QFAIL(qPrintable(QStringLiteral("pair %1 of seed %2").arg(pair).arg(seed)));
        directBytes += subject.directBytes();
        tooLarge += int(subject.isTooLarge());
    }
    QVERIFY(directBytes > RandomPairs); // the streams do go where they should
    QVERIFY(tooLarge > RandomPairs / 100);
}

QTEST_APPLESS_MAIN(tst_FrameSplits)
#include "tst_framesplits.moc"
