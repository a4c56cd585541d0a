// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvsocketoptions.h>
#include <gruvsocks/nativememory_p.h>

#include <memoryinuse.h>
#include <rawpeer.h>
#include <sanitized.h>

#include "tst_framecodec.h"

#include <algorithm>
#include <cstring>

using RawPeer::frame;
using RawPeer::header;
using Result = FrameDecoder::Result;

constexpr qint64 Largest = GruvSocketOptions::LargestMessageSize;
constexpr qint64 Large = 1024 * 1024; // from here on memory is reserved ahead

void tst_FrameCodec::memoryFollowsWhatArrived()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    constexpr qint64 Overhead = 4096;
    const QByteArray chunk(1000, 'c');
    const QByteArray begin = header(quint32(Largest)) + "0123456789";
    QByteArray message;
    const qint64 before = liveBytes();
    FrameDecoder decoder;
    decoder.setMaximumMessageSize(Largest);
    decoder.setInput(begin.constData(), begin.size());
    QCOMPARE(decoder.next(&message), Result::Incomplete);
    decoder.keepInput();
    QVERIFY(liveBytes() - before <= Overhead);
    for (qint64 arrived = 10; arrived < 12'000'000; arrived += chunk.size()) {
        const qint64 factor = arrived < Large ? 2 : NativeMemory::GrowthFactor;
        const qint64 grown = liveBytes() - before;
        QVERIFY2(grown <= factor * arrived + Overhead,
                 qPrintable(QStringLiteral("%1 bytes for %2").arg(grown).arg(arrived)));
        decoder.setInput(chunk.constData(), chunk.size());
        QCOMPARE(decoder.next(&message), Result::Incomplete);
        decoder.keepInput();
    }
    decoder.reset();
    QVERIFY(liveBytes() - before <= Overhead);
}

// What is reserved ahead of a large message takes address space, no memory.
void tst_FrameCodec::memoryAheadIsNotTouched()
{
    if (residentBytes() < 0)
        QSKIP("the system does not tell how much memory the process has");
    if (IsSanitized)
        QSKIP("a sanitizer keeps freed memory for a while");
    constexpr qint64 Overhead = 12 * 1024 * 1024; // a huge page, freed blocks the allocator keeps
    const QByteArray chunk(50'000, 'c');
    const QByteArray begin = header(quint32(Largest));
    QByteArray message;
    FrameDecoder decoder;
    decoder.setMaximumMessageSize(Largest);
    const qint64 before = residentBytes();
    decoder.setInput(begin.constData(), begin.size());
    for (qint64 arrived = 0; arrived < 40'000'000; arrived += chunk.size()) {
        QCOMPARE(decoder.next(&message), Result::Incomplete);
        const qint64 grown = residentBytes() - before;
        QVERIFY2(grown <= 5 * arrived / 4 + Overhead,
                 qPrintable(QStringLiteral("%1 bytes for %2").arg(grown).arg(arrived)));
        decoder.setInput(chunk.constData(), chunk.size());
    }
}

void tst_FrameCodec::memoryOfDirectReads()
{
    const QByteArray begin = header(quint32(Largest)) + QByteArray(70'000, 'b');
    FrameDecoder decoder;
    decoder.setMaximumMessageSize(Largest);
    decoder.setInput(begin.constData(), begin.size());
    QByteArray message;
    QCOMPARE(decoder.next(&message), Result::Incomplete);
    while (decoder.arrivedBytes() < 12'000'000) {
        const FrameDecoder::Room room = decoder.payloadRoom();
        QVERIFY(room.size > 0);
        const qint64 factor = decoder.arrivedBytes() < Large ? 2 : NativeMemory::GrowthFactor;
        QVERIFY(room.size <= (factor - 1) * decoder.arrivedBytes());
        const qsizetype taken = std::min<qsizetype>(room.size, 50'000);
        std::memset(room.data, 'd', size_t(taken));
        decoder.payloadArrived(taken);
        QCOMPARE(decoder.next(&message), Result::Incomplete);
    }
}

// Messages were left for later; with the last of them the memory they waited in is free.
void tst_FrameCodec::keptInputGoesWithItsLastMessage()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    QByteArray stream = frame(QByteArray(100, 'm')).repeated(2000);
    FrameDecoder decoder;
    decoder.setMaximumMessageSize(Largest);
    QByteArray message;
    const qint64 before = liveBytes();
    decoder.setInput(stream.constData(), stream.size());
    QCOMPARE(decoder.next(&message), Result::Message);
    decoder.keepInput();
    QVERIFY(liveBytes() - before > stream.size() / 2);
    while (decoder.next(&message) == Result::Message) {
    }
    decoder.keepInput();
    QVERIFY2(liveBytes() - before < 4096, QByteArray::number(liveBytes() - before).constData());
}
