// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SPLITDECODER_H
#define SPLITDECODER_H

#include <gruvsocks/framecodec_p.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>

#include <reference.h>

#include <algorithm>
#include <climits>
#include <cstring>

// A stream and what it means; decodes() tells whether a decoder that gets it in pieces says so too.
class SplitDecoder
{
public:
    SplitDecoder(const QByteArray &stream, qint64 maximum)
        : m_stream(stream)
        , m_maximum(maximum)
        , m_expected(Reference::decode(stream, maximum))
    {
        m_tail = stream.size();
        for (const QByteArray &message : m_expected.messages)
            m_tail -= 4 + message.size();
        m_memory.resize(stream.size());
    }

    // nextSize tells the size of each piece, nextTakes how many messages are taken after it.
    template<typename NextSize, typename NextTakes>
    bool decodes(NextSize nextSize, NextTakes nextTakes)
    {
        m_decoder.reset();
        m_decoder.setMaximumMessageSize(m_maximum);
        m_count = 0;
        m_agrees = true;
        for (qsizetype at = 0; at < m_stream.size();) {
            at += give(at, std::min<qsizetype>(nextSize(), m_stream.size() - at));
            take(nextTakes());
            m_decoder.keepInput();
            std::memset(m_memory.data(), 0xaa, size_t(m_given)); // it was only borrowed
        }
        take(INT_MAX);
        return m_agrees && endsAsExpected();
    }

    qsizetype directBytes() const { return m_directBytes; }
    bool isTooLarge() const { return m_expected.isTooLarge; }

private:
    qsizetype give(qsizetype at, qsizetype size)
    {
        const FrameDecoder::Room room = m_decoder.payloadRoom();
        m_given = room.size > 0 ? std::min(size, room.size) : size;
        char *const to = room.size > 0 ? room.data : m_memory.data();
        std::memcpy(to, m_stream.constData() + at, size_t(m_given));
        if (room.size > 0) {
            m_decoder.payloadArrived(m_given);
            m_directBytes += m_given;
        } else {
            m_decoder.setInput(m_memory.constData(), m_given);
        }
        return m_given;
    }

    void take(int most)
    {
        using Result = FrameDecoder::Result;
        for (int i = 0; i < most && m_agrees; ++i) {
            const bool announced = m_decoder.hasMessage();
            const Result result = m_decoder.next(&m_message);
            m_agrees = announced == (result != Result::Incomplete);
            if (result == Result::TooLarge)
                m_agrees = m_agrees && m_count == m_expected.messages.size();
            if (result != Result::Message)
                return;
            m_agrees = m_agrees && m_count < m_expected.messages.size()
                       && m_message == m_expected.messages.at(m_count);
            ++m_count;
        }
    }

    bool endsAsExpected() const
    {
        const qsizetype inHeader = std::min<qsizetype>(m_tail, FrameCodec::HeaderSize);
        const bool same = m_count == m_expected.messages.size()
                          && m_decoder.isFailed() == m_expected.isTooLarge
                          && m_decoder.headerBytes() == inHeader
                          && m_decoder.header() == m_stream.right(m_tail).left(inHeader);
        return same
               && (m_expected.isTooLarge
                   || (m_decoder.isMidFrame() == (m_tail > 0)
                       && m_decoder.arrivedBytes() == m_tail - inHeader));
    }

    const QByteArray m_stream;
    const qint64 m_maximum;
    const Reference::Decoded m_expected;
    qsizetype m_tail = 0; // bytes behind the last whole frame
    QByteArray m_memory;
    FrameDecoder m_decoder;
    QByteArray m_message;
    qsizetype m_count = 0;
    qsizetype m_given = 0;
    qsizetype m_directBytes = 0;
    bool m_agrees = true;
};

#endif // SPLITDECODER_H
