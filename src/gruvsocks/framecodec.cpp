// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/nativememory_p.h>

#include <QtCore/qendian.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace {

// A payload with this much arrived and this much missing is read straight into its message; else
// it passes the receive buffer, where the next frames can arrive with the same system call.
constexpr qsizetype DirectReadSize = 64 * 1024;
// The room ahead of what arrived: as much again, within these. An allocator that rounds up to whole
// pages stays within 64 KiB.
constexpr qsizetype SmallestRoom = 1024;
constexpr qsizetype LargestRoom = 56 * 1024;
// With so much arrived it may reserve more, though not use it (see NativeMemory), or take the
// spare.
constexpr qsizetype LargeSize = FrameDecoder::SpareSize;

// What a message may hold beside itself: whoever keeps it keeps that too.
constexpr qsizetype MostUnused = 1024;

/*
    A reader of another thread may have been the last to give the memory back. QByteArray reads its
    count relaxed (Qt 6.4), so what that thread read is ordered before our writing here.
    ThreadSanitizer knows no fences: under it nothing is used again.
*/
bool isOurs(const QByteArray &memory)
{
#if defined(__SANITIZE_THREAD__)
    return memory.isNull();
#else
    const bool isDetached = memory.isDetached();
    std::atomic_thread_fence(std::memory_order_acquire);
    return isDetached;
#endif
}

bool fits(const QByteArray &memory, qsizetype size)
{
    const qsizetype capacity = memory.capacity();
    return capacity >= size && capacity <= 2 * size + MostUnused && isOurs(memory);
}

void assignReusing(QByteArray *message, const char *data, qsizetype size)
{
    if (!fits(*message, size)) {
        *message = QByteArray(data, size);
        return;
    }
    message->resize(size);
    std::memcpy(message->data(), data, size_t(size));
}

} // namespace

QByteArray FrameCodec::encode(const QByteArray &payload)
{
    QByteArray frame(HeaderSize + payload.size(), Qt::Uninitialized);
    writeHeader(frame.data(), payload.size());
    std::copy(payload.cbegin(), payload.cend(), frame.begin() + HeaderSize);
    return frame;
}

/*
    One frame:

        +----------------+----------------------+
        | length: u32 BE | payload: length bytes|
        +----------------+----------------------+

    The decoder is given what arrived with setInput() and cuts messages from it in place with
    next(). The input is borrowed: before the memory is used for something else, keepInput() copies
    what next() has not read. After Incomplete nothing is left to copy, for the beginning of an
    unfinished frame already lies in m_header and m_partial; so each byte is moved once, however
    the stream was split.

    A large payload can be read without the detour: payloadRoom() is where its next bytes belong,
    payloadArrived() tells how many came. m_partial grows with what arrived, which includes what
    waits in the system, never with what the header announced (memory is bounded by what a peer
    really sent). By 56 KiB at a time without looking at what waits, messages of 1 MiB one way came
    at 3.2 k to 4.3 k a second, with it at 5.5 k, as many as by doubling (2 cores, Linux 6.18).

    A refused length latches: next() answers TooLarge until reset(), and header() still has it.
*/
void FrameDecoder::reset()
{
    const qint64 maximum = m_maximum;
    *this = FrameDecoder();
    m_maximum = maximum;
}

void FrameDecoder::setInput(const char *data, qsizetype size)
{
    m_borrowed = m_inputSize == 0;
    if (m_borrowed) {
        m_kept = QByteArray();
        m_input = data;
        m_inputSize = size;
        return;
    }
    makeKeptRoom(size);
    m_kept.append(data, size);
    m_inputSize += size;
}

// What is unread lies at the end of m_kept. It moves to another array once in so many bytes, not
// with each message that is taken.
void FrameDecoder::makeKeptRoom(qsizetype more)
{
    const qsizetype needed = m_inputSize + more;
    const qsizetype taken = m_kept.size() - m_inputSize;
    const bool isKept = taken >= 0 && m_input == m_kept.constData() + taken;
    if (isKept && taken + needed <= m_kept.capacity())
        return;
    QByteArray larger;
    larger.reserve(needed + std::min(needed, LargestRoom / 2)); // see keepInput()
    larger.append(m_input, m_inputSize);
    m_kept.swap(larger);
    m_input = m_kept.constData();
}

// Memory is given back, which moves what is unread, once in half the room.
void FrameDecoder::keepInput()
{
    if (!m_borrowed && m_inputSize > 0 && m_kept.capacity() - m_inputSize <= LargestRoom)
        return;
    m_kept = QByteArray(m_input, m_inputSize);
    m_input = m_kept.constData();
    m_borrowed = false;
}

