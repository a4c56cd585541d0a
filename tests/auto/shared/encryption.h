// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ENCRYPTION_H
#define ENCRYPTION_H

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtNetwork/qsslsocket.h>
#include <QtNetwork/qtcpserver.h>

#include <certificates.h>

// For subjects that run once more with TLS (TLS in their subject.cmake): then all that is connected
// by these is encrypted.
namespace Encryption {

inline bool isOn()
{
    static const bool on = qEnvironmentVariableIsSet("GRUVSOCKS_TEST_TLS");
    return on;
}

// The server's name for who reaches it by a proxy: Qt connects to localhost past any.
inline const QString Elsewhere = QStringLiteral("server.example");

inline const QSslConfiguration &configuration()
{
    static const QSslConfiguration made = [] {
        const Certificates certificates;
        if (!certificates.isMade
            || !certificates.issue("server", "localhost," + Elsewhere.toLatin1()))
            qFatal("the openssl tool is needed");
        return certificates.of("server");
    }();
    return made;
}

inline void connect(GruvSocket *socket, quint16 port)
{
    if (!isOn()) {
        socket->connectToHost(QHostAddress::LocalHost, port);
        return;
    }
    socket->setSslConfiguration(configuration());
    socket->connectToHostEncrypted(QStringLiteral("localhost"), port);
}

// A peer written by hand, on its way to port.
inline QTcpSocket *connectedPeer(quint16 port)
{
    if (!isOn()) {
        auto *const plain = new QTcpSocket;
        plain->connectToHost(QHostAddress::LocalHost, port);
        return plain;
    }
    auto *const peer = new QSslSocket;
    peer->setSslConfiguration(configuration());
    peer->connectToHostEncrypted(QStringLiteral("localhost"), port);
    return peer;
}

// With TLS 1.3 a server is ready later than its client.
inline bool isReady(const QTcpSocket *peer)
{
    const auto *const encrypted = qobject_cast<const QSslSocket *>(peer);
    return !encrypted || encrypted->isEncrypted();
}

inline void serve(GruvServer *server)
{
    if (isOn())
        server->setSslConfiguration(configuration());
}

// Has peers written by hand.
class Listener : public QTcpServer
{
protected:
    void incomingConnection(qintptr descriptor) override
    {
        if (!isOn()) {
            QTcpServer::incomingConnection(descriptor);
            return;
        }
        auto *const peer = new QSslSocket(this);
        QSslConfiguration server = configuration();
        server.setPeerVerifyMode(QSslSocket::VerifyNone);
        peer->setSslConfiguration(server);
        peer->setSocketDescriptor(descriptor);
        peer->startServerEncryption();
        addPendingConnection(peer);
    }
};

} // namespace Encryption

#endif // ENCRYPTION_H
