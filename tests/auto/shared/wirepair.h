// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef WIREPAIR_H
#define WIREPAIR_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qlist.h>

#include <rawpeer.h>

#include <memory>

// The messages "from", ... up to "to" without it.
inline QList<QByteArray> numbers(int from, int to)
{
    QList<QByteArray> messages;
    for (int i = from; i < to; ++i)
        messages.append(QByteArray::number(i));
    return messages;
}

inline QByteArray wireOf(const QList<QByteArray> &messages)
{
    QByteArray wire;
    for (const QByteArray &message : messages)
        wire += RawPeer::frame(message);
    return wire;
}

// Each size has its own bytes, and no two places of a message look alike soon.
inline QByteArray patterned(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = char(i * 7 + i / 251 + size);
    return bytes;
}

// A socket under test and the other end of its wire, which is written by hand.
class WirePair
{
public:
    WirePair()
        : socket(std::make_unique<GruvSocket>())
    {}
    bool connect()
    {
        peer = listener.connect(socket.get());
        return peer != nullptr;
    }
    // In one write: over loopback, up to 64 KiB of them arrive with one read.
    void send(const QList<QByteArray> &messages)
    {
        peer->write(wireOf(messages));
        peer->flush();
    }
    // What read() still has, without waiting.
    QList<QByteArray> readWaiting()
    {
        QList<QByteArray> messages;
        while (const auto result = socket->read(std::chrono::milliseconds(-1)))
            messages.append(result.data);
        return messages;
    }

    RawPeer::Listener listener;
    std::unique_ptr<GruvSocket> socket;
    std::unique_ptr<QTcpSocket> peer;
};

#endif // WIREPAIR_H
