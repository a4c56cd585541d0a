// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef RAWPEER_H
#define RAWPEER_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qbytearray.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>

#include <encryption.h>

#include <memory>

#include <sys/socket.h>

// The other end of the wire, written by hand on QTcpSocket: it knows nothing of the library.
namespace RawPeer {

inline QByteArray header(quint32 length)
{
    const char bytes[4] = { char(length >> 24), char(length >> 16), char(length >> 8),
                            char(length) };
    return QByteArray(bytes, 4);
}

inline QByteArray frame(const QByteArray &payload)
{
    return header(quint32(payload.size())) + payload;
}

// Ends the connection with RST instead of FIN.
inline void reset(QTcpSocket *socket)
{
    const linger now{ 1, 0 };
    ::setsockopt(int(socket->socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    socket->abort();
}

// A listener to which connect() brings a GruvSocket; returns the other end of that connection.
class Listener
{
public:
    Listener() { m_server.listen(QHostAddress::LocalHost); }
    quint16 port() const { return m_server.serverPort(); }

    std::unique_ptr<QTcpSocket> accept()
    {
        if (!QTest::qWaitFor([this] { return m_server.hasPendingConnections(); }))
            return nullptr;
        std::unique_ptr<QTcpSocket> socket(m_server.nextPendingConnection());
        socket->setParent(nullptr);
        return socket;
    }

    std::unique_ptr<QTcpSocket> connect(GruvSocket *socket)
    {
        Encryption::connect(socket, port());
        std::unique_ptr<QTcpSocket> peer = accept();
        const bool isUp = socket->waitForConnected()
                          && QTest::qWaitFor([&] { return Encryption::isReady(peer.get()); });
        return isUp ? std::move(peer) : nullptr;
    }

private:
    Encryption::Listener m_server;
};

} // namespace RawPeer

#endif // RAWPEER_H
