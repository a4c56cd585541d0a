// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef NATIVEMEMORY_P_H
#define NATIVEMEMORY_P_H

#include <QtCore/qbytearray.h>

// What the operating system can do for large arrays.
namespace NativeMemory {

// By how much a large array may grow ahead of what is used: untouched memory costs nothing where
// the system gives it page by page as it is touched.
#if defined(Q_OS_LINUX)
constexpr qsizetype GrowthFactor = 8;
#else
constexpr qsizetype GrowthFactor = 2;
#endif

// Keeps the first used bytes; the new size is wanted or, where the system refuses that, least.
void grow(QByteArray *array, qsizetype used, qsizetype least, qsizetype wanted);

} // namespace NativeMemory

#endif // NATIVEMEMORY_P_H
