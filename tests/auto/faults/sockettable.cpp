// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "sockettable.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace Faults {

namespace {

constexpr quint64 ServerKey = 1U << 16; // the client's, and this
constexpr quint64 OrphanKey = 1U << 20;

template<typename Function>
quint16 portBy(Function function, int descriptor)
{
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    if (function(descriptor, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return 0;
    return ntohs(address.sin_port);
}

quint32 portKey(quint16 clientPort, bool isServer)
{
    return quint32(clientPort) << 1 | quint32(isServer);
}

} // namespace

void SocketTable::clear()
{
    m_sockets.clear();
    m_byPort.clear();
    m_clients = m_orphans = 0;
}

// 0: not a socket.
ino_t SocketTable::inodeOf(int descriptor)
{
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0 || (status.st_mode & S_IFMT) != S_IFSOCK)
        return 0;
    return status.st_ino;
}

Socket *SocketTable::find(int descriptor)
{
    const ino_t inode = m_sockets.empty() ? 0 : inodeOf(descriptor);
    const auto found = inode == 0 ? m_sockets.end() : m_sockets.find(inode);
    if (found == m_sockets.end())
        return nullptr;
    found->second.descriptor = descriptor;
    return &found->second;
}

Socket *SocketTable::addClient(int descriptor)
{
    if (Socket *known = find(descriptor))
        return known;
    Socket &socket = m_sockets[inodeOf(descriptor)];
    socket.key = ++m_clients;
    socket.descriptor = descriptor;
    return &socket;
}

// After each connect(), for Qt tries again on a descriptor where one failed, which has another port
// then.
void SocketTable::setClientPort(int descriptor)
{
    Socket *const socket = find(descriptor);
    if (!socket)
        return;
    socket->clientPort = portBy(::getsockname, descriptor);
    m_byPort[portKey(socket->clientPort, false)] = inodeOf(descriptor);
}

// The other end of one that has been reset already is not to be known.
void SocketTable::addServer(int descriptor)
{
    const quint16 clientPort = portBy(::getpeername, descriptor);
    const Socket *const client = endOf(clientPort, false);
    Socket &socket = m_sockets[inodeOf(descriptor)];
    socket.key = client ? client->key + ServerKey : OrphanKey + ++m_orphans;
    socket.descriptor = descriptor;
    socket.clientPort = clientPort;
    socket.isServer = true;
    m_byPort[portKey(clientPort, true)] = inodeOf(descriptor);
}

const Socket *SocketTable::endOf(quint16 clientPort, bool isServer)
{
    const auto inode = m_byPort.find(portKey(clientPort, isServer));
    if (clientPort == 0 || inode == m_byPort.end())
        return nullptr;
    const auto found = m_sockets.find(inode->second);
    return found == m_sockets.end() ? nullptr : &found->second;
}

// null as well if its descriptor is closed, or another one's by now.
Socket *SocketTable::otherEnd(const Socket &socket)
{
    auto *const other = const_cast<Socket *>(endOf(socket.clientPort, !socket.isServer));
    const bool isOpen = other && find(other->descriptor) == other;
    return isOpen ? other : nullptr;
}

} // namespace Faults
