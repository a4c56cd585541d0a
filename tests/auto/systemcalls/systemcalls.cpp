// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "systemcalls.h"

#include <QtCore/qglobal.h>

#include <cerrno>
#include <cstdarg>

#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// Calls come before main() and at any place, so this needs neither constructor nor destructor.
thread_local SystemCalls::Meter meter;

void countTransfer(int descriptor, SystemCalls::Kind ofSocket, SystemCalls::Kind ofWakeUp)
{
    struct stat status = {};
    if (descriptor <= STDERR_FILENO || ::fstat(descriptor, &status) != 0)
        return;
    constexpr mode_t NoType = 0; // an eventfd has none
    const mode_t type = status.st_mode & S_IFMT;
    if (type == S_IFSOCK)
        meter.count(ofSocket);
    else if (type == S_IFIFO || type == NoType)
        meter.count(ofWakeUp);
}

// Counted first: the peer may go on before the call returns here.
template<typename Function, typename... Arguments>
ssize_t doRead(Function function, int descriptor, Arguments... arguments)
{
    countTransfer(descriptor, SystemCalls::Read, SystemCalls::Woken);
    const ssize_t result = function(descriptor, arguments...);
    if (result < 0 && errno == EAGAIN)
        meter.count(SystemCalls::Refused);
    return result;
}

template<typename Function, typename... Arguments>
ssize_t doWrite(Function function, int descriptor, Arguments... arguments)
{
    countTransfer(descriptor, SystemCalls::Write, SystemCalls::WakeUp);
    const ssize_t result = function(descriptor, arguments...);
    if (result < 0 && errno == EAGAIN)
        meter.count(SystemCalls::Refused);
    return result;
}

// Counted last: a thread that has done all its work is in the wait that follows it, or soon will.
template<typename Function, typename... Arguments>
int doWait(Function function, Arguments... arguments)
{
    const int result = function(arguments...);
    meter.count(SystemCalls::Wait);
    return result;
}

template<typename Function, typename... Arguments>
int doControl(Function function, Arguments... arguments)
{
    meter.count(SystemCalls::Control);
    return function(arguments...);
}

} // namespace

// libc's own.
#define NEXT(function) \
    static const auto next = reinterpret_cast<decltype(&::function)>(::dlsym(RTLD_NEXT, #function))

extern "C" {

Q_DECL_EXPORT ssize_t read(int descriptor, void *data, size_t size)
{
    NEXT(read);
    return doRead(next, descriptor, data, size);
}

Q_DECL_EXPORT ssize_t readv(int descriptor, const iovec *vectors, int count)
{
    NEXT(readv);
    return doRead(next, descriptor, vectors, count);
}

Q_DECL_EXPORT ssize_t recv(int descriptor, void *data, size_t size, int flags)
{
    NEXT(recv);
    return doRead(next, descriptor, data, size, flags);
}

Q_DECL_EXPORT ssize_t recvfrom(int descriptor, void *data, size_t size, int flags,
                               sockaddr *address, socklen_t *length)
{
    NEXT(recvfrom);
    return doRead(next, descriptor, data, size, flags, address, length);
}

Q_DECL_EXPORT ssize_t recvmsg(int descriptor, msghdr *message, int flags)
{
    NEXT(recvmsg);
    return doRead(next, descriptor, message, flags);
}

Q_DECL_EXPORT int eventfd_read(int descriptor, eventfd_t *value)
{
    NEXT(eventfd_read);
    return int(doRead(next, descriptor, value));
}

Q_DECL_EXPORT ssize_t write(int descriptor, const void *data, size_t size)
{
    NEXT(write);
    return doWrite(next, descriptor, data, size);
}

Q_DECL_EXPORT ssize_t writev(int descriptor, const iovec *vectors, int count)
{
    NEXT(writev);
    return doWrite(next, descriptor, vectors, count);
}

Q_DECL_EXPORT ssize_t send(int descriptor, const void *data, size_t size, int flags)
{
    NEXT(send);
    return doWrite(next, descriptor, data, size, flags);
}

Q_DECL_EXPORT ssize_t sendto(int descriptor, const void *data, size_t size, int flags,
                             const sockaddr *address, socklen_t length)
{
    NEXT(sendto);
    return doWrite(next, descriptor, data, size, flags, address, length);
}

Q_DECL_EXPORT ssize_t sendmsg(int descriptor, const msghdr *message, int flags)
{
    NEXT(sendmsg);
    return doWrite(next, descriptor, message, flags);
}

Q_DECL_EXPORT int eventfd_write(int descriptor, eventfd_t value)
{
    NEXT(eventfd_write);
    return int(doWrite(next, descriptor, value));
}

Q_DECL_EXPORT int poll(pollfd *descriptors, nfds_t count, int timeout)
{
    NEXT(poll);
    return doWait(next, descriptors, count, timeout);
}

Q_DECL_EXPORT int ppoll(pollfd *descriptors, nfds_t count, const timespec *timeout,
                        const sigset_t *mask)
{
    NEXT(ppoll);
    return doWait(next, descriptors, count, timeout, mask);
}

Q_DECL_EXPORT int epoll_wait(int set, epoll_event *events, int most, int timeout)
{
    NEXT(epoll_wait);
    return doWait(next, set, events, most, timeout);
}

Q_DECL_EXPORT int epoll_pwait(int set, epoll_event *events, int most, int timeout,
                              const sigset_t *mask)
{
    NEXT(epoll_pwait);
    return doWait(next, set, events, most, timeout, mask);
}

Q_DECL_EXPORT int epoll_ctl(int set, int operation, int descriptor, epoll_event *event) noexcept
{
    NEXT(epoll_ctl);
    return doControl(next, set, operation, descriptor, event);
}

Q_DECL_EXPORT int setsockopt(int descriptor, int level, int name, const void *value,
                             socklen_t size) noexcept
{
    NEXT(setsockopt);
    return doControl(next, descriptor, level, name, value, size);
}

Q_DECL_EXPORT int getsockopt(int descriptor, int level, int name, void *value,
                             socklen_t *size) noexcept
{
    NEXT(getsockopt);
    return doControl(next, descriptor, level, name, value, size);
}

Q_DECL_EXPORT int ioctl(int descriptor, unsigned long request, ...) noexcept
{
    NEXT(ioctl);
    va_list arguments;
    va_start(arguments, request);
    void *const argument = va_arg(arguments, void *);
    va_end(arguments);
    return doControl(next, descriptor, request, argument);
}

} // extern "C"

namespace SystemCalls {

Counts Counts::operator-(const Counts &other) const
{
    Counts difference;
    for (size_t kind = 0; kind < Kinds; ++kind)
        difference.of[kind] = of[kind] - other.of[kind];
    return difference;
}

QByteArray Counts::text() const
{
    constexpr const char *Names[Kinds] = { "read",    "write", "refused", "wait",
                                           "wake-up", "woken", "control" };
    QByteArray text;
    for (size_t kind = 0; kind < Kinds; ++kind) {
        if (of[kind] != 0)
            text += (text.isEmpty() ? "" : ", ") + QByteArray::number(of[kind]) + ' ' + Names[kind];
    }
    return text;
}

Counts Meter::now() const
{
    Counts counts;
    for (size_t kind = 0; kind < Kinds; ++kind)
        counts.of[kind] = m_counts[kind];
    return counts;
}

Meter *ofThisThread()
{
    return &meter;
}

} // namespace SystemCalls
