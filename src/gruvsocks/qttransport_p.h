// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef QTTRANSPORT_P_H
#define QTTRANSPORT_P_H

#include <gruvsocks/callguard_p.h>
#include <gruvsocks/transport_p.h>

#include <QtNetwork/qabstractsocket.h>

// A connection that Qt itself reads and writes: through a proxy, of a class derived from
// QTcpSocket, or where NativeSocket is not supported.
class QtTransport final : public Transport
{
public:
    QtTransport(QTcpSocket *socket, Listener *listener, QObject *parent, CallGuard calls = {});
    ~QtTransport() override;
    static bool isProxied(const QTcpSocket *socket);
    static bool isProxied(const QString &host, quint16 port);

    Endpoint localEndpoint() const override;
    Endpoint peerEndpoint() const override;
    qintptr descriptor() const override;
    void applyOptions(const GruvSocketOptions &options) override;

    void setReading(bool on) override;
    Transfer receive(char *data, qsizetype size) override;
    Transfer send(const SendQueue &queue, qsizetype most) override;
    qint64 unsentBytes() const override;

    qint64 undeliveredBytes() const override { return -1; }
    bool finishWriting() override;
    void setResetOnClose(bool on) override;
    void close() override;

private:
    void socketFailed(QAbstractSocket::SocketError error);
    void socketStateChanged(QAbstractSocket::SocketState state);
    void ended(const Transfer &end);

    QTcpSocket *const m_socket;
    Listener *const m_listener;
    Transfer m_end; // what Qt said of the end, if it did
    bool m_resetOnClose = false;
    CallGuard m_calls;
};

#endif // QTTRANSPORT_P_H
