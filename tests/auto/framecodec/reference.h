// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef REFERENCE_H
#define REFERENCE_H

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>

#include <rawpeer.h>

#include <random>

// The format decoded in the plainest way there is, and random streams of it.
namespace Reference {

struct Decoded
{
    QList<QByteArray> messages;
    bool isTooLarge = false;
};

inline Decoded decode(QByteArray stream, qint64 maximum)
{
    Decoded decoded;
    while (stream.size() >= 4) {
        qint64 length = 0;
        for (int i = 0; i < 4; ++i)
            length = length * 256 + uchar(stream.at(i));
        decoded.isTooLarge = length > maximum;
        if (decoded.isTooLarge || stream.size() - 4 < length)
            break;
        decoded.messages.append(stream.mid(4, length));
        stream.remove(0, 4 + length);
    }
    return decoded;
}

inline QByteArray noise(std::mt19937 *random, qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (char &byte : bytes)
        byte = char((*random)());
    return bytes;
}

// Mostly short frames; now and then one that is read directly, one over maximum, or a cut end.
inline QByteArray randomStream(std::mt19937 *random, qsizetype maximum)
{
    constexpr qsizetype Sizes[] = { 0, 1, 5, 60, 300 };
    QByteArray stream;
    const int frames = int((*random)() % 12);
    for (int i = 0; i < frames; ++i) {
        const auto kind = (*random)() % 60;
        if (kind == 0)
            stream += RawPeer::header(quint32(maximum) + 1 + quint32((*random)() % 1000));
        const qsizetype most = kind == 1 ? maximum : Sizes[kind % 5];
        stream +=
                RawPeer::frame(noise(random, most == 0 ? 0 : qsizetype((*random)()) % (most + 1)));
    }
    if ((*random)() % 4 == 0)
        stream.chop(qsizetype((*random)()) % (stream.size() + 1));
    return stream;
}

} // namespace Reference

#endif // REFERENCE_H
