// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TASK_H
#define TASK_H

#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

// What one process of a measurement does. The driver hands it over as command-line arguments.
struct Task
{
    enum class Work {
        OneWay,    // client -> server, as fast as it goes
        Echo,      // the client sends, the server sends back
        Accept,    // connect, one echo, disconnect, again
        Broadcast, // server -> all clients
    };
    enum class Role { Server, Client, Idle };

    QString side;
    Work work = Work::Echo;
    Role role = Role::Server;
    qint64 size = 64;    // bytes of a message
    double seconds = 1;  // how long is sent
    int connections = 1; // of the client
    int inFlight = 1;    // messages of each that wait for their echo
    int idle = 0;        // connections that do nothing
    int threads = 0;     // of the server; 0: its main thread
    int burn = 0;        // microseconds of computing for each message
    bool digest = false; // the echo is the hash of the message alone
    quint16 port = 0;
    QString certificates; // the directory of what TLS needs; empty: without TLS

    QStringList toArguments() const;
    static Task fromArguments(const QStringList &arguments);
};

#endif // TASK_H
