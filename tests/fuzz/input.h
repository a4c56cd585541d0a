// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef INPUT_H
#define INPUT_H

#include <QtCore/qbytearray.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

// The bytes of one input, taken from its beginning; past its end they are zeros.
class Input
{
public:
    Input(const uint8_t *data, size_t size)
        : m_at(data)
        , m_end(data + size)
    {}
    bool isAtEnd() const { return m_at == m_end; }
    uint8_t byte() { return isAtEnd() ? uint8_t(0) : *m_at++; }
    QByteArray bytes(qsizetype most)
    {
        const qsizetype size = std::min<qsizetype>(most, m_end - m_at);
        const QByteArray taken(reinterpret_cast<const char *>(m_at), size);
        m_at += size;
        return taken;
    }

private:
    const uint8_t *m_at;
    const uint8_t *m_end;
};

#endif // INPUT_H
