// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativeconnect_p.h>

#include <QtCore/qsystemdetection.h>

#if defined(Q_OS_UNIX)

#include <gruvsocks/nativesocket_p.h>

#include <QtNetwork/qnetworkinterface.h>

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace {

using NativeConnect::Outcome;

QAbstractSocket::SocketError socketError(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return QAbstractSocket::ConnectionRefusedError;
    case ECONNRESET:
    case ECONNABORTED:
        return QAbstractSocket::RemoteHostClosedError;
    case ETIMEDOUT:
        return QAbstractSocket::SocketTimeoutError;
    default:
        return QAbstractSocket::NetworkError;
    }
}

Outcome failure(qintptr descriptor, int error)
{
    if (descriptor >= 0)
        NativeSocket::close(descriptor);
    return { -1, socketError(error), qt_error_string(error) };
}

socklen_t fill(sockaddr_storage *storage, const QHostAddress &address, quint16 port)
{
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        auto *const ipv4 = reinterpret_cast<sockaddr_in *>(storage);
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(port);
        ipv4->sin_addr.s_addr = htonl(address.toIPv4Address());
        return sizeof *ipv4;
    }
    auto *const ipv6 = reinterpret_cast<sockaddr_in6 *>(storage);
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(port);
    std::memcpy(&ipv6->sin6_addr, &bytes, sizeof bytes);
    ipv6->sin6_scope_id = quint32(QNetworkInterface::interfaceIndexFromName(address.scopeId()));
    return sizeof *ipv6;
}

// On this machine the system may choose the very port that is asked for as ours, and TCP then
// connects the socket to itself (RFC 9293, 3.5: simultaneous open). Who tries often to reach a
// server that is down gets there, and keeps the server's port.
bool isToItself(qintptr descriptor)
{
    const NativeSocket::Endpoint local = NativeSocket::localEndpoint(descriptor);
    const NativeSocket::Endpoint peer = NativeSocket::peerEndpoint(descriptor);
    return local.port == peer.port && local.address == peer.address;
}

} // namespace

bool NativeConnect::isSupported()
{
    return true;
}

Outcome NativeConnect::begin(const QHostAddress &address, quint16 port)
{
    sockaddr_storage to = {};
    const socklen_t size = fill(&to, address, port);
    const qintptr descriptor = NativeSocket::openStream(to.ss_family);
    if (descriptor < 0)
        return failure(-1, errno);
    const int result = ::connect(int(descriptor), reinterpret_cast<const sockaddr *>(&to), size);
    if (result != 0 && errno != EINPROGRESS && errno != EINTR)
        return failure(descriptor, errno);
    return { descriptor };
}

Outcome NativeConnect::finish(qintptr descriptor)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(int(descriptor), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0 && isToItself(descriptor))
        error = ECONNREFUSED;
    return error == 0 ? Outcome{ descriptor } : failure(descriptor, error);
}

#else // sockets are made by Qt

bool NativeConnect::isSupported()
{
    return false;
}

NativeConnect::Outcome NativeConnect::begin(const QHostAddress &, quint16)
{
    return {};
}

NativeConnect::Outcome NativeConnect::finish(qintptr)
{
    return {};
}

#endif
