// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>

#include <QtTest/qtest.h>

#include <algorithm>

/*
    The codec alone, without a socket. Each row moves the same number of bytes whatever its message
    and chunk sizes are, so rows can be compared; "4 MiB" rows take four times as long as those of 1
    MiB when the codec is linear.
*/
class BenchFrameCodec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void encode_data();
    void encode();
    void decode_data();
    void decode();
};

namespace {

constexpr int KiB = 1024;
constexpr int MiB = 1024 * KiB;

// Frames of total bytes at least.
QByteArray framesOf(int messageSize, int total)
{
    const QByteArray frame = FrameCodec::encode(QByteArray(messageSize, 'm'));
    QByteArray frames;
    while (frames.size() < total)
        frames += frame;
    return frames;
}

// As a connection does it; returns how many messages came out.
int decodeInChunks(const QByteArray &frames, qsizetype chunk)
{
    FrameDecoder decoder;
    decoder.setMaximumMessageSize(16 * MiB);
    QByteArray message;
    int count = 0;
    for (qsizetype at = 0; at < frames.size(); at += chunk) {
        decoder.setInput(frames.constData() + at, std::min(chunk, frames.size() - at));
        while (decoder.next(&message) == FrameDecoder::Result::Message)
            ++count;
        decoder.keepInput();
    }
    return count;
}

} // namespace

void BenchFrameCodec::encode_data()
{
    QTest::addColumn<int>("size");
    QTest::newRow("64 B") << 64;
    QTest::newRow("1 KiB") << KiB;
    QTest::newRow("64 KiB") << 64 * KiB;
    QTest::newRow("1 MiB") << MiB;
}

void BenchFrameCodec::encode()
{
    QFETCH(int, size);
    const QByteArray message(size, 'm');
    const int count = MiB / size;
    qsizetype encoded = 0;
    QBENCHMARK
    {
        encoded = 0;
        for (int i = 0; i < count; ++i)
            encoded += FrameCodec::encode(message).size();
    }
    QCOMPARE(encoded, qsizetype(count) * (size + FrameCodec::HeaderSize));
}

void BenchFrameCodec::decode_data()
{
    QTest::addColumn<int>("total");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("chunk");
    for (const int size : { 64, KiB, 64 * KiB, MiB }) {
        for (const int chunk : { 1, 1448, 256 * KiB }) {
            for (const int total : { MiB, 4 * MiB })
                QTest::addRow("%d MiB of %d B by %d B", total / MiB, size, chunk)
                        << total << size << chunk;
        }
    }
}

void BenchFrameCodec::decode()
{
    QFETCH(int, total);
    QFETCH(int, size);
    QFETCH(int, chunk);
    const QByteArray frames = framesOf(size, total);
    int count = 0;
    QBENCHMARK
    {
        count = decodeInChunks(frames, chunk);
    }
    QCOMPARE(qsizetype(count) * (size + FrameCodec::HeaderSize), frames.size());
}

QTEST_APPLESS_MAIN(BenchFrameCodec)

#include "bench_framecodec.moc"
