// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LINK_H
#define LINK_H

#include "peerprocess.h"

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qpointer.h>

#include <memory>

// One connection between a GruvSocket and a gruvlike.py, and a record of what the socket said.
class Link : public QObject
{
    Q_OBJECT

public:
    enum class Role {
        Client,
        Server,
        Adopted
    }; // ours; Adopted: a QTcpSocket that was connected already
    Q_ENUM(Role)

    bool open(Role role, const QStringList &action, const GruvSocketOptions &options = {});
    QByteArray ask(const QByteArray &message); // sends, returns the next message

    bool waitForMessages(qsizetype count, std::chrono::milliseconds timeout);
    bool waitForEnd(std::chrono::milliseconds timeout);

    PeerProcess peer;
    std::unique_ptr<GruvServer> server;
    std::unique_ptr<GruvSocket> client;
    QPointer<GruvSocket> socket; // the client or what the server accepted

    QByteArrayList messages;
    QStringList endings; // names of errors, then "disconnected"
    QString description;

Q_SIGNALS:
    void attached();
    void changed(); // a message came, or the end

private:
    void connectTo(quint16 port, const GruvSocketOptions &options);
    void adopt(quint16 port, const GruvSocketOptions &options);
    void attach(GruvSocket *newSocket);
};

// What gruvlike.py answers to a message: "LENGTH SHA256".
QByteArray receipt(const QByteArray &message);

#endif // LINK_H
