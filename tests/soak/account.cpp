// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "account.h"

#include <cstdio>

std::shared_ptr<Account> Accounts::open(quint64 id)
{
    const std::lock_guard lock(m_mutex);
    return m_open[id] = std::make_shared<Account>();
}

std::shared_ptr<Account> Accounts::find(quint64 id)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_open.find(id);
    return found == m_open.end() ? nullptr : found->second;
}

int Accounts::openCount()
{
    const std::lock_guard lock(m_mutex);
    return int(m_open.size());
}

void Accounts::blame(quint64 id, const char *what)
{
    ++m_faults;
    std::fprintf(stderr, "connection %llu of client %llu: %s\n",
                 static_cast<unsigned long long>(id >> 16),
                 static_cast<unsigned long long>(id & 0xffff), what);
}

// The second end of the two has the whole account checked.
void Accounts::end(quint64 id, Account::Half *half, GruvSocket::Error error)
{
    half->error = int(error);
    std::shared_ptr<Account> account;
    {
        const std::lock_guard lock(m_mutex);
        if (half->isOver.exchange(true)) {
            ++m_faults; // a second end of the same connection
            return;
        }
        const auto found = m_open.find(id);
        if (!found->second->client.isOver || !found->second->server.isOver)
            return;
        account = found->second;
        m_open.erase(found);
    }
    ++m_closed;
    check(id, *account);
}

void Accounts::check(quint64 id, const Account &account)
{
    const auto &client = account.client;
    const auto &server = account.server;
    const Ending ending = account.ending;
    const auto isError = [](const Account::Half &half, GruvSocket::Error error) {
        return half.error == int(error);
    };
    if (server.received > client.sent || client.received > server.sent)
        blame(id, "more has arrived than was sent");
    if (ending != Ending::Abort && server.received != client.sent)
        blame(id, "what the client sent before its end is not all there");
    if (ending == Ending::Farewell && client.received != server.sent)
        blame(id, "what the server sent before its end is not all there");
    if (!isError(client, GruvSocket::Error::NoError))
        blame(id, "the client met an error");
    const bool mayBeReset = ending != Ending::Farewell;
    if (!isError(server, GruvSocket::Error::NoError)
        && !(mayBeReset && isError(server, GruvSocket::Error::ConnectionReset)))
        blame(id, "the server met an error that this ending does not explain");
}
