// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SENDQUEUE_P_H
#define SENDQUEUE_P_H

#include <QtCore/qbytearray.h>

#include <vector>

// Frames on their way to the wire: small ones gathered into blocks, large payloads shared.
class SendQueue
{
public:
    struct Piece
    {
        const char *data;
        qsizetype size;
    };

    void appendMessage(const QByteArray &payload);
    void appendFrame(const QByteArray &frame);
    void sent(qsizetype bytes);
    void clear();

    qsizetype size() const { return m_size; }
    bool isEmpty() const { return m_size == 0; }
    int pieces(Piece *out, int most, qsizetype mostBytes) const;
    QByteArray front(qsizetype most) const;

private:
    struct Chunk
    {
        QByteArray owner; // keeps the memory: a block of ours, or a payload
        Piece piece;
    };

    char *room(qsizetype bytes);
    void openBlock(qsizetype bytes);
    void closePiece();
    void share(const QByteArray &payload);
    Piece piece(size_t chunk) const;

    std::vector<Chunk> m_chunks; // those before m_first are sent
    size_t m_first = 0;
    qsizetype m_offset = 0; // of the first chunk: what is already sent
    qsizetype m_size = 0;   // bytes not yet sent
    QByteArray m_block;     // being filled, at m_at
    char *m_at = nullptr;
    qsizetype m_left = 0;  // bytes free from m_at on
    bool m_isOpen = false; // the last chunk reaches to m_at, whatever its size says
};

#endif // SENDQUEUE_P_H
