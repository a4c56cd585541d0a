// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativesocket_p.h>

#include <QtCore/qsystemdetection.h>

// How descriptors come and go.
#if defined(Q_OS_UNIX)

#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

// In one call where there is one: another thread may start a program between two, which would have
// the descriptor and keep the connection open.
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
constexpr int Flags = SOCK_CLOEXEC | SOCK_NONBLOCK;

int makeStream(int family)
{
    return ::socket(family, SOCK_STREAM | Flags, IPPROTO_TCP);
}

int acceptFrom(int descriptor)
{
    return ::accept4(descriptor, nullptr, nullptr, Flags);
}
#else
int prepared(int descriptor)
{
    if (descriptor >= 0) {
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        NativeSocket::setNonBlocking(descriptor);
    }
    return descriptor;
}

int makeStream(int family)
{
    return prepared(::socket(family, SOCK_STREAM, IPPROTO_TCP));
}

int acceptFrom(int descriptor)
{
    return prepared(::accept(descriptor, nullptr, nullptr));
}
#endif

} // namespace

qintptr NativeSocket::openStream(int family)
{
    return makeStream(family);
}

// Returns -1 where there is nobody to accept; error is set only if that is the system's fault.
qintptr NativeSocket::accept(qintptr descriptor, QString *error)
{
    const int accepted = acceptFrom(int(descriptor));
    if (accepted < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
        *error = qt_error_string(errno);
    return accepted < 0 && errno == EINVAL ? NoLongerListens : accepted;
}

void NativeSocket::setNonBlocking(qintptr descriptor)
{
    const int flags = ::fcntl(int(descriptor), F_GETFL);
    if (flags >= 0 && !(flags & O_NONBLOCK))
        ::fcntl(int(descriptor), F_SETFL, flags | O_NONBLOCK);
}

qintptr NativeSocket::duplicate(qintptr descriptor)
{
    return ::fcntl(int(descriptor), F_DUPFD_CLOEXEC, 0);
}

void NativeSocket::close(qintptr descriptor)
{
    ::close(int(descriptor));
}

#else // sockets are made by Qt

qintptr NativeSocket::openStream(int)
{
    return -1;
}

qintptr NativeSocket::accept(qintptr, QString *)
{
    return -1;
}

void NativeSocket::setNonBlocking(qintptr) {}

qintptr NativeSocket::duplicate(qintptr)
{
    return -1;
}

void NativeSocket::close(qintptr) {}

#endif