FrameDecoder::Result FrameDecoder::next(QByteArray *message)
{
    if (takeWhole(message))
        return Result::Message;
    if (m_state == State::Header && !readHeader())
        return Result::Incomplete;
    if (m_state == State::Failed)
        return Result::TooLarge;
    return readPayload(message) ? Result::Message : Result::Incomplete;
}

// The usual case: a frame lies in the input from its first byte to its last.
bool FrameDecoder::takeWhole(QByteArray *message)
{
    if (m_state != State::Header || m_headerSize > 0 || m_inputSize < FrameCodec::HeaderSize)
        return false;
    const qint64 length = qFromBigEndian<quint32>(m_input);
    if (length > m_maximum || m_inputSize - FrameCodec::HeaderSize < length)
        return false;
    assignReusing(message, m_input + FrameCodec::HeaderSize, qsizetype(length));
    consume(FrameCodec::HeaderSize + qsizetype(length));
    return true;
}

bool FrameDecoder::readHeader()
{
    const qsizetype taken = std::min(m_inputSize, FrameCodec::HeaderSize - m_headerSize);
    if (taken > 0)
        std::memcpy(m_header + m_headerSize, m_input, size_t(taken));
    consume(taken);
    m_headerSize += taken;
    if (m_headerSize < FrameCodec::HeaderSize)
        return false;
    const quint32 length = qFromBigEndian<quint32>(m_header);
    if (qint64(length) > m_maximum) {
        m_state = State::Failed;
        return true;
    }
    m_expected = qsizetype(length);
    m_state = State::Payload;
    return true;
}

bool FrameDecoder::readPayload(QByteArray *message)
{
    if (m_arrived == 0 && m_inputSize >= m_expected) {
        assignReusing(message, m_input, m_expected);
        consume(m_expected);
    } else {
        const qsizetype taken = std::min(m_inputSize, m_expected - m_arrived);
        if (taken > 0) {
            if (m_arrived + taken > m_partial.size())
                makePayloadRoom(m_arrived + taken);
            std::memcpy(m_partial.data() + m_arrived, m_input, size_t(taken));
            consume(taken);
            m_arrived += taken;
        }
        if (m_arrived < m_expected)
            return false;
        *message = std::exchange(m_partial, QByteArray());
    }
    m_state = State::Header;
    m_headerSize = 0;
    m_arrived = 0;
    return true;
}

void FrameDecoder::makePayloadRoom(qsizetype arrived)
{
    if (arrived >= LargeSize && fits(m_spare, m_expected)) {
        std::memcpy(m_spare.data(), m_partial.constData(), size_t(m_arrived));
        m_partial = std::exchange(m_spare, QByteArray());
        m_partial.resize(m_expected);
        return;
    }
    const qsizetype ahead = std::clamp(arrived, SmallestRoom, LargestRoom);
    const qsizetype size = std::min(m_expected, arrived + ahead);
    if (m_arrived >= LargeSize) {
        NativeMemory::grow(&m_partial, m_arrived, size,
                           std::clamp(NativeMemory::GrowthFactor * arrived, size, m_expected));
        return;
    }
    m_partial.reserve(size);
    m_partial.resize(size);
}

void FrameDecoder::consume(qsizetype bytes)
{
    m_input += bytes;
    m_inputSize -= bytes;
}

bool FrameDecoder::hasPayloadRoom() const
{
    return m_state == State::Payload && m_inputSize == 0 && m_arrived >= DirectReadSize
           && m_expected - m_arrived >= DirectReadSize;
}

FrameDecoder::Room FrameDecoder::payloadRoom(qsizetype waiting)
{
    if (!hasPayloadRoom())
        return {};
    const qsizetype arrived = m_arrived + waiting;
    if (m_partial.size() < std::min(m_expected, arrived + LargestRoom))
        makePayloadRoom(arrived);
    return { m_partial.data() + m_arrived, m_partial.size() - m_arrived };
}

// Whether next() would answer Message or TooLarge.
bool FrameDecoder::hasMessage() const
{
    if (m_state == State::Failed)
        return true;
    if (m_state == State::Payload)
        return m_inputSize >= m_expected - m_arrived;
    if (m_headerSize + m_inputSize < FrameCodec::HeaderSize)
        return false;
    char header[FrameCodec::HeaderSize];
    std::memcpy(header, m_header, size_t(m_headerSize));
    const qsizetype rest = FrameCodec::HeaderSize - m_headerSize;
    if (rest > 0)
        std::memcpy(header + m_headerSize, m_input, size_t(rest));
    const qint64 length = qFromBigEndian<quint32>(header);
    return length > m_maximum || m_inputSize - rest >= length;
}
