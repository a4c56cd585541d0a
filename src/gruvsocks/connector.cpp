// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/connector_p.h>
#include <gruvsocks/hostlookup_p.h>
#include <gruvsocks/qttransport_p.h>

#include <QtCore/qpointer.h>
#include <QtNetwork/qhostinfo.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslsocket.h>

#include <utility>

static GruvSocket::Error connectError(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::HostNotFoundError:
        return GruvSocket::Error::HostNotFound;
    case QAbstractSocket::ConnectionRefusedError:
        return GruvSocket::Error::ConnectionRefused;
    case QAbstractSocket::RemoteHostClosedError:
        return GruvSocket::Error::ConnectionReset;
    case QAbstractSocket::SocketTimeoutError:
        return GruvSocket::Error::ConnectTimeout;
    case QAbstractSocket::SslHandshakeFailedError:
    case QAbstractSocket::SslInternalError:
    case QAbstractSocket::SslInvalidUserDataError:
        return GruvSocket::Error::TlsHandshakeFailed;
    default:
        return GruvSocket::Error::NetworkError;
    }
}

Connector::Connector(Listener *listener, QObject *parent, const Tls::Configuration &tls)
    : m_listener(listener)
    , m_parent(parent)
    , m_tls(tls)
    , m_lookup(std::make_unique<HostLookup>([this](const QHostInfo &info) { lookedUp(info); }))
{}

Connector::~Connector()
{
    if (!m_socket)
        return;
    m_socket->disconnect();
    m_socket->abort();
    m_calls.dispose(m_socket);
}

/*
    Two ways were weighed. QTcpSocket's own: it looks the name up, and tries one address after the
    other, each for 30 s. And this one, where each is tried 250 ms after the one before. By a proxy
    it is the proxy that looks the name up, and Qt that speaks to it.
*/
void Connector::connectToHost(const QString &host, quint16 port)
{
    m_host = host;
    m_port = port;
    const QHostAddress address(host);
    if (QtTransport::isProxied(host, port)) {
        connectByProxy();
    } else if (address.isNull()) {
        m_lookup->begin(host);
    } else {
        m_race = std::make_unique<AddressRace>(this, [this] { return makeSocket(); });
        const QPointer<HostLookup> alive = m_lookup.get();
        m_listener->connectorStateChanged(QAbstractSocket::ConnectingState);
        if (alive)
            m_race->run({ address }, port);
    }
}

QTcpSocket *Connector::makeSocket()
{
    if (!m_tls)
        return new QTcpSocket(m_parent);
    auto *const socket = new QSslSocket(m_parent);
    socket->setSslConfiguration(Tls::bounded(*m_tls));
    return socket;
}

void Connector::lookedUp(const QHostInfo &info)
{
    if (info.error() != QHostInfo::NoError || info.addresses().isEmpty()) {
        m_listener->connectorFailed(GruvSocket::Error::HostNotFound, info.errorString());
        return;
    }
    m_race = std::make_unique<AddressRace>(this, [this] { return makeSocket(); });
    const QPointer<HostLookup> alive = m_lookup.get();
    m_listener->connectorStateChanged(QAbstractSocket::ConnectingState);
    if (alive)
        m_race->run(info.addresses(), m_port);
}

void Connector::raceWon(QTcpSocket *socket, const CallGuard &calls)
{
    m_socket = socket;
    if (!m_tls) {
        m_listener->connectorSucceeded(std::exchange(m_socket, nullptr), calls);
        return;
    }
    watch(socket);
    m_encrypting->setPeerVerifyName(m_host);
    m_encrypting->startClientEncryption();
}

void Connector::raceLost(QAbstractSocket::SocketError error, const QString &text)
{
    m_listener->connectorFailed(connectError(error), text);
}

void Connector::connectByProxy()
{
    QTcpSocket *const socket = makeSocket();
    watch(socket);
    QObject::connect(socket, &QAbstractSocket::stateChanged, socket,
                     m_calls.counted([this](auto state) { proxiedStateChanged(state); }));
    if (m_encrypting)
        m_encrypting->connectToHostEncrypted(m_host, m_port);
    else
        socket->connectToHost(m_host, m_port);
}

void Connector::proxiedStateChanged(QAbstractSocket::SocketState state)
{
    switch (state) {
    case QAbstractSocket::HostLookupState:
    case QAbstractSocket::ConnectingState:
        m_listener->connectorStateChanged(state);
        break;
    case QAbstractSocket::ConnectedState:
        if (!m_encrypting)
            succeed();
        break;
    default:
        break;
    }
}

void Connector::watch(QTcpSocket *socket)
{
    m_socket = socket;
    QObject::connect(socket, &QAbstractSocket::errorOccurred, socket,
                     m_calls.counted([this](auto error) { socketFailed(error); }));
    m_encrypting = qobject_cast<QSslSocket *>(socket);
    if (!m_encrypting)
        return;
    QObject::connect(m_encrypting, &QSslSocket::encrypted, m_encrypting, m_calls.counted([this] {
        m_hasWon = true; // what it meets now is its next owner's
        QMetaObject::invokeMethod(m_encrypting, m_calls.counted([this] { succeed(); }),
                                  Qt::QueuedConnection);
    }));
    QObject::connect(m_encrypting, &QSslSocket::sslErrors, m_encrypting,
                     m_calls.counted([this](const QList<QSslError> &errors) {
                         m_sslErrors = errors;
                         m_listener->connectorSslErrors(errors);
                     }));
}

bool Connector::isEncrypting() const
{
    return m_encrypting && m_encrypting->state() == QAbstractSocket::ConnectedState;
}

void Connector::ignoreSslErrors(const QList<QSslError> &errors)
{
    if (m_encrypting)
        m_encrypting->ignoreSslErrors(errors);
}

// Once there is a connection it can be but the handshake that fails.
void Connector::socketFailed(QAbstractSocket::SocketError error)
{
    if (m_hasWon)
        return;
    const QString text = m_socket->errorString();
    m_isRefused = connectError(error) == GruvSocket::Error::TlsHandshakeFailed;
    if (isEncrypting())
        m_listener->connectorFailed(GruvSocket::Error::TlsHandshakeFailed,
                                    Tls::handshakeFailure(error, text, m_sslErrors));
    else
        m_listener->connectorFailed(connectError(error), text);
}

void Connector::succeed()
{
    m_listener->connectorSucceeded(std::exchange(m_socket, nullptr), CallGuard(m_calls));
}
