// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FRAMECODEC_P_H
#define FRAMECODEC_P_H

#include <QtCore/qbytearray.h>
#include <QtCore/qendian.h>

#include <utility>

// Bytes <-> messages. No object, no socket, no time.
namespace FrameCodec {

constexpr qsizetype HeaderSize = 4;

inline void writeHeader(char *out, qsizetype payloadSize) // HeaderSize bytes
{
    qToBigEndian(quint32(payloadSize), out);
}
QByteArray encode(const QByteArray &payload);

} // namespace FrameCodec

class FrameDecoder
{
public:
    enum class Result { Incomplete, Message, TooLarge };
    struct Room
    {
        char *data = nullptr;
        qsizetype size = 0;
    };

    void setMaximumMessageSize(qint64 bytes) { m_maximum = bytes; }
    void reset();

    void setInput(const char *data, qsizetype size);
    Result next(QByteArray *message);
    void keepInput();

    // The memory of a message of SpareSize or more that nobody kept, for the next one.
    static constexpr qsizetype SpareSize = 1024 * 1024;
    void setSpare(QByteArray spare) { m_spare = std::move(spare); }
    bool hasSpare() const { return !m_spare.isEmpty(); }

    bool hasPayloadRoom() const;
    Room payloadRoom(qsizetype waiting = 0);
    void payloadArrived(qsizetype bytes) { m_arrived += bytes; }

    bool hasMessage() const;
    bool isFailed() const { return m_state == State::Failed; }
    bool isMidFrame() const { return m_state == State::Payload || m_headerSize > 0; }
    qsizetype expectedBytes() const { return m_expected; }
    qsizetype arrivedBytes() const { return m_arrived; }
    qsizetype unreadBytes() const { return m_inputSize + m_arrived; }
    qsizetype headerBytes() const { return m_headerSize; }
    QByteArray header() const { return QByteArray(m_header, m_headerSize); }

private:
    enum class State { Header, Payload, Failed };

    bool takeWhole(QByteArray *message);
    bool readHeader();
    bool readPayload(QByteArray *message);
    void makePayloadRoom(qsizetype arrived);
    void makeKeptRoom(qsizetype more);
    void consume(qsizetype bytes);

    State m_state = State::Header;
    qint64 m_maximum = 0;
    char m_header[FrameCodec::HeaderSize] = {};
    qsizetype m_headerSize = 0;
    qsizetype m_expected = 0;
    qsizetype m_arrived = 0;
    QByteArray m_spare;
    QByteArray m_partial; // its first m_arrived bytes are payload, the rest is room
    const char *m_input = nullptr;
    qsizetype m_inputSize = 0;
    bool m_borrowed = false; // m_input is the caller's memory, not m_kept's
    QByteArray m_kept;
};

#endif // FRAMECODEC_P_H
