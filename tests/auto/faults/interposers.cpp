// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "faults_p.h"

#include <QtCore/qglobal.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>

#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(function) \
    static const auto next = reinterpret_cast<decltype(&::function)>(::dlsym(RTLD_NEXT, #function))

namespace {

using Faults::Answer;
using Faults::Call;

constexpr int MostPieces = 1024; // IOV_MAX

ssize_t give(const Answer &answer)
{
    errno = answer.error;
    return answer.error == 0 ? 0 : -1;
}

template<typename Function>
ssize_t move(int descriptor, Call call, size_t size, Function function)
{
    const Answer answer = Faults::transfer(descriptor, call, size);
    if (answer.isGiven)
        return give(answer);
    const ssize_t result = function(answer.size);
    if (result >= 0)
        return result;
    const Answer second = Faults::afterFailure(descriptor, call, errno);
    return second.isGiven ? give(second) : result;
}

// The first size bytes of what count vectors name; returns how many vectors that takes.
int shorten(const iovec *vectors, int count, size_t size, iovec *out)
{
    int used = 0;
    while (used < std::min(count, MostPieces) && size > 0) {
        out[used] = vectors[used];
        out[used].iov_len = std::min(out[used].iov_len, size);
        size -= out[used++].iov_len;
    }
    return used;
}

size_t sizeOf(const iovec *vectors, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; ++i)
        size += vectors[i].iov_len;
    return size;
}

template<typename Function>
int acceptBy(Function function)
{
    int error = 0;
    const std::optional<Faults::Kind> kind = Faults::beforeAccept(&error);
    if (kind && kind != Faults::AcceptAborted) {
        errno = error;
        return -1;
    }
    const int descriptor = function();
    if (descriptor < 0)
        return -1;
    if (!kind) {
        Faults::accepted(descriptor);
        return descriptor;
    }
    const linger now = { 1, 0 };
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    Faults::Real::close(descriptor);
    errno = error;
    return -1;
}

template<typename Function>
int waitBy(Function function)
{
    if (!Faults::interruptsWait())
        return function();
    errno = EINTR;
    return -1;
}

} // namespace

namespace Faults::Real {

int connect(int descriptor, const sockaddr *address, socklen_t size)
{
    NEXT(connect);
    return next(descriptor, address, size);
}

int ioctl(int descriptor, unsigned long request, void *argument)
{
    NEXT(ioctl);
    return next(descriptor, request, argument);
}

int close(int descriptor)
{
    NEXT(close);
    return next(descriptor);
}

} // namespace Faults::Real

extern "C" {

Q_DECL_EXPORT ssize_t read(int descriptor, void *data, size_t size)
{
    NEXT(read);
    return move(descriptor, Call::Receive, size,
                [&](size_t most) { return next(descriptor, data, most); });
}

Q_DECL_EXPORT ssize_t recv(int descriptor, void *data, size_t size, int flags)
{
    NEXT(recv);
    return move(descriptor, Call::Receive, size,
                [&](size_t most) { return next(descriptor, data, most, flags); });
}

Q_DECL_EXPORT ssize_t write(int descriptor, const void *data, size_t size)
{
    NEXT(write);
    return move(descriptor, Call::Send, size,
                [&](size_t most) { return next(descriptor, data, most); });
}

Q_DECL_EXPORT ssize_t send(int descriptor, const void *data, size_t size, int flags)
{
    NEXT(send);
    return move(descriptor, Call::Send, size,
                [&](size_t most) { return next(descriptor, data, most, flags); });
}

Q_DECL_EXPORT ssize_t writev(int descriptor, const iovec *vectors, int count)
{
    NEXT(writev);
    const size_t size = sizeOf(vectors, size_t(std::max(count, 0)));
    return move(descriptor, Call::Send, size, [&](size_t most) {
        iovec pieces[MostPieces];
        return most == size ? next(descriptor, vectors, count)
                            : next(descriptor, pieces, shorten(vectors, count, most, pieces));
    });
}

Q_DECL_EXPORT ssize_t sendmsg(int descriptor, const msghdr *message, int flags)
{
    NEXT(sendmsg);
    const size_t size = sizeOf(message->msg_iov, message->msg_iovlen);
    return move(descriptor, Call::Send, size, [&](size_t most) {
        if (most == size)
            return next(descriptor, message, flags);
        iovec pieces[MostPieces];
        msghdr shorter = *message;
        shorter.msg_iov = pieces;
        shorter.msg_iovlen =
                size_t(shorten(message->msg_iov, int(message->msg_iovlen), most, pieces));
        return next(descriptor, &shorter, flags);
    });
}

Q_DECL_EXPORT int accept(int descriptor, sockaddr *address, socklen_t *size)
{
    NEXT(accept);
    return acceptBy([&] { return next(descriptor, address, size); });
}

Q_DECL_EXPORT int accept4(int descriptor, sockaddr *address, socklen_t *size, int flags)
{
    NEXT(accept4);
    return acceptBy([&] { return next(descriptor, address, size, flags); });
}

Q_DECL_EXPORT int connect(int descriptor, const sockaddr *address, socklen_t size)
{
    if (!Faults::isLoopback(address))
        return Faults::Real::connect(descriptor, address, size);
    const std::optional<Faults::Kind> kind = Faults::beforeConnect(descriptor);
    if (kind && kind != Faults::ConnectInterrupted) {
        errno = kind == Faults::ConnectRefused ? ECONNREFUSED : ETIMEDOUT;
        return -1;
    }
    const int result = Faults::Real::connect(descriptor, address, size);
    const int error = errno;
    Faults::connecting(descriptor);
    errno = kind ? EINTR : error;
    return kind ? -1 : result;
}

Q_DECL_EXPORT int close(int descriptor)
{
    return Faults::closeDescriptor(descriptor);
}

Q_DECL_EXPORT int ioctl(int descriptor, unsigned long request, ...) noexcept
{
    va_list arguments;
    va_start(arguments, request);
    void *const argument = va_arg(arguments, void *);
    va_end(arguments);
    const int lost = request == TIOCOUTQ ? Faults::bytesLost(descriptor) : -1;
    if (lost < 0)
        return Faults::Real::ioctl(descriptor, request, argument);
    *static_cast<int *>(argument) = lost;
    return 0;
}

Q_DECL_EXPORT int poll(pollfd *descriptors, nfds_t count, int timeout)
{
    NEXT(poll);
    return waitBy([&] { return next(descriptors, count, timeout); });
}

Q_DECL_EXPORT int ppoll(pollfd *descriptors, nfds_t count, const timespec *timeout,
                        const sigset_t *mask)
{
    NEXT(ppoll);
    return waitBy([&] { return next(descriptors, count, timeout, mask); });
}

Q_DECL_EXPORT int epoll_wait(int set, epoll_event *events, int most, int timeout)
{
    NEXT(epoll_wait);
    return waitBy([&] { return next(set, events, most, timeout); });
}

} // extern "C"
