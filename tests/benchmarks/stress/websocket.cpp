// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "server.h"

#include <QtCore/qendian.h>
#include <QtCore/qpointer.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

namespace {

class WebSocketSide : public Server
{
public:
    WebSocketSide()
    {
        QObject::connect(&m_server, &QWebSocketServer::newConnection, &m_server, [this] {
            while (QWebSocket *const socket = m_server.nextPendingConnection())
                serve(socket);
        });
    }
    bool listen() override { return m_server.listen(QHostAddress::LocalHost); }
    quint16 port() const override { return m_server.serverPort(); }
    bool hasConnection() const override
    {
        return m_first && m_first->state() == QAbstractSocket::ConnectedState;
    }
    bool send(const QByteArray &message) override
    {
        return m_first->sendBinaryMessage(message) == message.size();
    }

private:
    void serve(QWebSocket *socket)
    {
        if (!m_first)
            m_first = socket;
        QObject::connect(socket, &QWebSocket::binaryMessageReceived, socket,
                         &QWebSocket::sendBinaryMessage);
        QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
    }

    QWebSocketServer m_server{ QStringLiteral("stress"), QWebSocketServer::NonSecureMode };
    QPointer<QWebSocket> m_first;
};

// RFC 6455, 5.2: a final binary frame; the length in the fewest bytes.
QByteArray header(quint32 size, bool masked)
{
    const char mask = char(masked ? 0x80 : 0);
    QByteArray bytes("\x82");
    if (size < 126) {
        bytes += char(mask | char(size));
    } else {
        QByteArray length(8, '\0');
        qToBigEndian(quint64(size), length.data());
        bytes += char(mask | char(127)) + length;
    }
    return masked ? bytes + QByteArray(4, '\0') : bytes; // a mask of zeros changes nothing
}

} // namespace

Side webSocketSide()
{
    const QByteArray handshake = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                 "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n";
    return { "QWebSocket",
             [] { return std::unique_ptr<Server>(std::make_unique<WebSocketSide>()); },
             { handshake, [](quint32 size) { return header(size, true); },
               [](quint32 size) { return header(size, false); } } };
}
