// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CROWD_H
#define CROWD_H

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <deque>
#include <map>
#include <mutex>

// Clients in the test's own thread.
class Crowd
{
public:
    // Returns whether all are connected, and known to the server.
    bool join(const GruvServer &server, int count)
    {
        const int before = server.clientCount();
        for (int i = 0; i < count; ++i)
            m_clients.emplace_back().connectToHost(QHostAddress::LocalHost, server.serverPort());
        return QTest::qWaitFor([&] { return server.clientCount() == before + count; });
    }
    GruvSocket &operator[](int i) { return m_clients[size_t(i)]; }
    void leave() { m_clients.clear(); }
    int size() const { return int(m_clients.size()); }

private:
    std::deque<GruvSocket> m_clients;
};

// Which threads were seen, and how often; filled in any thread.
class Census
{
public:
    void count()
    {
        const std::lock_guard lock(m_mutex);
        ++m_seen[QThread::currentThread()];
    }
    QList<int> numbers() const
    {
        const std::lock_guard lock(m_mutex);
        QList<int> numbers;
        for (const auto &[thread, number] : m_seen)
            numbers.append(number);
        std::sort(numbers.begin(), numbers.end());
        return numbers;
    }
    bool has(QThread *thread) const
    {
        const std::lock_guard lock(m_mutex);
        return m_seen.count(thread) > 0;
    }

private:
    mutable std::mutex m_mutex;
    std::map<QThread *, int> m_seen;
};

// A server whose connections live in count threads and echo there.
inline bool serveEchoes(GruvServer *server, int count, Census *census = nullptr)
{
    server->setThreadCount(count);
    server->setConnectionHandler([census](GruvSocket *socket) {
        if (census)
            census->count();
        QObject::connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
    return server->listen(QHostAddress::LocalHost);
}

#endif // CROWD_H
