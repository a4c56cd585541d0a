// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef NUMBERED_H
#define NUMBERED_H

#include <QtCore/qbytearray.h>
#include <QtCore/qendian.h>

#include <algorithm>

// Messages that say which one they are, in each of their bytes.
namespace Numbered {

inline QByteArray message(quint32 number, qsizetype size)
{
    QByteArray message(size, char(number * 37 + 11));
    qToBigEndian(number, message.data());
    return message;
}

inline bool isMessage(const QByteArray &message, quint32 number, qsizetype size)
{
    return message.size() == size && qFromBigEndian<quint32>(message.constData()) == number
           && std::all_of(message.cbegin() + 4, message.cend(),
                          [number](char byte) { return byte == char(number * 37 + 11); });
}

} // namespace Numbered

#endif // NUMBERED_H
