// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef HANDMADEFRAMES_H
#define HANDMADEFRAMES_H

#include <QtCore/qbytearraylist.h>

// What stands on the wire, made without the library.
inline QByteArray frameOf(const QByteArray &payload)
{
    const auto size = static_cast<quint32>(payload.size());
    QByteArray frame;
    for (int shift = 24; shift >= 0; shift -= 8)
        frame.append(static_cast<char>(size >> shift & 0xff));
    return frame + payload;
}

inline QByteArray framesOf(const QByteArrayList &payloads)
{
    QByteArray frames;
    for (const QByteArray &payload : payloads)
        frames += frameOf(payload);
    return frames;
}

// Among them every byte there is, what s_client takes for a command, and more than a TLS record.
inline QByteArrayList payloads()
{
    QByteArray everyByte;
    for (int byte = 0; byte < 256; ++byte)
        everyByte.append(static_cast<char>(byte));
    return { "", everyByte, "Q\nR\nk\n", everyByte.repeated(400), "", "the last one" };
}

#endif // HANDMADEFRAMES_H
