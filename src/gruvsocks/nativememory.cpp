// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativememory_p.h>

#include <cstring>
#include <new>

#if defined(Q_OS_LINUX)
#include <sys/mman.h>
#endif

namespace {

constexpr qsizetype HugePage = 2 * 1024 * 1024; // of x86-64 and arm64

// From here on glibc maps each array by itself (M_MMAP_THRESHOLD is never more). The advice to use
// huge pages is gone with such an array; in the heap it would hold for whatever comes to lie there.
constexpr qsizetype AlwaysMapped = 32 * 1024 * 1024;

void adviseHugePages(char *data, qsizetype size)
{
#if defined(Q_OS_LINUX) && defined(MADV_HUGEPAGE)
    const qsizetype toFirst = (HugePage - qsizetype(quintptr(data) % HugePage)) % HugePage;
    const qsizetype bytes = (size - toFirst) / HugePage * HugePage;
    if (bytes > 0) // best effort
        ::madvise(data + toFirst, size_t(bytes), MADV_HUGEPAGE);
#else
    Q_UNUSED(data);
    Q_UNUSED(size);
#endif
}

// A system may refuse to reserve ahead (vm.overcommit_memory, RLIMIT_AS).
QByteArray uninitialized(qsizetype wanted, qsizetype least)
{
    try {
        return QByteArray(wanted, Qt::Uninitialized);
    } catch (const std::bad_alloc &) {
        return QByteArray(least, Qt::Uninitialized);
    }
}

} // namespace

/*
    A fresh array and a copy, not realloc(): that moves a large array page by page, which for pages
    of 2 MiB takes longer than to copy them (256 MiB by doubling: 900 ms in mremap(), Linux 6.18 in
    a virtual machine). There 256 MiB took 1700 ms to receive into pages of 4 KiB, 10 us a fault,
    and 80 ms into pages of 2 MiB.
*/
void NativeMemory::grow(QByteArray *array, qsizetype used, qsizetype least, qsizetype wanted)
{
    QByteArray larger = uninitialized(wanted, least);
    if (larger.size() >= AlwaysMapped)
        adviseHugePages(larger.data(), larger.size());
    std::memcpy(larger.data(), array->constData(), size_t(used));
    array->swap(larger);
}
