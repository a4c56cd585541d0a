// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "hexdump.h"

static constexpr qsizetype BytesPerLine = 16;

static QByteArray offsetColumn(qsizetype offset)
{
    return QByteArray::number(offset, 16).rightJustified(8, '0');
}

static QByteArray asciiColumn(QByteArray bytes)
{
    for (char &byte : bytes) {
        if (byte < ' ' || byte > '~')
            byte = '.';
    }
    return bytes;
}

static QByteArray dumpLine(qsizetype offset, const QByteArray &bytes)
{
    const QByteArray left = bytes.left(BytesPerLine / 2).toHex(' ');
    const QByteArray right = bytes.mid(BytesPerLine / 2).toHex(' ');
    return offsetColumn(offset) + "  " + left.leftJustified(23) + "  " + right.leftJustified(23)
           + "  |" + asciiColumn(bytes) + "|\n";
}

QByteArray hexDump(const QByteArray &bytes)
{
    QByteArray dump;
    for (qsizetype offset = 0; offset < bytes.size(); offset += BytesPerLine)
        dump += dumpLine(offset, bytes.mid(offset, BytesPerLine));
    return dump + offsetColumn(bytes.size());
}
