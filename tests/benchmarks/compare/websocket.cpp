// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "qtends.h"
#include "qtserver.h"
#include "rawclient.h"
#include "side.h"

#include <QtNetwork/qhostaddress.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

namespace {

class Channel : public QObject
{
public:
    explicit Channel(QWebSocket *accepted)
        : QObject(accepted)
        , m_socket(accepted)
    {
        connect(m_socket, &QWebSocket::disconnected, m_socket, &QObject::deleteLater);
    }
    Channel()
        : m_socket(new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this))
    {}

    template<typename Function>
    void connectTo(const Task &task, Function connected)
    {
        m_socket->setOutgoingFrameSize(quint64(std::max<qint64>(task.size, 512 * 1024)));
        connect(m_socket, &QWebSocket::connected, this, connected);
        m_socket->open(QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(task.port)));
    }
    template<typename Function>
    void onMessage(Function function)
    {
        connect(m_socket, &QWebSocket::binaryMessageReceived, this, function);
    }
    template<typename Function>
    void onRoom(Function function)
    {
        connect(m_socket, &QWebSocket::bytesWritten, this, function);
    }
    template<typename Function>
    void onSent(Function function)
    {
        connect(m_socket, &QWebSocket::bytesWritten, this, [this, function] {
            if (m_socket->bytesToWrite() == 0)
                function();
        });
    }
    bool hasRoom() const { return m_socket->bytesToWrite() < HighWatermark; }
    void send(const QByteArray &message) { m_socket->sendBinaryMessage(message); }
    template<typename Function>
    void disconnect(Function disconnected)
    {
        connect(m_socket, &QWebSocket::disconnected, this, disconnected);
        m_socket->abort();
    }

private:
    QWebSocket *m_socket;
};

class Server : public QtServer<QWebSocketServer, QWebSocket, Channel>
{
public:
    explicit Server(const Task &task)
        : QtServer(task, QStringLiteral("compare"), QWebSocketServer::NonSecureMode)
    {
        listen(QHostAddress::LocalHost);
    }
    void publish(const QByteArray &message)
    {
        for (QWebSocket *subscriber : std::as_const(subscribers))
            subscriber->sendBinaryMessage(message);
    }
};

} // namespace

int runWebSocket(const Task &task)
{
    if (task.role == Task::Role::Server)
        return QtEnds::serve<Server>(task);
    if (task.role == Task::Role::Idle || task.work == Task::Work::Broadcast)
        return RawClient::run(task, RawClient::Wire::WebSocket);
    if (task.work == Task::Work::Accept)
        return QtEnds::reconnect<Channel>(task);
    return task.work == Task::Work::OneWay ? QtEnds::feed<Channel>(task)
                                           : QtEnds::bounce<Channel>(task);
}
