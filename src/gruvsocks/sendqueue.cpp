// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/sendqueue_p.h>
#include <gruvsocks/threadvalue_p.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace {

constexpr qsizetype SmallestBlock = 1024;
constexpr qsizetype LargestBlock = 64 * 1024;
// A payload from this size on is not copied but shared with the caller.
constexpr qsizetype ShareSize = 16 * 1024;
// An encoded frame goes to many connections, so sharing pays sooner.
constexpr qsizetype ShareFrameSize = 512;

// Each thread keeps blocks for whichever of its connections sends next.
constexpr size_t MostSpareBlocks = 16;
std::vector<QByteArray> *spareBlocks()
{
    return valueOfThisThread<std::vector<QByteArray>>();
}

} // namespace

// Where the next bytes belong.
inline char *SendQueue::room(qsizetype bytes)
{
    if (m_left < bytes || !m_isOpen)
        openBlock(bytes);
    m_left -= bytes;
    m_size += bytes;
    return std::exchange(m_at, m_at + bytes);
}

// Blocks double in size, so that a connection with little to send holds little.
void SendQueue::openBlock(qsizetype bytes)
{
    closePiece();
    if (m_left < bytes) {
        const qsizetype last = m_block.size();
        if (auto *const spares = spareBlocks(); spares && !spares->empty()) {
            m_block = std::move(spares->back());
            spares->pop_back();
        } else {
            const qsizetype usual = std::clamp(2 * last, SmallestBlock, LargestBlock);
            m_block = QByteArray(std::max(usual, bytes), Qt::Uninitialized);
        }
        m_at = m_block.data();
        m_left = m_block.size();
    }
    m_chunks.push_back({ m_block, { m_at, 0 } });
    m_isOpen = true;
}

void SendQueue::closePiece()
{
    if (std::exchange(m_isOpen, false))
        m_chunks.back().piece.size = m_at - m_chunks.back().piece.data;
}

SendQueue::Piece SendQueue::piece(size_t chunk) const
{
    const Piece &piece = m_chunks[chunk].piece;
    const bool isOpen = m_isOpen && chunk + 1 == m_chunks.size();
    return { piece.data, isOpen ? m_at - piece.data : piece.size };
}

void SendQueue::share(const QByteArray &payload)
{
    closePiece();
    m_chunks.push_back({ payload, { payload.constData(), payload.size() } });
    m_size += payload.size();
}

void SendQueue::appendMessage(const QByteArray &payload)
{
    const qsizetype size = payload.size();
    if (size >= ShareSize) {
        FrameCodec::writeHeader(room(FrameCodec::HeaderSize), size);
        share(payload);
        return;
    }
    char *const at = room(FrameCodec::HeaderSize + size);
    FrameCodec::writeHeader(at, size);
    std::memcpy(at + FrameCodec::HeaderSize, payload.constData(), size_t(size));
}

// Takes a frame that is encoded already, so that one encoding serves many connections.
void SendQueue::appendFrame(const QByteArray &frame)
{
    if (frame.size() >= ShareFrameSize)
        share(frame);
    else
        std::memcpy(room(frame.size()), frame.constData(), size_t(frame.size()));
}

static void recycle(QByteArray *block)
{
    auto *const spares = spareBlocks();
    if (block->size() == LargestBlock && block->isDetached() && spares
        && spares->size() < MostSpareBlocks)
        spares->push_back(std::move(*block));
    *block = QByteArray();
}

void SendQueue::sent(qsizetype bytes)
{
    m_size -= bytes;
    if (m_size == 0) {
        clear();
        return;
    }
    m_offset += bytes;
    while (m_offset >= piece(m_first).size) {
        m_offset -= piece(m_first).size;
        recycle(&m_chunks[m_first++].owner);
    }
    if (m_first > m_chunks.size() / 2) {
        m_chunks.erase(m_chunks.begin(), m_chunks.begin() + ptrdiff_t(m_first));
        m_first = 0;
    }
}

void SendQueue::clear()
{
    m_block = QByteArray();
    for (Chunk &chunk : m_chunks)
        recycle(&chunk.owner);
    *this = SendQueue();
}

// Fills out with the first mostBytes in at most most pieces for one gathering write; returns how
// many.
int SendQueue::pieces(Piece *out, int most, qsizetype mostBytes) const
{
    int count = 0;
    qsizetype skipped = m_offset;
    for (size_t i = m_first; i < m_chunks.size() && count < most && mostBytes > 0; ++i) {
        const Piece next = piece(i);
        out[count] = { next.data + skipped, std::min(next.size - skipped, mostBytes) };
        mostBytes -= out[count++].size;
        skipped = 0;
    }
    return count;
}

// A copy of the first most bytes.
QByteArray SendQueue::front(qsizetype most) const
{
    QByteArray bytes;
    bytes.reserve(std::min(most, m_size));
    qsizetype skipped = m_offset;
    for (size_t i = m_first; i < m_chunks.size() && bytes.size() < most; ++i) {
        const Piece next = piece(i);
        bytes.append(next.data + skipped, std::min(next.size - skipped, most - bytes.size()));
        skipped = 0;
    }
    return bytes;
}
