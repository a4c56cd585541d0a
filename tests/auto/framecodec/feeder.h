// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FEEDER_H
#define FEEDER_H

#include <gruvsocks/framecodec_p.h>

#include <QtCore/qlist.h>

#include <algorithm>
#include <cstring>

// Feeds a decoder as a connection does: inputs are borrowed memory that is used again afterwards.
class Feeder
{
public:
    explicit Feeder(qint64 maximum = 64 * 1024 * 1024) { decoder.setMaximumMessageSize(maximum); }

    void feed(const QByteArray &bytes)
    {
        give(bytes);
        drain();
        spoil();
    }

    void give(const QByteArray &bytes)
    {
        m_memory = QByteArray(bytes.constData(), bytes.size());
        decoder.setInput(m_memory.constData(), m_memory.size());
    }

    void spoil()
    {
        decoder.keepInput();
        m_memory.fill('\xaa');
    }

    void drain()
    {
        while (takeOne() == FrameDecoder::Result::Message) {
        }
    }

    FrameDecoder::Result takeOne()
    {
        const bool announced = decoder.hasMessage();
        const FrameDecoder::Result result = decoder.next(&m_message);
        agrees = agrees && announced == (result != FrameDecoder::Result::Incomplete);
        if (result == FrameDecoder::Result::Message)
            messages.append(QByteArray(m_message.constData(), m_message.size()));
        return result;
    }

    // Gives the next bytes of stream, most at most, by the way a connection takes; returns how
    // many.
    qsizetype advance(const QByteArray &stream, qsizetype at, qsizetype most)
    {
        const qsizetype left = std::min(most, stream.size() - at);
        const FrameDecoder::Room room = decoder.payloadRoom();
        if (room.size == 0) {
            give(stream.mid(at, left));
            return left;
        }
        const qsizetype taken = std::min(left, room.size);
        std::memcpy(room.data, stream.constData() + at, size_t(taken));
        decoder.payloadArrived(taken);
        directBytes += taken;
        return taken;
    }

    FrameDecoder decoder;
    QList<QByteArray> messages;
    bool agrees = true; // hasMessage() always foretold next()
    qsizetype directBytes = 0;

private:
    QByteArray m_memory;
    QByteArray m_message;
};

#endif // FEEDER_H
