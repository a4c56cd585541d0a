// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "server.h"

#include <QtCore/qdatastream.h>
#include <QtCore/qendian.h>
#include <QtCore/qpointer.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

namespace {

void write(QTcpSocket *socket, const QByteArray &message)
{
    QDataStream stream(socket);
    stream << message;
}

// The transactions of QDataStream, as in Qt's Fortune Client example.
void echo(QTcpSocket *socket, QDataStream *stream)
{
    for (;;) {
        QByteArray message;
        stream->startTransaction();
        *stream >> message;
        if (!stream->commitTransaction())
            return;
        write(socket, message);
    }
}

class DataStreamSide : public Server
{
public:
    DataStreamSide()
    {
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            while (QTcpSocket *const socket = m_server.nextPendingConnection())
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
        write(m_first, message);
        return true;
    }

private:
    void serve(QTcpSocket *socket)
    {
        if (!m_first)
            m_first = socket;
        const auto stream = std::make_shared<QDataStream>(socket);
        QObject::connect(socket, &QTcpSocket::readyRead, socket,
                         [socket, stream] { echo(socket, stream.get()); });
        QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    }

    QTcpServer m_server;
    QPointer<QTcpSocket> m_first;
};

QByteArray header(quint32 size)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(size, bytes.data());
    return bytes;
}

} // namespace

Side dataStreamSide()
{
    return { "QTcpSocket (QDataStream)",
             [] { return std::unique_ptr<Server>(std::make_unique<DataStreamSide>()); },
             { {}, &header, &header } };
}
