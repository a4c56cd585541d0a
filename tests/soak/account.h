// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <gruvsocks/gruvsocket.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

// How the client ends a connection, which is what decides what must have arrived.
enum class Ending {
    Farewell, // it says so by message and the server closes: everything, both ways
    Close,    // everything it has sent; of the server's messages a beginning
    Abort     // a beginning, both ways
};

// What the two ends of one connection have done. Each end has its own half.
struct Account
{
    struct Half
    {
        std::atomic<qint64> sent{ 0 };
        std::atomic<qint64> received{ 0 };
        std::atomic<int> error{ 0 };
        std::atomic<bool> isOver{ false };
    };
    Half client;
    Half server;
    std::atomic<Ending> ending{ Ending::Farewell };
};

// All connections that are not over at both ends, and what was found wrong. Thread-safe.
class Accounts
{
public:
    std::shared_ptr<Account> open(quint64 id);
    std::shared_ptr<Account> find(quint64 id);
    void end(quint64 id, Account::Half *half, GruvSocket::Error error);
    void blame(quint64 id, const char *what);

    int openCount();
    int faultCount() const { return m_faults; }
    int closedCount() const { return m_closed; }

    std::atomic<qint64> messages{ 0 }; // received
    std::atomic<qint64> bytes{ 0 };
    std::atomic<qint64> pauses{ 0 };

private:
    void check(quint64 id, const Account &account);

    std::mutex m_mutex;
    std::map<quint64, std::shared_ptr<Account>> m_open;
    std::atomic<int> m_closed{ 0 };
    std::atomic<int> m_faults{ 0 };
};

#endif // ACCOUNT_H
