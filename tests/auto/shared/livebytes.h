// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LIVEBYTES_H
#define LIVEBYTES_H

#include <QtCore/qglobal.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#include <cstddef>
extern "C" std::size_t __sanitizer_get_current_allocated_bytes(); // GCC installs no header for it
#elif defined(__GLIBC__)
#include <malloc.h>
#endif

// The bytes allocated and not freed; -1 where nobody tells.
inline qint64 liveBytes()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return qint64(__sanitizer_get_current_allocated_bytes());
#elif defined(__GLIBC__)
    const struct mallinfo2 info = mallinfo2();
    return qint64(info.uordblks) + qint64(info.hblkhd);
#else
    return -1;
#endif
}

#endif // LIVEBYTES_H
