// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SCENE_H
#define SCENE_H

#include "server.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <clientprocess.h>
#include <memoryinuse.h>

#include <algorithm>
#include <functional>

constexpr qint64 MiB = 1024 * 1024;

// Runs the event loop until it is so; the most of residentBytes() meanwhile is the result.
inline qint64 runUntil(const std::function<bool()> &isSo, qint64 patience)
{
    qint64 most = residentBytes();
    QEventLoop loop;
    QElapsedTimer time;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        most = std::max(most, residentBytes());
        if (isSo() || time.elapsed() >= patience)
            loop.quit();
    });
    time.start();
    look.start(10);
    loop.exec();
    return most;
}

// For a client's process: connected and the handshake done; or -1.
inline int connectTo(quint16 port, const Wire &wire)
{
    const int descriptor = ClientProcess::connectTo(port);
    if (descriptor < 0 || wire.handshake.isEmpty())
        return descriptor;
    QByteArray answer;
    char byte;
    if (!ClientProcess::send(descriptor, wire.handshake))
        return -1;
    while (!answer.endsWith("\r\n\r\n")) {
        if (::recv(descriptor, &byte, 1, 0) != 1)
            return -1;
        answer += byte;
    }
    return descriptor;
}

// A server with a client whose work begins when it is connected.
class Scene
{
public:
    explicit Scene(const Side &side)
        : m_wire(side.wire)
        , server(side.create())
    {}
    bool start(const std::function<qint64(int descriptor)> &work)
    {
        if (!server->listen())
            return false;
        const quint16 port = server->port();
        const Wire wire = m_wire;
        if (!client.start([=] {
                const int descriptor = connectTo(port, wire);
                return descriptor < 0 || !ClientProcess::awaitGo() ? 0 : work(descriptor);
            }))
            return false;
        runUntil([this] { return server->hasConnection(); }, 5000);
        return server->hasConnection();
    }

private:
    const Wire m_wire;

public:
    std::unique_ptr<Server> server;
    ClientProcess client;
};

inline QByteArray mebibytes(qint64 bytes)
{
    return QByteArray::number(double(bytes) / MiB, 'f', 1) + " MiB";
}

inline double cpuSeconds()
{
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
           + double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

#endif // SCENE_H
