// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "traffic.h"

#include <QtCore/qendian.h>

namespace {

constexpr quint32 period = 65521; // a prime: 64 KiB chunks in the wrong order show

struct Rare
{
    int every;
    int at;
    qsizetype size;
};

constexpr Rare rareMixed[] = {
    { 5000, 2499, 16 << 20 }, { 1500, 749, 1 << 20 }, { 200, 99, 65536 },
    { 200, 149, 65535 },      { 20, 7, 1024 },        { 20, 13, 1023 },
};
constexpr Rare rareTiny[] = {
    { 10000, 3000, 65535 },
    { 10000, 6000, 65536 },
    { 2500, 1249, 1023 },
    { 2500, 1874, 1024 },
};
constexpr quint32 widest = 70'000;
constexpr Rare rareWide[] = {
    { 100, 7, 0 },
    { 100, 13, widest },
};

template<size_t N>
qsizetype rareLength(const Rare (&table)[N], int index)
{
    for (const Rare &rare : table) {
        if (index % rare.every == rare.at)
            return rare.size;
    }
    return -1;
}

qsizetype rareLength(Traffic::Profile profile, int index)
{
    switch (profile) {
    case Traffic::Profile::Tiny:
        return rareLength(rareTiny, index);
    case Traffic::Profile::Wide:
        return rareLength(rareWide, index);
    default:
        return rareLength(rareMixed, index);
    }
}

qsizetype usualLength(Traffic::Profile profile, quint32 mix)
{
    if (profile == Traffic::Profile::Tiny)
        return (mix >> 16) % 6;
    if (profile == Traffic::Profile::Wide)
        return mix % (widest + 1);
    const quint32 kind = mix >> 16 & 7;
    return kind < 6 ? kind : (mix >> 19) % (kind == 6 ? 200 : 3000);
}

} // namespace

Traffic::Traffic(quint32 seed, Profile profile, int count)
    : m_seed(seed)
    , m_profile(profile)
    , m_count(count)
{
    quint32 state = seed;
    m_block.reserve(2 * period);
    for (quint32 i = 0; i < period; ++i) {
        state = state * 1103515245U + 12345U;
        m_block.append(static_cast<char>(state >> 16 & 255));
    }
    m_block.append(m_block);
}

qsizetype Traffic::length(int index) const
{
    const qsizetype rare = rareLength(m_profile, index);
    if (rare >= 0)
        return rare;
    const quint32 product = (m_seed + static_cast<quint32>(index)) * 2654435761U;
    return usualLength(m_profile, product ^ product >> 15);
}

QByteArray Traffic::message(int index) const
{
    const qsizetype size = length(index);
    const quint32 offset = (m_seed % period + static_cast<quint32>(index) * 7919U) % period;
    if (size <= qsizetype(period))
        return m_block.mid(offset, size);
    const QByteArray turn = m_block.mid(offset, period);
    return turn.repeated(size / period + 1).first(size);
}

void Tally::add(const QByteArray &message)
{
    char header[4];
    qToBigEndian(static_cast<quint32>(message.size()), header);
    m_hash.addData(QByteArrayView(header, sizeof header));
    m_hash.addData(message);
    ++m_count;
}

QByteArray Tally::line() const
{
    return QByteArray::number(m_count) + ' ' + m_hash.result().toHex();
}
