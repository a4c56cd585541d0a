// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "qtends.h"
#include "rawclient.h"
#include "side.h"
#include "tls.h"

#include <gruvsocks/gruvsocks.h>

namespace {

GruvSocketOptions optionsFor(const Task &task)
{
    GruvSocketOptions options;
    options.maximumMessageSize = std::max(options.maximumMessageSize, task.size);
    options.writeBufferLimit = std::max(options.writeBufferLimit, 4 * task.size);
    return options;
}

class Channel : public QObject
{
public:
    explicit Channel(GruvSocket *accepted)
        : QObject(accepted)
        , m_socket(accepted)
    {}
    Channel()
        : m_socket(new GruvSocket(this))
    {}

    template<typename Function>
    void connectTo(const Task &task, Function connected)
    {
        m_socket->setOptions(optionsFor(task));
        connect(m_socket, &GruvSocket::connected, this, connected);
        if (task.certificates.isEmpty()) {
            m_socket->connectToHost(QHostAddress::LocalHost, task.port);
            return;
        }
        m_socket->setSslConfiguration(Tls::configurationOf(task));
        m_socket->connectToHostEncrypted(QLatin1String(Tls::Host), task.port);
    }
    template<typename Function>
    void onMessage(Function function)
    {
        if (s_byHandler)
            m_socket->setMessageHandler(function);
        else
            connect(m_socket, &GruvSocket::messageReceived, this, function);
    }
    template<typename Function>
    void onRoom(Function function)
    {
        connect(m_socket, &GruvSocket::writableChanged, this, function);
    }
    template<typename Function>
    void onSent(Function function)
    {
        connect(m_socket, &GruvSocket::bytesWritten, this, [this, function] {
            if (m_socket->bytesToWrite() == 0)
                function();
        });
    }
    bool hasRoom() const { return m_socket->isWritable(); }
    void send(const QByteArray &message) { m_socket->sendMessage(message); }
    template<typename Function>
    void disconnect(Function disconnected)
    {
        connect(m_socket, &GruvSocket::disconnected, this, disconnected);
        m_socket->abort();
    }

    inline static bool s_byHandler = false;

private:
    GruvSocket *m_socket;
};

class Server : public GruvServer
{
public:
    explicit Server(const Task &task)
    {
        setSocketOptions(optionsFor(task));
        setMaximumConnections(20'000);
        setThreadCount(task.threads);
        if (!task.certificates.isEmpty())
            setSslConfiguration(Tls::configurationOf(task));
        listen(QHostAddress::LocalHost);
    }
    template<typename Function>
    void onConnection(Function function)
    {
        setConnectionHandler([function](GruvSocket *socket) { function(new Channel(socket)); });
    }
    quint16 port() const { return serverPort(); }
    bool hasRoom() const
    {
        const auto sockets = clients();
        return sockets.isEmpty() || sockets.first()->isWritable();
    }
    void publish(const QByteArray &message) { broadcast(message); }
};

} // namespace

int runGruvHandler(const Task &task)
{
    Channel::s_byHandler = true;
    return runGruv(task);
}

bool gruvHandlerCan(const Task &task)
{
    return task.work == Task::Work::OneWay && task.size <= 1024;
}

int runGruv(const Task &task)
{
    if (task.role == Task::Role::Server)
        return QtEnds::serve<Server>(task);
    if (!task.certificates.isEmpty() && task.work == Task::Work::Accept)
        return runSslSocketClient(task); // so that what is compared is the servers
    if (task.role == Task::Role::Idle || task.work == Task::Work::Broadcast || task.burn > 0
        || task.work == Task::Work::Accept)
        return RawClient::run(task, RawClient::Wire::Length);
    return task.work == Task::Work::OneWay ? QtEnds::feed<Channel>(task)
                                           : QtEnds::bounce<Channel>(task);
}
