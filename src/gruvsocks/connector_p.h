// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONNECTOR_P_H
#define CONNECTOR_P_H

#include <gruvsocks/addressrace_p.h>
#include <gruvsocks/callguard_p.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/tls_p.h>

#include <QtNetwork/qabstractsocket.h>
#include <QtNetwork/qsslerror.h>

#include <memory>

class HostLookup;
class QHostInfo;
class QSslSocket;
class QTcpSocket;

// Brings a connection up: name lookup, addresses, the application's proxy, TLS.
class Connector final : public AddressRace::Listener
{
public:
    class Listener
    {
    public:
        virtual void connectorStateChanged(QAbstractSocket::SocketState state) = 0;
        // Who is called owns it now; its signal and calls are on the stack.
        virtual void connectorSucceeded(QTcpSocket *socket, const CallGuard &calls) = 0;
        virtual void connectorFailed(GruvSocket::Error error, const QString &text) = 0;
        // With what is refused unless it is given to ignoreSslErrors() now.
        virtual void connectorSslErrors(const QList<QSslError> &errors) = 0;

    protected:
        ~Listener() = default;
    };

    // Without tls the connection is not encrypted.
    Connector(Listener *listener, QObject *parent, const Tls::Configuration &tls);
    ~Connector();
    void connectToHost(const QString &host, quint16 port);
    void ignoreSslErrors(const QList<QSslError> &errors);
    bool isEncrypting() const;                     // TCP is up, and the handshake not through
    bool isRefused() const { return m_isRefused; } // by TLS, at one of both ends

private:
    Q_DISABLE_COPY_MOVE(Connector)
    void raceWon(QTcpSocket *socket, const CallGuard &calls) override;
    void raceLost(QAbstractSocket::SocketError error, const QString &text) override;

    QTcpSocket *makeSocket();
    void lookedUp(const QHostInfo &info);
    void connectByProxy();
    void proxiedStateChanged(QAbstractSocket::SocketState state);
    void watch(QTcpSocket *socket);
    void socketFailed(QAbstractSocket::SocketError error);
    void succeed();

    Listener *const m_listener;
    QObject *const m_parent;
    const Tls::Configuration m_tls;
    const std::unique_ptr<HostLookup> m_lookup;
    QString m_host;
    quint16 m_port = 0;
    std::unique_ptr<AddressRace> m_race;
    QTcpSocket *m_socket = nullptr;     // by a proxy, or the one that won
    QSslSocket *m_encrypting = nullptr; // the same one, in its handshake
    bool m_hasWon = false;              // the handshake is through, and succeed() is due
    bool m_isRefused = false;
    QList<QSslError> m_sslErrors;
    CallGuard m_calls;
};

#endif // CONNECTOR_P_H
