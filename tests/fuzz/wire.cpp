// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "wire.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr int SmallBuffer = 4096;
// A window below the segment of loopback, 64 KiB, would creep along by timers.
constexpr int SmallTcpBuffer = 16'384;
constexpr int SmallSegment = 1024;

sockaddr_in loopback(in_addr_t address)
{
    sockaddr_in result = {};
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(address);
    return result;
}

template<typename Value>
void setOption(int descriptor, int level, int name, const Value &value)
{
    ::setsockopt(descriptor, level, name, &value, sizeof value);
}

void setBuffers(int descriptor, int bytes)
{
    setOption(descriptor, SOL_SOCKET, SO_SNDBUF, bytes);
    setOption(descriptor, SOL_SOCKET, SO_RCVBUF, bytes);
}

int listeningSocket(sockaddr_in *address)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *address = loopback(INADDR_LOOPBACK);
    socklen_t size = sizeof *address;
    if (::bind(listener, reinterpret_cast<sockaddr *>(address), size) != 0
        || ::listen(listener, 16) != 0
        || ::getsockname(listener, reinterpret_cast<sockaddr *>(address), &size) != 0)
        return -1;
    return listener;
}

// Ports that wait for the end of TIME_WAIT are no bottleneck where each connection comes from an
// address of its own.
bool connectTcp(int *peer, int *other, bool hasSmallBuffers)
{
    static sockaddr_in listening;
    static const int listener = listeningSocket(&listening);
    static unsigned count = 0;
    const sockaddr_in own = loopback(INADDR_LOOPBACK + 0x100 + ++count % 0x10'0000);
    *peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (hasSmallBuffers) {
        setOption(*peer, IPPROTO_TCP, TCP_MAXSEG, SmallSegment);
        setBuffers(*peer, SmallTcpBuffer);
    }
    if (::bind(*peer, reinterpret_cast<const sockaddr *>(&own), sizeof own) != 0
        || ::connect(*peer, reinterpret_cast<sockaddr *>(&listening), sizeof listening) != 0)
        return false;
    *other = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (hasSmallBuffers)
        setBuffers(*other, SmallTcpBuffer);
    return *other >= 0;
}

bool connectPair(int *peer, int *other, bool hasSmallBuffers)
{
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    *peer = pair[0];
    *other = pair[1];
    if (hasSmallBuffers) {
        setBuffers(*peer, SmallBuffer);
        setBuffers(*other, SmallBuffer);
    }
    return true;
}

} // namespace

Wire::Wire(Kind kind, bool hasSmallBuffers)
{
    const bool made = kind == Kind::Tcp ? connectTcp(&m_peer, &m_other, hasSmallBuffers)
                                        : connectPair(&m_peer, &m_other, hasSmallBuffers);
    if (!made) {
        close();
        return;
    }
    ::fcntl(m_peer, F_SETFL, O_NONBLOCK);
    ::fcntl(m_other, F_SETFL, O_NONBLOCK);
}

int Wire::takeOther()
{
    return std::exchange(m_other, -1);
}

qsizetype Wire::write(const char *bytes, qsizetype size)
{
    const ssize_t written = ::send(m_peer, bytes, size_t(size), MSG_NOSIGNAL);
    if (written >= 0)
        return written;
    m_wasReset = m_wasReset || errno != EAGAIN; // the system tells it once
    return 0;
}

Wire::Received Wire::read(QByteArray *into, qsizetype most)
{
    static char buffer[64 * 1024];
    if (!isOpen())
        return Received::Nothing;
    const ssize_t received = ::recv(m_peer, buffer, std::min(size_t(most), sizeof buffer), 0);
    if (received == 0)
        return m_wasReset ? Received::Reset : Received::End;
    if (received < 0)
        return errno == EAGAIN ? Received::Nothing : Received::Reset;
    into->append(buffer, received);
    return Received::Bytes;
}

void Wire::halfClose()
{
    ::shutdown(m_peer, SHUT_WR);
}

void Wire::close()
{
    for (int *descriptor : { &m_peer, &m_other }) {
        if (*descriptor >= 0)
            ::close(std::exchange(*descriptor, -1));
    }
}

// A pair knows no RST: there this is close().
void Wire::reset()
{
    setOption(m_peer, SOL_SOCKET, SO_LINGER, linger{ 1, 0 });
    close();
}
