// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "sendlimit.h"

#include <QtCore/qbytearray.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include <sys/socket.h>

namespace {

std::atomic<int> limited{ -1 };
std::atomic<long> left{ 0 };

// sendto() is left alone, so it serves for both.
ssize_t sendSome(int descriptor, const void *data, size_t size, int flags)
{
    if (descriptor != limited)
        return ::sendto(descriptor, data, size, flags, nullptr, 0);
    const size_t some = std::min(size, size_t(left.load()));
    if (some == 0 && size > 0) {
        errno = EAGAIN;
        return -1;
    }
    const ssize_t sent = ::sendto(descriptor, data, some, flags, nullptr, 0);
    left -= std::max<ssize_t>(sent, 0);
    return sent;
}

} // namespace

void SendLimit::set(int descriptor, long bytes)
{
    left = bytes;
    limited = descriptor;
}

void SendLimit::lift()
{
    limited = -1;
}

extern "C" {

Q_DECL_EXPORT ssize_t send(int descriptor, const void *data, size_t size, int flags)
{
    return sendSome(descriptor, data, size, flags);
}

Q_DECL_EXPORT ssize_t sendmsg(int descriptor, const msghdr *message, int flags)
{
    QByteArray whole;
    for (size_t i = 0; i < size_t(message->msg_iovlen); ++i)
        whole.append(static_cast<const char *>(message->msg_iov[i].iov_base),
                     qsizetype(message->msg_iov[i].iov_len));
    return sendSome(descriptor, whole.constData(), size_t(whole.size()), flags);
}
}
