// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/connector_p.h>

#include <QtNetwork/qtcpsocket.h>

#include <utility>

static GruvSocket::Error connectError(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::HostNotFoundError:
        return GruvSocket::Error::HostNotFound;
    case QAbstractSocket::ConnectionRefusedError:
        return GruvSocket::Error::ConnectionRefused;
    case QAbstractSocket::SocketTimeoutError:
        return GruvSocket::Error::ConnectTimeout;
    default:
        return GruvSocket::Error::NetworkError;
    }
}

Connector::Connector(Listener *listener, QObject *parent)
    : m_listener(listener)
    , m_socket(new QTcpSocket(parent))
{
    QObject::connect(m_socket, &QAbstractSocket::stateChanged, m_socket,
                     m_calls.counted([this](auto state) { socketStateChanged(state); }));
    QObject::connect(m_socket, &QAbstractSocket::errorOccurred, m_socket,
                     m_calls.counted([this](auto error) {
                         m_listener->connectorFailed(connectError(error), m_socket->errorString());
                     }));
}

Connector::~Connector()
{
    if (!m_socket)
        return;
    m_socket->disconnect();
    m_socket->abort();
    m_calls.dispose(m_socket);
}

void Connector::connectToHost(const QString &host, quint16 port)
{
    m_socket->connectToHost(host, port);
}

void Connector::socketStateChanged(QAbstractSocket::SocketState state)
{
    switch (state) {
    case QAbstractSocket::HostLookupState:
    case QAbstractSocket::ConnectingState:
        m_listener->connectorStateChanged(state);
        break;
    case QAbstractSocket::ConnectedState:
        m_listener->connectorSucceeded(std::exchange(m_socket, nullptr), CallGuard(m_calls));
        break;
    default:
        break;
    }
}
