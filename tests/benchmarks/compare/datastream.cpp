// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "qtends.h"
#include "qtserver.h"
#include "rawclient.h"
#include "side.h"

#include <QtCore/qdatastream.h>
#include <QtCore/qendian.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

/*
    What Qt's documentation shows (QDataStream, "Using Read Transactions"; the Fortune examples):
    transactions on a QTcpSocket. A QByteArray in a QDataStream has the same bytes on the wire.
*/
namespace {

class Channel : public QObject
{
public:
    explicit Channel(QTcpSocket *accepted)
        : QObject(accepted)
        , m_socket(accepted)
        , m_stream(accepted)
    {
        m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        connect(m_socket, &QTcpSocket::disconnected, m_socket, &QObject::deleteLater);
    }
    Channel()
        : m_socket(new QTcpSocket(this))
        , m_stream(m_socket)
    {}

    template<typename Function>
    void connectTo(const Task &task, Function connected)
    {
        connect(m_socket, &QTcpSocket::connected, this, [this, connected] {
            m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
            connected();
        });
        m_socket->connectToHost(QHostAddress::LocalHost, task.port);
    }
    template<typename Function>
    void onMessage(Function function)
    {
        connect(m_socket, &QTcpSocket::readyRead, this, [this, function] {
            while (true) {
                m_stream.startTransaction();
                QByteArray message;
                m_stream >> message;
                if (!m_stream.commitTransaction())
                    return;
                function(message);
            }
        });
    }
    template<typename Function>
    void onRoom(Function function)
    {
        connect(m_socket, &QTcpSocket::bytesWritten, this, function);
    }
    template<typename Function>
    void onSent(Function function)
    {
        connect(m_socket, &QTcpSocket::bytesWritten, this, [this, function] {
            if (m_socket->bytesToWrite() == 0)
                function();
        });
    }
    bool hasRoom() const { return m_socket->bytesToWrite() < HighWatermark; }
    void send(const QByteArray &message) { m_stream << message; }

private:
    QTcpSocket *m_socket;
    QDataStream m_stream;
};

class Server : public QtServer<QTcpServer, QTcpSocket, Channel>
{
public:
    explicit Server(const Task &task)
        : QtServer(task)
    {
        setListenBacklogSize(4096);
        listen(QHostAddress::LocalHost);
    }
    // Header and payload to each, by write().
    void publish(const QByteArray &message)
    {
        char header[4];
        qToBigEndian(quint32(message.size()), header);
        for (QTcpSocket *subscriber : std::as_const(subscribers)) {
            subscriber->write(header, sizeof header);
            subscriber->write(message);
        }
    }
};

} // namespace

int runDataStream(const Task &task)
{
    if (task.role == Task::Role::Server)
        return QtEnds::serve<Server>(task);
    if (task.role == Task::Role::Idle || task.work == Task::Work::Broadcast
        || task.work == Task::Work::Accept)
        return RawClient::run(task, RawClient::Wire::Length);
    return task.work == Task::Work::OneWay ? QtEnds::feed<Channel>(task)
                                           : QtEnds::bounce<Channel>(task);
}
