// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "qtends.h"
#include "qtserver.h"
#include "side.h"
#include "tls.h"

#include <QtCore/qendian.h>
#include <QtNetwork/qsslsocket.h>
#include <QtNetwork/qtcpserver.h>

/*
    Frames on a QSslSocket by hand, as one does who knows it: small messages are gathered in its
    buffer, so that many share a TLS record, large ones are handed over without a copy, and what is
    encrypted already counts in the flow control.
*/
namespace {

constexpr qsizetype HeaderSize = 4;
constexpr qsizetype RecordSize = 16 * 1024;

class Channel : public QObject
{
public:
    explicit Channel(QSslSocket *accepted)
        : QObject(accepted)
        , m_socket(accepted)
    {
        m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        connect(m_socket, &QSslSocket::disconnected, m_socket, &QObject::deleteLater);
    }
    Channel()
        : m_socket(new QSslSocket(this))
    {}

    template<typename Function>
    void connectTo(const Task &task, Function connected)
    {
        connect(m_socket, &QSslSocket::encrypted, this, [this, connected] {
            m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
            connected();
        });
        static const QSslConfiguration configuration = Tls::configurationOf(task);
        m_socket->setSslConfiguration(configuration);
        m_socket->connectToHostEncrypted(QLatin1String(Tls::Host), task.port);
    }
    template<typename Function>
    void onMessage(Function function)
    {
        connect(m_socket, &QSslSocket::readyRead, this, [this, function] { receive(function); });
    }
    template<typename Function>
    void onRoom(Function function)
    {
        connect(m_socket, &QSslSocket::encryptedBytesWritten, this, function);
    }
    template<typename Function>
    void onSent(Function function)
    {
        connect(m_socket, &QSslSocket::encryptedBytesWritten, this, [this, function] {
            if (unsentBytes() == 0)
                function();
        });
    }
    bool hasRoom() const { return unsentBytes() < HighWatermark; }
    void send(const QByteArray &message)
    {
        char header[HeaderSize];
        qToBigEndian(quint32(message.size()), header);
        m_socket->write(header, HeaderSize);
        if (message.size() < RecordSize)
            m_socket->write(message.constData(), message.size());
        else
            m_socket->write(message);
    }
    template<typename Function>
    void disconnect(Function disconnected)
    {
        connect(m_socket, &QSslSocket::disconnected, this, disconnected);
        m_socket->abort();
    }

private:
    qint64 unsentBytes() const
    {
        return m_socket->bytesToWrite() + m_socket->encryptedBytesToWrite();
    }

    template<typename Function>
    void receive(const Function &function)
    {
        if (m_input.isEmpty())
            m_input = m_socket->readAll();
        else
            m_input += m_socket->readAll();
        qsizetype at = 0;
        while (m_input.size() - at >= HeaderSize) {
            const qsizetype size = qFromBigEndian<quint32>(m_input.constData() + at);
            if (m_input.size() - at < HeaderSize + size) {
                m_input.reserve(at + HeaderSize + size);
                break;
            }
            function(m_input.mid(at + HeaderSize, size));
            at += HeaderSize + size;
        }
        m_input.remove(0, at);
    }

    QSslSocket *m_socket;
    QByteArray m_input; // from the first incomplete frame on
};

class Server : public QTcpServer
{
public:
    explicit Server(const Task &task)
        : m_configuration(Tls::configurationOf(task))
    {
        m_configuration.setPeerVerifyMode(QSslSocket::VerifyNone); // no client has to show its own
        setListenBacklogSize(4096);
        listen(QHostAddress::LocalHost);
    }
    template<typename Function>
    void onConnection(Function function)
    {
        connect(this, &QTcpServer::newConnection, this, [this, function] {
            while (QTcpSocket *socket = nextPendingConnection())
                function(new Channel(static_cast<QSslSocket *>(socket)));
        });
    }
    quint16 port() const { return serverPort(); }

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto *const socket = new QSslSocket(this);
        socket->setSslConfiguration(m_configuration);
        socket->setSocketDescriptor(descriptor);
        socket->startServerEncryption();
        addPendingConnection(socket);
    }

private:
    QSslConfiguration m_configuration;
};

} // namespace

int runSslSocket(const Task &task)
{
    if (task.role == Task::Role::Server)
        return task.work == Task::Work::OneWay ? QtEnds::sink<Server>(task)
                                               : QtEnds::echo<Server>(task);
    return runSslSocketClient(task);
}

int runSslSocketClient(const Task &task)
{
    switch (task.work) {
    case Task::Work::OneWay:
        return QtEnds::feed<Channel>(task);
    case Task::Work::Accept:
        return QtEnds::reconnect<Channel>(task);
    default:
        return QtEnds::bounce<Channel>(task);
    }
}

bool sslCan(const Task &task)
{
    return !task.certificates.isEmpty();
}
