// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MEMORYINUSE_H
#define MEMORYINUSE_H

#include <QtCore/qfile.h>

#include <sanitized.h>

#if defined(__SANITIZE_ADDRESS__)
#include <cstddef>
extern "C" std::size_t __sanitizer_get_current_allocated_bytes(); // GCC installs no header for it
#elif defined(__GLIBC__) && !defined(__SANITIZE_THREAD__)
#include <malloc.h>
#endif
#if defined(Q_OS_LINUX)
#include <unistd.h>
#endif

// The bytes allocated and not freed; -1 where nobody tells (ThreadSanitizer: by large blocks).
inline qint64 liveBytes()
{
#if defined(__SANITIZE_ADDRESS__)
    return qint64(__sanitizer_get_current_allocated_bytes());
#elif defined(__GLIBC__) && !defined(__SANITIZE_THREAD__)
    const struct mallinfo2 info = mallinfo2();
    return qint64(info.uordblks) + qint64(info.hblkhd);
#else
    return -1;
#endif
}

// What has been freed goes back to the system: else it serves again, and residentBytes() stays.
inline void releaseFreedMemory()
{
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    ::malloc_trim(0);
#endif
}

// The bytes of memory the process really occupies; -1 where nobody tells.
inline qint64 residentBytes()
{
#if defined(Q_OS_LINUX) && !defined(__SANITIZE_THREAD__)
    QFile file(QStringLiteral("/proc/self/statm"));
    if (file.open(QIODevice::ReadOnly))
        return file.readAll().split(' ').value(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
#endif
    return -1;
}

#endif // MEMORYINUSE_H
