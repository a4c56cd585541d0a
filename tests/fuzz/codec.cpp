// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/nativememory_p.h>

#include <memoryinuse.h>

#include "input.h"
#include "parser.h"
#include "require.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

/*
    An input:

        +------+-------+--------+-----------------+-----------------------+
        | mode | spare | splits | splits x length | stream, to its end    |
        +------+-------+--------+-----------------+-----------------------+

    mode    low half: which maximumMessageSize; high half: see Mode
    spare   bits 0 and 1: how large a spare is set, 2 to 5: before which inputs; 6 and 7, both set:
            long runs, long streams
    splits  how many lengths follow; they are used in turn, again and again
    stream  the bytes on the wire, but 0xff and a number from 1 on is a long run (see Runs)
*/
namespace {

constexpr qint64 KiB = 1024;
constexpr qint64 MiB = 1024 * KiB;
constexpr qint64 Maxima[] = {
    0,    1,      5,      63,      64,      255,      256,     1000,
    4096, 65'535, 65'536, 131'072, 4 * MiB, 16 * MiB, 1 << 30, 0x7fff'fffb
};
constexpr qsizetype Runs[] = { 255,    256,    1000,    4096,    16'384,  65'530,    65'536,
                               65'540, 70'000, 100'000, MiB - 1, MiB + 1, MiB + 9999 };
constexpr qsizetype LongestRun = MiB + 9999;
constexpr qsizetype Spares[] = { 0, MiB, MiB + 9999, 2 * MiB };
// Memory of megabytes costs milliseconds in page faults, so most inputs get none.
struct Lengths
{
    size_t runs;      // how many of Runs there are
    qsizetype stream; // or one run more
};
constexpr Lengths Usual{ 5, 192 * KiB };
constexpr Lengths Long{ std::size(Runs), 3 * MiB / 2 };

// What is left then comes in one: an input is to take milliseconds.
constexpr int MostFeeds = 300;
constexpr int Everything = 1 << 30;
constexpr qint64 MostWaited = 4 * MiB;
constexpr int MostSpares = 2;

enum Mode { Direct = 0x10, Lagging = 0x20, Keeping = 0x40, SetSpares = 0x80 };

using Result = FrameDecoder::Result;
using Stream = std::vector<char>;

Stream patterned(qsizetype size)
{
    Stream bytes(static_cast<size_t>(size));
    for (qsizetype i = 0; i < size; ++i)
        bytes[size_t(i)] = char(i * 7 + i / 251);
    return bytes;
}

void expand(Input *input, Lengths lengths, Stream *stream)
{
    static const Stream pattern = patterned(LongestRun + 256);
    stream->clear();
    while (!input->isAtEnd() && qsizetype(stream->size()) < lengths.stream) {
        const uint8_t byte = input->byte();
        const uint8_t run = byte == 0xff ? input->byte() : uint8_t(0);
        if (run == 0) {
            stream->push_back(char(byte));
            continue;
        }
        const qsizetype length = Runs[(run - 1) % lengths.runs];
        stream->insert(stream->end(), pattern.begin() + run, pattern.begin() + run + length);
    }
}

// A decoder that is fed a stream in pieces and compared with what the stream means.
class Subject
{
public:
    Subject(const Stream &stream, qint64 maximum, int mode)
        : m_stream(stream)
        , m_mode(mode)
    {
        parseOn(&m_parsed, stream.data(), qsizetype(stream.size()), maximum);
        m_atStart = liveBytes();
        m_decoder.setMaximumMessageSize(maximum);
    }

    bool isFed() const { return m_fed == qsizetype(m_stream.size()); }

    void feed(qsizetype most, int takes)
    {
        const qsizetype left = std::min(most, qsizetype(m_stream.size()) - m_fed);
        const char *const bytes = m_stream.data() + m_fed;
        const FrameDecoder::Room room = m_mode & Direct ? m_decoder.payloadRoom() : noRoom;
        if (room.size > 0) {
            const qsizetype taken = std::min(left, room.size);
            std::memcpy(room.data, bytes, size_t(taken));
            m_decoder.payloadArrived(taken);
            m_fed += taken;
            take(takes);
            m_decoder.keepInput();
        } else if (left == qsizetype(m_stream.size())) {
            m_decoder.setInput(bytes, left);
            m_fed = left;
            take(takes);
            m_decoder.keepInput();
        } else {
            // of just this size and gone afterwards, so that a sanitizer sees who reads beyond
            const std::unique_ptr<char[]> borrowed(new char[size_t(left)]);
            if (left > 0)
                std::memcpy(borrowed.get(), bytes, size_t(left));
            m_decoder.setInput(borrowed.get(), left);
            m_fed += left;
            take(takes);
            m_decoder.keepInput();
        }
        checkMemory();
    }

    void take(int most)
    {
        m_mostUnread = m_fed - m_read;
        m_waited += m_mostUnread;
        if (m_waited > MostWaited)
            most = Everything; // what waits is copied with each input
        while (most-- > 0 && takeOne()) {
        }
    }

    void setSpare(qsizetype size) { m_decoder.setSpare(QByteArray(size, 's')); }

    // All has been given: what is left to say?
    void checkEnd()
    {
        while (takeOne()) {
        }
        require(m_count == m_parsed.messages.size(), "every message is delivered");
        const bool tooLarge = m_parsed.end == Parsed::End::TooLarge;
        const qsizetype tail = qsizetype(m_stream.size()) - m_parsed.frameAt;
        const qsizetype inHeader = std::min<qsizetype>(tail, FrameCodec::HeaderSize);
        require(m_decoder.isFailed() == tooLarge, "a length over the limit is refused, no other");
        require(m_decoder.headerBytes() == inHeader, "the bytes of the header are counted");
        require(inHeader == 0
                        || std::memcmp(m_decoder.header().constData(),
                                       m_stream.data() + m_parsed.frameAt, size_t(inHeader))
                                   == 0,
                "the header is kept as it came");
        if (tooLarge)
            return;
        require(m_decoder.isMidFrame() == (tail > 0), "a cut frame is told");
        require(m_decoder.arrivedBytes() == tail - inHeader,
                "the bytes of the payload are counted");
        require(m_parsed.end != Parsed::End::InPayload
                        || m_decoder.expectedBytes() == m_parsed.announced,
                "the announced length is told");
        checkKept();
    }

    // After a fault or in the middle of a frame: as a new one.
    void checkReset()
    {
        m_decoder.reset();
        const char empty[FrameCodec::HeaderSize] = {};
        QByteArray message("before");
        m_decoder.setInput(empty, sizeof empty);
        require(m_decoder.next(&message) == Result::Message && message.isEmpty(),
                "after reset() it decodes again");
        require(!m_decoder.isMidFrame() && !m_decoder.isFailed(), "reset() forgets");
    }

private:
    struct Kept
    {
        QByteArray message;
        size_t number;
    };
    static constexpr FrameDecoder::Room noRoom{};
    static constexpr size_t MostKept = 4;

    bool takeOne()
    {
        const bool announced = m_decoder.hasMessage();
        const Result result = m_decoder.next(&m_message);
        require(announced == (result != Result::Incomplete), "hasMessage() foretells next()");
        if (result == Result::TooLarge)
            require(m_count == m_parsed.messages.size(), "a refusal comes in its place");
        if (result != Result::Message)
            return false;
        require(m_count < m_parsed.messages.size(), "no message is invented");
        checkMessage(m_message, m_count);
        const Parsed::Message &whole = m_parsed.messages[m_count];
        m_read = whole.at + whole.size;
        require(m_read <= m_fed, "no message comes before its bytes");
        dispose(m_count++);
        return true;
    }

    void checkMessage(const QByteArray &message, size_t number) const
    {
        const Parsed::Message &expected = m_parsed.messages[number];
        require(message.size() == expected.size, "a message has its size");
        require(expected.size == 0
                        || std::memcmp(message.constData(), m_stream.data() + expected.at,
                                       size_t(expected.size))
                                   == 0,
                "a message has its bytes");
    }

    // As a connection does: kept by someone, the next spare, or the memory of the next message.
    void dispose(size_t number)
    {
        if (m_mode & Keeping && number % 3 != 0) {
            m_kept[number % MostKept] = { m_message, number };
        } else if (m_mode & SetSpares && m_message.capacity() > FrameDecoder::SpareSize) {
            m_decoder.setSpare(std::move(m_message));
            m_message = QByteArray();
        }
    }

    void checkKept() const
    {
        for (const Kept &kept : m_kept) {
            if (!kept.message.isNull())
                checkMessage(kept.message, kept.number);
        }
    }

    /*
        What may be held: what arrived and was not taken, and 64 KiB; once SpareSize of a frame is
        there also address space ahead (see NativeMemory).
    */
    void checkMemory() const
    {
        if (m_mode & (Keeping | SetSpares) || m_atStart < 0)
            return;
        const qint64 held = liveBytes() - m_atStart - m_message.capacity();
        const qint64 ahead = m_decoder.arrivedBytes() < FrameDecoder::SpareSize
                                     ? 64 * KiB
                                     : (NativeMemory::GrowthFactor - 1) * m_mostUnread + 64 * KiB;
        require(held <= m_mostUnread + ahead + Overhead, "memory is bounded by what arrived");
    }
    static constexpr qint64 Overhead = 512; // headers of arrays

    const Stream &m_stream;
    const int m_mode;
    qint64 m_atStart = 0;
    Parsed m_parsed;
    FrameDecoder m_decoder;
    QByteArray m_message;
    Kept m_kept[MostKept] = {};
    size_t m_count = 0;
    qsizetype m_fed = 0;
    qsizetype m_read = 0; // the end of the last message, in the stream
    qint64 m_mostUnread = 0;
    qint64 m_waited = 0;
};

qsizetype lengthOf(uint8_t split)
{
    return split < 200 ? split : (split - 199) * qsizetype(4093);
}

void feedInPieces(const Stream &stream, qint64 maximum, int mode, int spare,
                  const QByteArray &splits)
{
    Subject subject(stream, maximum, mode);
    const bool moves = std::any_of(splits.begin(), splits.end(), [](char c) { return c != 0; });
    int spares = 0;
    for (int feeds = 0; !subject.isFed(); ++feeds) {
        const bool whole = !moves || feeds > MostFeeds;
        const uint8_t split = whole ? uint8_t(0) : uint8_t(splits.at(feeds % splits.size()));
        if (mode & SetSpares && spare / 64 == 3 && feeds % (1 + spare / 4 % 16) == 0
            && spares++ < MostSpares)
            subject.setSpare(Spares[spare % 4]);
        const int takes = mode & Lagging ? split % 4 : Everything;
        subject.feed(whole ? Everything : lengthOf(split), takes);
    }
    subject.checkEnd();
    subject.checkReset();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input input(data, size);
    const int mode = input.byte();
    const int spare = input.byte();
    const QByteArray splits = input.bytes(input.byte());
    const qint64 maximum = Maxima[mode % 16];
    static Stream stream; // its memory serves all inputs
    expand(&input, spare / 64 == 3 ? Long : Usual, &stream);
    feedInPieces(stream, maximum, 0, 0, {}); // all at once
    feedInPieces(stream, maximum, mode, spare, splits);
    return 0;
}
