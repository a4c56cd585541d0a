// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef OUTBOX_H
#define OUTBOX_H

#include <QtCore/qbytearray.h>

#include "require.h"

#include <algorithm>
#include <vector>

// What was accepted to be sent, and how much of it has reached the peer: all of it, in order.
class Outbox
{
public:
    // Before the call that sends, for a slot of it may send too.
    size_t expect(const QByteArray &payload)
    {
        m_frames.push_back({ payload, true });
        return m_frames.size() - 1;
    }
    void refused(size_t number) { m_frames[number].isAccepted = false; }

    // Not inside of a call that sends.
    void peerReceived(const QByteArray &bytes)
    {
        m_received += bytes.size();
        for (qsizetype at = 0; at < bytes.size();) {
            while (m_next < m_frames.size() && !m_frames[m_next].isAccepted)
                ++m_next;
            require(m_next < m_frames.size(), "the peer receives only what was accepted");
            const QByteArray frame = wireOf(m_frames[m_next].payload);
            const qsizetype size = std::min(frame.size() - m_offset, bytes.size() - at);
            require(bytes.mid(at, size) == frame.mid(m_offset, size),
                    "the peer receives what was accepted, in order");
            at += size;
            m_offset += size;
            if (m_offset == frame.size()) {
                ++m_next;
                m_offset = 0;
            }
        }
    }

    bool isBetweenFrames() const { return m_offset == 0; }
    bool hasAllArrived() const
    {
        return isBetweenFrames()
               && std::none_of(m_frames.begin() + qptrdiff(m_next), m_frames.end(),
                               [](const Frame &frame) { return frame.isAccepted; });
    }
    // The payloads themselves are here, and shared with the socket.
    qsizetype bytesUnderWay() const
    {
        qsizetype bytes = 0;
        for (const Frame &frame : m_frames)
            bytes += frame.isAccepted ? 4 + frame.payload.size() : 0;
        return bytes - m_received;
    }

private:
    struct Frame
    {
        QByteArray payload;
        bool isAccepted;
    };

    static QByteArray wireOf(const QByteArray &payload)
    {
        const quint32 size = quint32(payload.size());
        const char header[4] = { char(size >> 24), char(size >> 16), char(size >> 8), char(size) };
        return QByteArray(header, 4) + payload;
    }

    std::vector<Frame> m_frames;
    size_t m_next = 0;
    qsizetype m_offset = 0; // in the next frame
    qsizetype m_received = 0;
};

#endif // OUTBOX_H
