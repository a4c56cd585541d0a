// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/sendqueue_p.h>

#include <algorithm>

namespace {

constexpr qsizetype BatchSize = 64 * 1024;
// A payload from this size on is not copied into the batch but shared with the caller.
constexpr qsizetype ShareSize = 16 * 1024;

} // namespace

QByteArray &SendQueue::batch(qsizetype room)
{
    if (!m_lastIsBatch || m_chunks.empty() || m_chunks.back().size() + room > BatchSize) {
        m_chunks.emplace_back();
        m_lastIsBatch = true;
    }
    return m_chunks.back();
}

void SendQueue::appendMessage(const QByteArray &payload)
{
    const bool shared = payload.size() >= ShareSize;
    QByteArray &last = batch(FrameCodec::HeaderSize + (shared ? 0 : payload.size()));
    FrameCodec::appendHeader(&last, payload.size());
    if (shared) {
        m_chunks.push_back(payload);
        m_lastIsBatch = false;
    } else {
        last.append(payload);
    }
    m_size += FrameCodec::HeaderSize + payload.size();
}

// Takes a frame that is encoded already, so that one encoding serves many connections.
void SendQueue::appendFrame(const QByteArray &frame)
{
    if (frame.size() >= ShareSize) {
        m_chunks.push_back(frame);
        m_lastIsBatch = false;
    } else {
        batch(frame.size()).append(frame);
    }
    m_size += frame.size();
}

void SendQueue::sent(qsizetype bytes)
{
    m_size -= bytes;
    m_offset += bytes;
    while (!m_chunks.empty() && m_offset >= m_chunks.front().size()) {
        m_offset -= m_chunks.front().size();
        m_chunks.pop_front();
    }
}

void SendQueue::clear()
{
    *this = SendQueue();
}

// Fills out with at most most pieces, in order, for one gathering write; returns how many.
int SendQueue::pieces(Piece *out, int most) const
{
    const int count = std::min(most, int(m_chunks.size()));
    for (int i = 0; i < count; ++i)
        out[i] = { m_chunks[size_t(i)].constData(), m_chunks[size_t(i)].size() };
    if (count > 0)
        out[0] = { out[0].data + m_offset, out[0].size - m_offset };
    return count;
}

// A copy of the first most bytes.
QByteArray SendQueue::front(qsizetype most) const
{
    QByteArray bytes;
    qsizetype skipped = m_offset;
    for (const QByteArray &chunk : m_chunks) {
        if (bytes.size() >= most)
            break;
        bytes.append(QByteArrayView(chunk).sliced(skipped).first(
                std::min(chunk.size() - skipped, most - bytes.size())));
        skipped = 0;
    }
    return bytes;
}
