// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "server.h"

#include <gruvsocks/gruvserver.h>

#include <QtCore/qendian.h>
#include <QtCore/qpointer.h>

using namespace std::chrono_literals;

namespace {

class GruvSide : public Server
{
public:
    GruvSide()
    {
        GruvSocketOptions options;
        options.deadPeerTimeout = 5s;
        options.messageTimeout = 5s;
        options.maximumMessageSize = GruvSocketOptions::LargestMessageSize;
        m_server.setSocketOptions(options);
        m_server.setConnectionHandler([this](GruvSocket *socket) {
            if (!m_first)
                m_first = socket;
            QObject::connect(socket, &GruvSocket::messageReceived, socket,
                             &GruvSocket::sendMessage);
        });
    }
    bool listen() override { return m_server.listen(QHostAddress::LocalHost); }
    quint16 port() const override { return m_server.serverPort(); }
    bool hasConnection() const override
    {
        return m_first && m_first->state() == QAbstractSocket::ConnectedState;
    }
    bool send(const QByteArray &message) override { return m_first->sendMessage(message); }

private:
    GruvServer m_server;
    QPointer<GruvSocket> m_first;
};

QByteArray header(quint32 size)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(size, bytes.data());
    return bytes;
}

} // namespace

Side gruvSide()
{
    return { "GruvSocks",
             [] { return std::unique_ptr<Server>(std::make_unique<GruvSide>()); },
             { {}, &header, &header } };
}
