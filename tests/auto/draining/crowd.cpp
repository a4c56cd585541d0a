// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "crowd.h"

#include <QtCore/qdeadlinetimer.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static constexpr qint64 Patience = 40'000; // ms

Crowd::Crowd(const QByteArray &request, const QByteArray &answer)
    : m_request(request)
    , m_answer(answer)
{}

Crowd::~Crowd()
{
    join();
    for (Client &client : m_clients)
        end(&client);
}

bool Crowd::connectAll(int count, quint16 port)
{
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        m_clients.push_back({ descriptor });
        if (::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
            return false;
    }
    return true;
}

void Crowd::begin(Manner manner)
{
    m_thread = std::thread([this, manner] { run(manner); });
}

void Crowd::join()
{
    if (m_thread.joinable())
        m_thread.join();
}

int Crowd::emptyHandedCount() const
{
    return int(std::count_if(m_clients.begin(), m_clients.end(),
                             [](const Client &client) { return client.answers == 0; }));
}

void Crowd::run(Manner manner)
{
    for (const Client &client : m_clients)
        ask(client);
    const QDeadlineTimer deadline(Patience);
    std::vector<pollfd> watched;
    while (waitForInput(&watched) && !deadline.hasExpired()) {
        for (size_t i = 0; i < watched.size(); ++i) {
            if (watched[i].fd >= 0 && watched[i].revents != 0)
                receive(&m_clients[i], manner);
        }
    }
    m_endless = int(std::count_if(m_clients.begin(), m_clients.end(),
                                  [](const Client &client) { return client.descriptor >= 0; }));
}

// Returns whether any of them is left.
bool Crowd::waitForInput(std::vector<pollfd> *watched) const
{
    watched->clear();
    bool isAnyLeft = false;
    for (const Client &client : m_clients) {
        watched->push_back({ client.descriptor, POLLIN, 0 });
        isAnyLeft = isAnyLeft || client.descriptor >= 0;
    }
    if (isAnyLeft)
        ::poll(watched->data(), watched->size(), 100);
    return isAnyLeft;
}

void Crowd::receive(Client *client, Manner manner)
{
    char buffer[65'536];
    const ssize_t size = ::recv(client->descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size <= 0) {
        m_cut += client->arrived > 0;
        end(client);
        return;
    }
    const qint64 before = client->answers;
    take(client, buffer, size);
    if (client->answers == before)
        return;
    if (manner == Manner::Leaves)
        end(client);
    else
        ask(*client);
}

void Crowd::take(Client *client, const char *data, qsizetype size)
{
    while (size > 0) {
        const qsizetype part = std::min(size, m_answer.size() - client->arrived);
        m_wrong += std::memcmp(data, m_answer.constData() + client->arrived, size_t(part)) != 0;
        client->arrived += part;
        data += part;
        size -= part;
        if (client->arrived == m_answer.size()) {
            client->arrived = 0;
            ++client->answers;
            ++m_answers;
        }
    }
}

void Crowd::ask(const Client &client) const
{
    ::send(client.descriptor, m_request.data(), size_t(m_request.size()), MSG_NOSIGNAL);
}

void Crowd::end(Client *client)
{
    if (client->descriptor >= 0)
        ::close(std::exchange(client->descriptor, -1));
}
