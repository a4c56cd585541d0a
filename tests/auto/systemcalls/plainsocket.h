// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PLAINSOCKET_H
#define PLAINSOCKET_H

#include <threadtools.h>

#include <QtCore/qbytearray.h>

#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

// A blocking socket of the system, for a thread without an event loop. No call waits for ever.
class PlainSocket
{
public:
    explicit PlainSocket(int descriptor = -1)
        : m_descriptor(descriptor)
    {
        const timeval patience = { ThreadTools::Patience / 1000, 0 };
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        const int on = 1;
        ::setsockopt(m_descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    PlainSocket(PlainSocket &&other) noexcept
        : m_descriptor(std::exchange(other.m_descriptor, -1))
    {}
    ~PlainSocket()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }

    static PlainSocket connectedTo(quint16 port)
    {
        PlainSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_in address = loopback(port);
        ::connect(socket.m_descriptor, reinterpret_cast<const sockaddr *>(&address),
                  sizeof address);
        return socket;
    }

    int descriptor() const { return m_descriptor; }

    bool send(const QByteArray &bytes)
    {
        qsizetype done = 0;
        while (done < bytes.size()) {
            const ssize_t sent = ::send(m_descriptor, bytes.constData() + done,
                                        size_t(bytes.size() - done), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            done += sent;
        }
        return true;
    }

    // Fewer bytes than that if no more come.
    QByteArray receive(qsizetype size)
    {
        QByteArray bytes(size, Qt::Uninitialized);
        const ssize_t received = ::recv(m_descriptor, bytes.data(), size_t(size), MSG_WAITALL);
        bytes.truncate(received > 0 ? received : 0);
        return bytes;
    }

    static sockaddr_in loopback(quint16 port)
    {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

private:
    PlainSocket &operator=(PlainSocket &&) = delete;
    int m_descriptor;
};

class PlainListener
{
public:
    PlainListener()
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const sockaddr_in address = PlainSocket::loopback(0);
        ::bind(m_socket.descriptor(), reinterpret_cast<const sockaddr *>(&address), sizeof address);
        ::listen(m_socket.descriptor(), 16);
    }
    quint16 port() const
    {
        sockaddr_in address = {};
        socklen_t size = sizeof address;
        ::getsockname(m_socket.descriptor(), reinterpret_cast<sockaddr *>(&address), &size);
        return ntohs(address.sin_port);
    }
    PlainSocket accept() { return PlainSocket(::accept(m_socket.descriptor(), nullptr, nullptr)); }

private:
    PlainSocket m_socket;
};

// From now on the system calls the descriptor readable only when that many bytes are there, so a
// reader finds a round of messages as a whole, however slowly it arrives.
inline void tellReadableFrom(qintptr descriptor, qsizetype bytes)
{
    const int least = int(bytes);
    ::setsockopt(int(descriptor), SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least);
}

// The system makes room for what it has to wait for; SO_RCVBUF may give less. The window then grows
// with what arrives.
inline void growReceiveBuffer(qintptr descriptor, qsizetype bytes)
{
    tellReadableFrom(descriptor, bytes);
    tellReadableFrom(descriptor, 1);
}

inline bool awaitReadable(qintptr descriptor)
{
    pollfd look = { int(descriptor), POLLIN, 0 };
    return ::poll(&look, 1, ThreadTools::Patience) == 1;
}

#endif // PLAINSOCKET_H
