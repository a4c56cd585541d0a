// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativesocket_p.h>

#include <QtCore/qsystemdetection.h>

// An IPv4 peer of a dual-stack listener is told as what it is, not as ::ffff:a.b.c.d.
QHostAddress NativeSocket::plain(const QHostAddress &address)
{
    bool isIPv4 = false;
    const quint32 ipv4 = address.toIPv4Address(&isIPv4);
    return isIPv4 ? QHostAddress(ipv4) : address;
}

#if defined(Q_OS_UNIX)

#include <algorithm>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace {

constexpr int MostPieces = 128; // of 512 bytes, the smallest that is shared: fills LargestWrite
#if defined(MSG_NOSIGNAL)
constexpr int SendFlags = MSG_NOSIGNAL;
#else
constexpr int SendFlags = 0; // Qt ignores SIGPIPE where sockets are its own
#endif

template<typename Value>
void setOption(qintptr descriptor, int level, int name, Value value)
{
    ::setsockopt(int(descriptor), level, name, &value, sizeof value); // best effort
}

NativeSocket::Endpoint endpoint(const sockaddr_storage &storage)
{
    NativeSocket::Endpoint result;
    if (storage.ss_family == AF_INET) {
        const auto &ipv4 = reinterpret_cast<const sockaddr_in &>(storage);
        result = { QHostAddress(ntohl(ipv4.sin_addr.s_addr)), ntohs(ipv4.sin_port) };
    } else if (storage.ss_family == AF_INET6) {
        const auto &ipv6 = reinterpret_cast<const sockaddr_in6 &>(storage);
        result = { QHostAddress(ipv6.sin6_addr.s6_addr), ntohs(ipv6.sin6_port) };
        if (ipv6.sin6_scope_id != 0)
            result.address.setScopeId(QString::number(ipv6.sin6_scope_id));
    }
    return result;
}

NativeSocket::Transfer fault(int error)
{
    using Outcome = NativeSocket::Transfer::Outcome;
    switch (error) {
    case EAGAIN:
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK:
#endif
        return { Outcome::WouldBlock };
    case ENOBUFS:
    case ENOMEM:
        return { Outcome::WouldBlock, 0, error };
    case ECONNRESET:
    case EPIPE:
        return { Outcome::Reset, 0, error, qt_error_string(error) };
    case ETIMEDOUT:
    case EHOSTUNREACH: // what TCP reports when ICMP said why no acknowledgement came
    case ENETUNREACH:
        return { Outcome::Unresponsive, 0, error, qt_error_string(error) };
    default:
        return { Outcome::Failed, 0, error, qt_error_string(error) };
    }
}

} // namespace

bool NativeSocket::isSupported()
{
    return true;
}

static NativeSocket::Transfer receiveFrom(qintptr descriptor, char *data, qsizetype size, int flags)
{
    ssize_t received;
    do {
        received = ::recv(int(descriptor), data, size_t(size), flags);
    } while (received < 0 && errno == EINTR);
    if (received < 0)
        return fault(errno);
    using Outcome = NativeSocket::Transfer::Outcome;
    return { received == 0 ? Outcome::EndOfStream : Outcome::Moved, qsizetype(received) };
}

NativeSocket::Transfer NativeSocket::receive(qintptr descriptor, char *data, qsizetype size)
{
    return receiveFrom(descriptor, data, size, 0);
}

NativeSocket::Transfer NativeSocket::peek(qintptr descriptor, char *data, qsizetype size)
{
    return receiveFrom(descriptor, data, size, MSG_PEEK);
}

qsizetype NativeSocket::waitingBytes(qintptr descriptor)
{
    int bytes = 0;
    return ::ioctl(int(descriptor), FIONREAD, &bytes) == 0 ? bytes : 0;
}

