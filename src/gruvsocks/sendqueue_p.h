// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SENDQUEUE_P_H
#define SENDQUEUE_P_H

#include <QtCore/qbytearray.h>

#include <deque>

// Frames on their way to the wire: small ones gathered into a batch, large payloads shared.
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
    int pieces(Piece *out, int most) const;
    QByteArray front(qsizetype most) const;

private:
    QByteArray &batch(qsizetype room);

    std::deque<QByteArray> m_chunks;
    qsizetype m_offset = 0; // of the first chunk: what is already sent
    qsizetype m_size = 0;   // bytes not yet sent
    bool m_lastIsBatch = false;
};

#endif // SENDQUEUE_P_H
