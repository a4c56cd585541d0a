// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "attackers.h"

#include <algorithm>
#include <vector>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Client
{
    int descriptor = -1;
    bool drips = false;
    Clock::time_point since;
};

int msSince(Clock::time_point since)
{
    return int(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since).count());
}

Client connected(uint16_t port, bool drips)
{
    Client client{ ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), drips, Clock::now() };
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(client.descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
        ::close(client.descriptor);
        client.descriptor = -1;
        return client;
    }
    const char whole[] = "\0\0\0\1!\0\1\0\0"; // a message of one byte, a header of 65,536
    if (drips)
        ::send(client.descriptor, whole, sizeof whole - 1, MSG_NOSIGNAL);
    return client;
}

class Crowd
{
public:
    explicit Crowd(const Attackers::Order &order)
        : m_order(order)
    {
        for (int i = 0; i < order.silent + order.dripping; ++i)
            m_clients.push_back(connected(order.port, i >= order.silent));
        m_report.connected = int(std::count_if(m_clients.begin(), m_clients.end(),
                                               [](const Client &c) { return c.descriptor >= 0; }));
    }
    const Attackers::Report &report() const { return m_report; }

    void stayUntilThrownOut()
    {
        const Clock::time_point begin = Clock::now();
        Clock::time_point drippedAt = begin;
        while (m_report.gone < m_report.connected && msSince(begin) < m_order.patience) {
            look(m_order.dripInterval / 4);
            if (msSince(drippedAt) < m_order.dripInterval)
                continue;
            drippedAt = Clock::now();
            for (const Client &client : m_clients) {
                if (client.drips && client.descriptor >= 0)
                    ::send(client.descriptor, "d", 1, MSG_NOSIGNAL);
            }
        }
    }

private:
    void look(int timeout)
    {
        std::vector<pollfd> polls;
        for (const Client &client : m_clients)
            polls.push_back({ client.descriptor, POLLIN, 0 });
        ::poll(polls.data(), polls.size(), timeout);
        for (size_t i = 0; i < polls.size(); ++i) {
            if (polls[i].revents != 0)
                read(&m_clients[i]);
        }
    }
    void read(Client *client)
    {
        char buffer[100];
        if (::recv(client->descriptor, buffer, sizeof buffer, MSG_DONTWAIT) > 0)
            return;
        ::close(client->descriptor);
        client->descriptor = -1;
        ++m_report.gone;
        int &longest = client->drips ? m_report.longestDripping : m_report.longestSilent;
        longest = std::max(longest, msSince(client->since));
    }

    const Attackers::Order m_order;
    std::vector<Client> m_clients;
    Attackers::Report m_report;
};

void serveOrders(int wire)
{
    rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8192);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    Attackers::Order order;
    while (::read(wire, &order, sizeof order) == ssize_t(sizeof order)) {
        Crowd crowd(order);
        if (::write(wire, &crowd.report(), sizeof(Attackers::Report)) < 0)
            return;
        crowd.stayUntilThrownOut();
        if (::write(wire, &crowd.report(), sizeof(Attackers::Report)) < 0)
            return;
    }
}

} // namespace

Attackers::Attackers()
{
    int wires[2] = { -1, -1 };
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wires) != 0)
        return;
    m_child = ::fork();
    if (m_child == 0) {
        ::close(wires[0]);
        serveOrders(wires[1]);
        ::_exit(0);
    }
    ::close(wires[1]);
    m_wire = wires[0];
}

Attackers::~Attackers()
{
    ::close(m_wire);
    if (m_child > 0) {
        ::kill(m_child, SIGKILL);
        ::waitpid(m_child, nullptr, 0);
    }
}

void Attackers::attack(const Order &order)
{
    if (::write(m_wire, &order, sizeof order) < 0)
        ::close(m_wire);
}

bool Attackers::awaitReady(Report *report)
{
    return receive(report);
}

bool Attackers::awaitEnd(Report *report)
{
    return receive(report);
}

bool Attackers::receive(Report *report)
{
    constexpr int Patience = 30'000; // ms
    pollfd wire{ m_wire, POLLIN, 0 };
    return ::poll(&wire, 1, Patience) == 1
           && ::read(m_wire, report, sizeof *report) == ssize_t(sizeof *report);
}
