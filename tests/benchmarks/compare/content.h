// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONTENT_H
#define CONTENT_H

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>

#include <algorithm>
#include <cstring>

/*
    What is sent, and how a receiver knows that it came: both ends make the same ring of messages
    from the same seed and go round it in step, so a wrong, lost, doubled or swapped message shows.
*/

// Every byte and its place count; four lanes, so that it costs little beside a memcpy.
inline quint64 contentHash(const char *data, qsizetype size)
{
    constexpr quint64 Factor = 0x9e3779b97f4a7c15;
    quint64 lanes[4] = { 1, 2, 3, 4 };
    qsizetype i = 0;
    for (; i + 32 <= size; i += 32) {
        quint64 words[4];
        std::memcpy(words, data + i, sizeof words);
        for (int lane = 0; lane < 4; ++lane)
            lanes[lane] = lanes[lane] * Factor + words[lane];
    }
    quint64 hash = quint64(size) + lanes[0] + 3 * lanes[1] + 5 * lanes[2] + 7 * lanes[3];
    for (; i < size; ++i)
        hash = hash * Factor + quint8(data[i]);
    return hash;
}

inline QByteArray contentDigest(const char *data, qsizetype size)
{
    const quint64 hash = contentHash(data, size);
    return QByteArray(reinterpret_cast<const char *>(&hash), sizeof hash);
}

class Ring
{
public:
    explicit Ring(qint64 size) // a power of two, 8 at least
    {
        const qint64 count = std::clamp<qint64>((4 << 20) / size, 1, 64);
        m_mask = count - 1;
        quint64 state = 20260101;
        for (int i = 0; i < count; ++i) {
            QByteArray message(size, Qt::Uninitialized);
            for (qint64 at = 0; at + 8 <= size; at += 8) {
                state = state * 6364136223846793005 + 1442695040888963407;
                std::memcpy(message.data() + at, &state, 8);
            }
            m_hashes.append(contentHash(message.constData(), size));
            m_messages.append(message);
        }
    }
    const QByteArray &at(qint64 index) const { return m_messages[index & m_mask]; }
    quint64 hashAt(qint64 index) const { return m_hashes[index & m_mask]; }

private:
    qint64 m_mask; // their number, a power of two, less one
    QList<QByteArray> m_messages;
    QList<quint64> m_hashes;
};

// Counts the messages of one connection and remembers whether all were right.
class Checker
{
public:
    // Of the messages themselves, or of their digests.
    explicit Checker(const Ring &ring, bool digests = false)
        : m_ring(&ring)
        , m_digests(digests)
    {}
    void take(const char *data, qsizetype size)
    {
        quint64 hash = 0;
        if (!m_digests)
            hash = contentHash(data, size);
        else if (size == sizeof hash)
            std::memcpy(&hash, data, sizeof hash);
        m_right = m_right && hash == m_ring->hashAt(m_count);
        ++m_count;
    }
    void take(const QByteArray &message) { take(message.constData(), message.size()); }
    qint64 count() const { return m_count; }
    bool isRight() const { return m_right; }

private:
    const Ring *m_ring;
    bool m_digests;
    qint64 m_count = 0;
    bool m_right = true;
};

// The message after the last one says how many there were. No work has messages of its size.
inline QByteArray endMarker(qint64 count)
{
    return QByteArray(reinterpret_cast<const char *>(&count), sizeof count);
}

inline bool isEndMarker(const QByteArray &message, qint64 count)
{
    return message == endMarker(count);
}

constexpr qsizetype EndMarkerSize = sizeof(qint64);

#endif // CONTENT_H
