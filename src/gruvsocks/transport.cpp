// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativetransport_p.h>
#include <gruvsocks/qttransport_p.h>
#include <gruvsocks/transport_p.h>

#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpsocket.h>

// Whether the descriptor of socket carries just what the application reads and writes, and all of
// that.
static bool becomesPlain(QTcpSocket *socket)
{
    if (!NativeSocket::isSupported() || socket->metaObject() != &QTcpSocket::staticMetaObject
        || QtTransport::isProxied(socket))
        return false;
    socket->flush();
    return socket->bytesToWrite() == 0;
}

std::unique_ptr<Transport> Transport::adopt(qintptr descriptor, Listener *listener, QObject *parent)
{
    if (NativeSocket::isSupported())
        return std::make_unique<NativeTransport>(descriptor, listener, parent);
    auto *socket = new QTcpSocket(parent);
    if (socket->setSocketDescriptor(descriptor))
        return std::make_unique<QtTransport>(socket, listener, parent);
    delete socket;
    return nullptr;
}

// Of a plain socket only the connection is kept, so that it is as fast as any other.
std::unique_ptr<Transport> Transport::adopt(QTcpSocket *socket, Listener *listener, QObject *parent,
                                            QByteArray *input, CallGuard calls)
{
    socket->disconnect();
    const qintptr copy =
            becomesPlain(socket) ? NativeSocket::duplicate(socket->socketDescriptor()) : -1;
    *input = socket->readAll(); // which may meet the end, if it has no buffer
    if (copy < 0)
        return std::make_unique<QtTransport>(socket, listener, parent, calls);
    socket->abort();
    calls.disposeLater(socket);
    return adopt(copy, listener, parent);
}
