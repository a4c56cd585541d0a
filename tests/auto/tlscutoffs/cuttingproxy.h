// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CUTTINGPROXY_H
#define CUTTINGPROXY_H

#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

#include <memory>

#include <sys/socket.h>

// Between a client and a server, of whose bytes it knows nothing: of those in one direction it
// passes on a number, and then ends the connection for who receives them.
class CuttingProxy : public QObject
{
public:
    enum Direction { ToClient, ToServer };
    enum Cut { Fin, Rst };

    CuttingProxy(Direction direction, Cut cut)
        : m_direction(direction)
        , m_cut(cut)
    {
        m_listener.listen(QHostAddress::LocalHost);
        connect(&m_listener, &QTcpServer::newConnection, this, &CuttingProxy::clientCame);
    }

    quint16 port() const { return m_listener.serverPort(); }
    bool hasCut() const { return m_hasCut; }

    // For the next client.
    void begin(quint16 serverPort, qint64 passOn)
    {
        m_serverPort = serverPort;
        m_left = passOn;
        m_hasCut = false;
    }

private:
    void clientCame()
    {
        m_client.reset(m_listener.nextPendingConnection());
        m_client->setParent(nullptr);
        m_server = std::make_unique<QTcpSocket>();
        m_server->connectToHost(QHostAddress::LocalHost, m_serverPort);
        for (QTcpSocket *socket : { m_client.get(), m_server.get() })
            socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        pass(m_client.get(), m_server.get(), m_direction == ToServer);
        pass(m_server.get(), m_client.get(), m_direction == ToClient);
    }

    void pass(QTcpSocket *from, QTcpSocket *to, bool isCut)
    {
        connect(from, &QTcpSocket::readyRead, this, [=] {
            const QByteArray bytes = from->readAll();
            if (!isCut || m_left >= bytes.size()) {
                to->write(bytes);
                m_left -= isCut ? bytes.size() : 0;
            } else if (!m_hasCut) {
                m_hasCut = true;
                to->write(bytes.left(qsizetype(m_left)));
                end(to);
            }
        });
        connect(from, &QTcpSocket::disconnected, to, &QTcpSocket::disconnectFromHost);
    }

    void end(QTcpSocket *receiver)
    {
        receiver->flush();
        if (m_cut == Fin) {
            ::shutdown(int(receiver->socketDescriptor()), SHUT_WR);
            return;
        }
        const linger now{ 1, 0 };
        ::setsockopt(int(receiver->socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        receiver->abort();
    }

    const Direction m_direction;
    const Cut m_cut;
    QTcpServer m_listener;
    std::unique_ptr<QTcpSocket> m_client;
    std::unique_ptr<QTcpSocket> m_server;
    quint16 m_serverPort = 0;
    qint64 m_left = 0;
    bool m_hasCut = false;
};

#endif // CUTTINGPROXY_H
