// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DEADLINK_H
#define DEADLINK_H

#include <QtCore/qfile.h>
#include <QtCore/qglobal.h>

#include <cstring>

#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// Loopback connections over which nothing passes any more, on Linux.
namespace DeadLink {

inline bool writeTo(const char *path, const QByteArray &text)
{
    QFile file(QString::fromLatin1(path));
    return file.open(QIODevice::WriteOnly | QIODevice::Unbuffered)
           && file.write(text) == text.size();
}

// Call it before the process has a second thread: a network namespace belongs to a thread.
inline bool enterPrivateNetwork()
{
    if (::unshare(CLONE_NEWNET) == 0)
        return true;
    const QByteArray uid = QByteArray::number(::getuid());
    return ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
           && writeTo("/proc/self/uid_map", "0 " + uid + " 1");
}

inline bool setLoopbackUp(bool up)
{
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request = {};
    std::strcpy(request.ifr_name, "lo");
    bool done = ::ioctl(descriptor, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags = short(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    done = done && ::ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
    ::close(descriptor);
    return done;
}

// What arrives for the socket is dropped without a word, acknowledgements and resets too.
inline bool dropInput(qintptr descriptor)
{
    sock_filter dropAll = { BPF_RET | BPF_K, 0, 0, 0 };
    const sock_fprog program = { 1, &dropAll };
    return ::setsockopt(int(descriptor), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)
           == 0;
}

// Whether all that the peer's window had room for is acknowledged, and more is waiting.
inline bool isWindowFull(qintptr descriptor)
{
    tcp_info info = {};
    socklen_t size = sizeof info;
    int unacknowledged = 0;
    return ::getsockopt(int(descriptor), IPPROTO_TCP, TCP_INFO, &info, &size) == 0
           && ::ioctl(int(descriptor), TIOCOUTQ, &unacknowledged) == 0 && info.tcpi_unacked == 0
           && unacknowledged > 0;
}

} // namespace DeadLink

#endif // DEADLINK_H
