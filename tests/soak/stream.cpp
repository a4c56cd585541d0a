// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "stream.h"

#include <QtCore/qendian.h>

#include <cstring>

namespace {

constexpr qsizetype Largest = 1024 * 1024;
constexpr qsizetype NumberSize = 8; // of a message that has room for it, at its front

// What the messages are cut from.
const QByteArray &block()
{
    static const QByteArray bytes = [] {
        QByteArray made(2 * Largest, Qt::Uninitialized);
        Dice dice(1);
        for (qsizetype i = 0; i < made.size(); i += 8)
            qToBigEndian(dice.next(), made.data() + i);
        return made;
    }();
    return bytes;
}

} // namespace

// splitmix64
quint64 Dice::next()
{
    quint64 mixed = m_state += 0x9e37'79b9'7f4a'7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11ebu;
    return mixed ^ (mixed >> 31);
}

// Most are small; one in 200 may have any size up to the largest.
Stream::Plan Stream::plan()
{
    const qint64 kind = m_dice.below(1000);
    const qint64 bound = kind < 700 ? 256 : kind < 950 ? 16'384 : kind < 995 ? 131'072 : Largest;
    return { qsizetype(m_dice.below(bound + 1)), qsizetype(m_dice.below(Largest)) };
}

QByteArray Stream::next()
{
    const Plan is = plan();
    QByteArray message(block().constData() + is.offset, is.size);
    if (is.size >= NumberSize)
        qToBigEndian(m_count, message.data());
    ++m_count;
    return message;
}

bool Stream::isNext(const QByteArray &message)
{
    const Plan is = plan();
    const qint64 number = m_count++;
    if (message.size() != is.size)
        return false;
    const qsizetype front = is.size >= NumberSize ? NumberSize : 0;
    return (front == 0 || qFromBigEndian<qint64>(message.constData()) == number)
           && std::memcmp(message.constData() + front, block().constData() + is.offset + front,
                          size_t(is.size - front))
                      == 0;
}
