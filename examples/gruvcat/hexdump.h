// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef HEXDUMP_H
#define HEXDUMP_H

#include <QtCore/qbytearray.h>

// As "hexdump -C" prints it, every line in full: offset, sixteen bytes, ASCII; the length at the
// end.
QByteArray hexDump(const QByteArray &bytes);

#endif // HEXDUMP_H