// Whether the peer has ended and all that it sent was taken: asked without taking anything.
bool NativeSocket::isDeserted(qintptr descriptor)
{
    char byte;
    const Transfer there = receiveFrom(descriptor, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return there.isFault() || there.outcome == Transfer::Outcome::EndOfStream;
}

/*
    One gathering write, so that a header never travels without its payload.

    It is no larger than what the system keeps in one piece: 45 Ethernet segments of 1448 bytes,
    which is also within one segment of loopback (65,483 bytes). What does not fit costs far more:
    64 KiB messages over loopback took 15 us each in writes of 65,160 bytes, 64 us in writes of
    65,540 and 34 us in such writes with MSG_MORE (Linux 6.18, 2 cores).
*/
NativeSocket::Transfer NativeSocket::send(qintptr descriptor, const SendQueue &queue,
                                          qsizetype most)
{
    SendQueue::Piece pieces[MostPieces];
    iovec vectors[MostPieces];
    const int count = queue.pieces(pieces, MostPieces, std::min(most, LargestWrite));
    for (int i = 0; i < count; ++i)
        vectors[i] = { const_cast<char *>(pieces[i].data), size_t(pieces[i].size) };
    msghdr message = {};
    message.msg_iov = vectors;
    message.msg_iovlen = size_t(count);
    ssize_t sent;
    do {
        sent = count == 1
                       ? ::send(int(descriptor), pieces[0].data, size_t(pieces[0].size), SendFlags)
                       : ::sendmsg(int(descriptor), &message, SendFlags);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return fault(errno);
    return { Transfer::Outcome::Moved, qsizetype(sent) };
}

void NativeSocket::setLowDelay(qintptr descriptor, bool on)
{
    setOption(descriptor, IPPROTO_TCP, TCP_NODELAY, int(on));
}

NativeSocket::Endpoint NativeSocket::localEndpoint(qintptr descriptor)
{
    sockaddr_storage storage = {};
    socklen_t size = sizeof storage;
    ::getsockname(int(descriptor), reinterpret_cast<sockaddr *>(&storage), &size);
    return endpoint(storage);
}

NativeSocket::Endpoint NativeSocket::peerEndpoint(qintptr descriptor)
{
    sockaddr_storage storage = {};
    socklen_t size = sizeof storage;
    ::getpeername(int(descriptor), reinterpret_cast<sockaddr *>(&storage), &size);
    return endpoint(storage);
}

NativeSocket::Transfer NativeSocket::howPeerEnded([[maybe_unused]] qintptr descriptor)
{
#if defined(Q_OS_LINUX)
    tcp_info info = {};
    socklen_t size = sizeof info;
    if (::getsockopt(int(descriptor), IPPROTO_TCP, TCP_INFO, &info, &size) == 0
        && info.tcpi_state == TCP_CLOSE) {
        int error = 0; // none if Qt has had it
        size = sizeof error;
        ::getsockopt(int(descriptor), SOL_SOCKET, SO_ERROR, &error, &size);
        return fault(error != 0 ? error : ECONNRESET);
    }
#endif
    return { Transfer::Outcome::EndOfStream };
}

void NativeSocket::shutDown(qintptr descriptor)
{
    ::shutdown(int(descriptor), SHUT_RDWR);
}

void NativeSocket::shutDownWriting(qintptr descriptor)
{
    ::shutdown(int(descriptor), SHUT_WR);
}

// Whether the next close sends RST instead of FIN and drops what is unsent.
void NativeSocket::setResetOnClose(qintptr descriptor, bool on)
{
    setOption(descriptor, SOL_SOCKET, SO_LINGER, linger{ on, 0 });
}

qint64 NativeSocket::unacknowledgedBytes(qintptr descriptor)
{
#if defined(TIOCOUTQ) && defined(Q_OS_LINUX)
    int bytes = 0;
    if (::ioctl(int(descriptor), TIOCOUTQ, &bytes) == 0)
        return bytes;
#else
    Q_UNUSED(descriptor);
#endif
    return -1;
}

/*
    For how long the peer has left unanswered what the system has sent it: data, or a question
    whether its window is open again. A peer that answers with a closed window lives: it does not
    read. 0: it owes no answer, but there is data for it. Before the system has asked again, it owes
    the answer for no longer than the system waits before it does, however old its last one is.
*/
qint64 NativeSocket::unansweredFor(qintptr descriptor)
{
#if defined(Q_OS_LINUX)
    tcp_info info = {};
    socklen_t size = sizeof info;
    if (unacknowledgedBytes(descriptor) > 0
        && ::getsockopt(int(descriptor), IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
        const qint64 sinceAnswer = info.tcpi_last_ack_recv;
        if (info.tcpi_retransmits > 0 || info.tcpi_probes > 0)
            return sinceAnswer;
        return info.tcpi_unacked > 0 ? std::min<qint64>(sinceAnswer, info.tcpi_rto / 1000) : 0;
    }
#else
    Q_UNUSED(descriptor);
#endif
    return -1;
}

/*
    An idle peer is probed after half the time and then up to four times in the other half, by whole
    seconds (tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT). Where data is under way
    unansweredFor() tells; the system shall then ask a peer with a closed window often enough
    (TCP_RTO_MAX_MS, Linux 6.15; before, up to 120 s pass between two questions).

    TCP_USER_TIMEOUT was used first and left: it also ends the connection to a peer that answers
    but does not read (tcp_probe_timer() of Linux; measured with 6.18: 2.5 s after 2 s were set).
*/
void NativeSocket::setDeadPeerTimeout(qintptr descriptor, std::chrono::milliseconds timeout)
{
    const qint64 ms = timeout.count();
    setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, int(ms > 0));
    if (ms <= 0)
        return;
    const int seconds = int(std::clamp<qint64>(ms / 1000, 2, 32'000));
    const int interval = std::max(1, seconds / 8);
    const int idle = std::max(1, seconds - 4 * interval);
    const int count = std::max(1, (seconds - idle) / interval);
#if defined(Q_OS_LINUX)
    constexpr int LongestBackoff = 44; // TCP_RTO_MAX_MS, which older headers do not have
    setOption(descriptor, IPPROTO_TCP, LongestBackoff,
              int(std::clamp<qint64>(ms / 16, 1000, 120'000)));
    setOption(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle);
#elif defined(Q_OS_DARWIN)
    setOption(descriptor, IPPROTO_TCP, TCP_RXT_CONNDROPTIME, seconds);
    setOption(descriptor, IPPROTO_TCP, TCP_KEEPALIVE, idle);
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
    setOption(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    setOption(descriptor, IPPROTO_TCP, TCP_KEEPCNT, count);
#endif
}

#else // elsewhere every byte takes the way through QAbstractSocket

bool NativeSocket::isSupported()
{
    return false;
}

NativeSocket::Transfer NativeSocket::receive(qintptr, char *, qsizetype)
{
    return { Transfer::Outcome::Failed };
}

NativeSocket::Transfer NativeSocket::peek(qintptr, char *, qsizetype)
{
    return { Transfer::Outcome::Failed };
}

qsizetype NativeSocket::waitingBytes(qintptr)
{
    return 0;
}

bool NativeSocket::isDeserted(qintptr)
{
    return false;
}

NativeSocket::Transfer NativeSocket::howPeerEnded(qintptr)
{
    return { Transfer::Outcome::EndOfStream };
}

NativeSocket::Transfer NativeSocket::send(qintptr, const SendQueue &, qsizetype)
{
    return { Transfer::Outcome::Failed };
}

void NativeSocket::setLowDelay(qintptr, bool) {}

NativeSocket::Endpoint NativeSocket::localEndpoint(qintptr)
{
    return {};
}

NativeSocket::Endpoint NativeSocket::peerEndpoint(qintptr)
{
    return {};
}

void NativeSocket::shutDown(qintptr) {}

void NativeSocket::shutDownWriting(qintptr) {}

void NativeSocket::setResetOnClose(qintptr, bool) {}

qint64 NativeSocket::unacknowledgedBytes(qintptr)
{
    return -1;
}

qint64 NativeSocket::unansweredFor(qintptr)
{
    return -1;
}

void NativeSocket::setDeadPeerTimeout(qintptr, std::chrono::milliseconds) {}

#endif
