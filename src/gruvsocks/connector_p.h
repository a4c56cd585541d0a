// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONNECTOR_P_H
#define CONNECTOR_P_H

#include <gruvsocks/callguard_p.h>
#include <gruvsocks/gruvsocket.h>

#include <QtNetwork/qabstractsocket.h>

class QTcpSocket;

// Brings a connection up: name lookup, addresses, the application's proxy.
class Connector
{
public:
    class Listener
    {
    public:
        virtual void connectorStateChanged(QAbstractSocket::SocketState state) = 0;
        // Who is called owns it now; its signal and calls are on the stack.
        virtual void connectorSucceeded(QTcpSocket *socket, const CallGuard &calls) = 0;
        virtual void connectorFailed(GruvSocket::Error error, const QString &text) = 0;

    protected:
        ~Listener() = default;
    };

    Connector(Listener *listener, QObject *parent);
    ~Connector();
    void connectToHost(const QString &host, quint16 port);

private:
    Q_DISABLE_COPY_MOVE(Connector)
    void socketStateChanged(QAbstractSocket::SocketState state);

    Listener *const m_listener;
    QTcpSocket *m_socket;
    CallGuard m_calls;
};

#endif // CONNECTOR_P_H
