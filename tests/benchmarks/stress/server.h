// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SERVER_H
#define SERVER_H

#include <QtCore/qbytearray.h>

#include <memory>

// A server as its library's manual has it: it echoes what it receives. The options that have a
// counterpart in none of the others are set where a measurement is about them.
class Server
{
public:
    Server() = default;
    virtual ~Server() = default;
    virtual bool listen() = 0; // on loopback
    virtual quint16 port() const = 0;
    virtual bool hasConnection() const = 0;           // the first one, open
    virtual bool send(const QByteArray &message) = 0; // to the first connection

private:
    Q_DISABLE_COPY_MOVE(Server)
};

// What a client written by hand has to know.
struct Wire
{
    QByteArray handshake;                 // empty: none
    QByteArray (*toServer)(quint32 size); // the header of a frame
    QByteArray (*fromServer)(quint32 size);
};

struct Side
{
    const char *name;
    std::unique_ptr<Server> (*create)();
    Wire wire;
};

Side gruvSide();
Side dataStreamSide();
Side webSocketSide();

#endif // SERVER_H
