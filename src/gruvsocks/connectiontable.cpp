// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/connectiontable_p.h>
#include <gruvsocks/gruvsocket_p.h>

bool ConnectionTable::add(GruvSocket *socket, const std::function<void()> &gone)
{
    const quint64 id = socket->connectionId(); // it has another one when it connects again
    const std::lock_guard lock(m_mutex);
    if (m_isClosed)
        return false;
    m_sockets[id] = socket;
    GruvSocketPrivate::of(socket)->leaving = [self = shared_from_this(), id, gone] {
        self->remove(id);
        gone();
    };
    return true;
}

void ConnectionTable::remove(quint64 id)
{
    const std::lock_guard lock(m_mutex);
    m_sockets.erase(id);
}

// From here on none comes in.
void ConnectionTable::close()
{
    const std::lock_guard lock(m_mutex);
    m_isClosed = true;
}

std::vector<quint64> ConnectionTable::ids()
{
    const std::lock_guard lock(m_mutex);
    std::vector<quint64> ids;
    for (const auto &[id, socket] : m_sockets)
        ids.push_back(id);
    return ids;
}

void ConnectionTable::stopAll()
{
    for (const quint64 id : ids())
        use(id,
            [](GruvSocket *socket) { GruvSocketPrivate::of(socket)->ask(Mailbox::Request::Stop); });
}

// Of one's own thread without the lock, for its slots are called: nobody else can delete it.
bool ConnectionTable::use(quint64 id, const std::function<void(GruvSocket *)> &function)
{
    std::unique_lock lock(m_mutex);
    const auto found = m_sockets.find(id);
    if (found == m_sockets.end())
        return false;
    GruvSocket *const socket = found->second;
    if (GruvSocketPrivate::of(socket)->isOwnThread())
        lock.unlock();
    function(socket);
    return true;
}

int ConnectionTable::broadcast(const QByteArray &frame)
{
    int accepted = 0;
    for (const quint64 id : ids()) {
        use(id, [&](GruvSocket *socket) {
            accepted += GruvSocketPrivate::of(socket)->broadcast(frame);
        });
    }
    return accepted;
}

bool ConnectionTable::disconnectClient(quint64 id)
{
    bool isUp = false; // one that has ended stays here until it is deleted
    use(id, [&isUp](GruvSocket *socket) {
        isUp = socket->state() != QAbstractSocket::UnconnectedState;
        if (isUp)
            socket->disconnectFromHost();
    });
    return isUp;
}
