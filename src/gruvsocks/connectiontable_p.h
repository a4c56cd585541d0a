// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONNECTIONTABLE_P_H
#define CONNECTIONTABLE_P_H

#include <QtCore/qbytearray.h>
#include <QtCore/qglobal.h>

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

class GruvSocket;

// Connections that live in other threads than who asks. Thread-safe: a socket is in here until its
// destructor begins, and no destructor begins while a function of this uses the socket.
class ConnectionTable : public std::enable_shared_from_this<ConnectionTable>
{
public:
    // In the thread of the socket; false after close(). gone is called there when it has left.
    bool add(
            GruvSocket *socket, const std::function<void()> &gone = [] {});
    void close();
    void stopAll();

    bool use(quint64 id, const std::function<void(GruvSocket *)> &function);
    int broadcast(const QByteArray &frame);
    bool disconnectClient(quint64 id);

private:
    void remove(quint64 id);
    std::vector<quint64> ids();

    std::mutex m_mutex;
    std::unordered_map<quint64, GruvSocket *> m_sockets;
    bool m_isClosed = false;
};

#endif // CONNECTIONTABLE_P_H
