// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CLIENTTOOLS_H
#define CLIENTTOOLS_H

#include <gruvsocks/gruvclient.h>
#include <gruvsocks/gruvserver.h>

#include <encryption.h>
#include <rawpeer.h>

#include <memory>

// What the tests of GruvClient have in common.
namespace ClientTools {

// An echo server that can be killed and started again on its port.
class Host
{
public:
    Host() { begin(0); }
    quint16 port() const { return m_port; }
    bool begin(quint16 port)
    {
        m_server = std::make_unique<GruvServer>();
        Encryption::serve(m_server.get());
        m_server->setConnectionHandler([this](GruvSocket *socket) {
            QObject::connect(socket, &GruvSocket::messageReceived, socket,
                             [this, socket](const QByteArray &message) {
                                 received.append(message);
                                 socket->sendMessage(message);
                             });
        });
        const bool listens = m_server->listen(QHostAddress::LocalHost, port);
        m_port = m_server->serverPort();
        return listens;
    }
    void kill() { m_server.reset(); }
    bool restart() { return begin(m_port); }
    int clients() const { return m_server->clientCount(); }

    QList<QByteArray> received;

private:
    std::unique_ptr<GruvServer> m_server;
    quint16 m_port = 0;
};

// Tells what it was told.
class Client : public GruvClient
{
public:
    Client()
    {
        connect(this, &GruvClient::messageDropped, this,
                [this](quint64 id, GruvClient::DropReason reason) {
                    dropped.append({ id, reason });
                });
        connect(this, &GruvClient::messageReceived, this,
                [this](const QByteArray &message) { messages.append(message); });
        GruvReconnectPolicy policy;
        policy.initialDelay = std::chrono::milliseconds(20);
        policy.maximumDelay = std::chrono::milliseconds(100);
        setReconnectPolicy(policy);
        if (Encryption::isOn())
            setSslConfiguration(Encryption::configuration());
    }
    void begin(quint16 port)
    {
        if (Encryption::isOn())
            connectToServerEncrypted(QStringLiteral("localhost"), port);
        else
            connectToServer(QStringLiteral("127.0.0.1"), port);
    }

    QList<QPair<quint64, GruvClient::DropReason>> dropped;
    QList<QByteArray> messages;
};

inline GruvClient::Server at(quint16 port)
{
    return { Encryption::isOn() ? QStringLiteral("localhost") : QStringLiteral("127.0.0.1"), port,
             Encryption::isOn() };
}

// The other end of a client that comes online; null: it does not.
inline std::unique_ptr<QTcpSocket> peerThatStopsReading(RawPeer::Listener *listener, Client *client)
{
    client->begin(listener->port());
    auto peer = listener->accept();
    const auto isUp = [&] {
        return client->state() == GruvClient::State::Online && Encryption::isReady(peer.get());
    };
    if (!peer || !QTest::qWaitFor(isUp))
        return nullptr;
    peer->setReadBufferSize(1);
    return peer;
}

} // namespace ClientTools

#endif // CLIENTTOOLS_H
