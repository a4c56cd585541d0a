// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "net.h"

#include <cerrno>
#include <cstdio>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void Net::fail(const char *what)
{
    std::perror(what);
    std::exit(1);
}

void Net::check(bool succeeded, const char *what)
{
    if (!succeeded)
        fail(what);
}

static sockaddr_in loopback(quint16 port)
{
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int Net::listenOnLoopback(quint16 *port)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    check(::bind(listener, reinterpret_cast<sockaddr *>(&address), size) == 0, "bind");
    check(::listen(listener, 4096) == 0, "listen");
    check(::getsockname(listener, reinterpret_cast<sockaddr *>(&address), &size) == 0,
          "getsockname");
    *port = ntohs(address.sin_port);
    return listener;
}

static void setNoDelay(int descriptor)
{
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int Net::connectTo(quint16 port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(port);
    check(::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0,
          "connect");
    setNoDelay(descriptor);
    return descriptor;
}

int Net::acceptOne(int listener)
{
    const int descriptor = ::accept(listener, nullptr, nullptr);
    check(descriptor >= 0, "accept");
    setNoDelay(descriptor);
    return descriptor;
}

void Net::setNonBlocking(int descriptor)
{
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

void Net::closeWithReset(int descriptor)
{
    const linger now{ 1, 0 };
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(descriptor);
}

void Net::wakeOnlyFor(int descriptor, size_t bytes)
{
    const int least = int(bytes);
    check(::setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least) == 0, "lowat");
}

void Net::sendAll(int descriptor, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t sent = ::send(descriptor, data, size, MSG_NOSIGNAL);
        check(sent > 0, "send");
        data += sent;
        size -= size_t(sent);
    }
}

void Net::sendFrame(int descriptor, const QByteArray &payload)
{
    char header[HeaderSize];
    qToBigEndian(quint32(payload.size()), header);
    iovec pieces[2] = { { header, HeaderSize },
                        { const_cast<char *>(payload.constData()), size_t(payload.size()) } };
    const ssize_t sent = ::writev(descriptor, pieces, 2);
    check(sent >= ssize_t(HeaderSize), "writev");
    const size_t done = size_t(sent) - HeaderSize;
    sendAll(descriptor, payload.constData() + done, size_t(payload.size()) - done);
}

size_t Net::receiveSome(int descriptor, char *data, size_t size)
{
    const ssize_t received = ::recv(descriptor, data, size, 0);
    check(received >= 0 || errno == ECONNRESET, "recv");
    return received < 0 ? 0 : size_t(received);
}

Net::Poller::Poller()
    : m_epoll(::epoll_create1(EPOLL_CLOEXEC))
{}

Net::Poller::~Poller()
{
    ::close(m_epoll);
}

void Net::Poller::add(int descriptor, int tag)
{
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = tag;
    check(::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event) == 0, "epoll_ctl");
    m_few.push_back({ descriptor, POLLIN, 0 });
    m_tags.push_back(tag);
}

void Net::Poller::remove(int descriptor)
{
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
    for (size_t i = 0; i < m_few.size(); ++i) {
        if (m_few[i].fd == descriptor) {
            m_few.erase(m_few.begin() + ptrdiff_t(i));
            m_tags.erase(m_tags.begin() + ptrdiff_t(i));
            return;
        }
    }
}

void Net::Poller::pollAll(int milliseconds)
{
    if (::poll(m_few.data(), m_few.size(), milliseconds) <= 0)
        return;
    for (size_t i = 0; i < m_few.size(); ++i) {
        if (m_few[i].revents)
            m_ready.push_back(m_tags[i]);
    }
}

const std::vector<int> &Net::Poller::wait(int milliseconds)
{
    m_ready.clear();
    if (m_few.size() <= FewDescriptors) {
        pollAll(milliseconds);
        return m_ready;
    }
    epoll_event events[256];
    const int count = ::epoll_wait(m_epoll, events, 256, milliseconds);
    for (int i = 0; i < count; ++i)
        m_ready.push_back(events[i].data.fd);
    return m_ready;
}
