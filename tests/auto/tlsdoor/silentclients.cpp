// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "silentclients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr int Look = 20; // ms

} // namespace

SilentClients::SilentClients(quint16 port, int count)
    : m_port(port)
{
    for (int i = 0; i < count; ++i)
        m_descriptors.push_back(open());
    m_thread = std::thread([this] { comeAgain(); });
}

SilentClients::~SilentClients()
{
    m_isOver = true;
    m_thread.join();
    for (const int descriptor : m_descriptors)
        ::close(descriptor);
}

int SilentClients::open()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(m_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address);
    ++m_opened;
    return descriptor;
}

void SilentClients::comeAgain()
{
    while (!m_isOver) {
        std::vector<pollfd> watched;
        for (const int descriptor : m_descriptors)
            watched.push_back({ descriptor, POLLIN, 0 });
        ::poll(watched.data(), nfds_t(watched.size()), Look);
        for (size_t i = 0; i < watched.size(); ++i) {
            if (watched[i].revents == 0)
                continue;
            ::close(m_descriptors[i]);
            m_descriptors[i] = open();
        }
    }
}
