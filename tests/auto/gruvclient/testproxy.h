// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TESTPROXY_H
#define TESTPROXY_H

#include <QtCore/qstringlist.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

#include <memory>

// A proxy of SOCKS 5 (RFC 1928) or of HTTP CONNECT (RFC 9110) that can be killed and started again
// on its port. Whatever name it is asked for is this machine's.
class TestProxy : public QObject
{
public:
    enum class Kind { Socks5, Http };

    explicit TestProxy(Kind kind);
    bool begin();
    void kill();

    QNetworkProxy address() const;
    const QStringList &opened() const { return m_opened; } // the names asked for

private:
    class Tunnel;
    void clientCame();

    const Kind m_kind;
    std::unique_ptr<QTcpServer> m_server; // owns its tunnels
    quint16 m_port = 0;
    QStringList m_opened;
};

// What the application connects to a port goes through a proxy, as long as this exists.
class Route
{
public:
    Route(const QNetworkProxy &proxy, quint16 port);
    ~Route() { QNetworkProxyFactory::setApplicationProxyFactory(nullptr); }

private:
    Q_DISABLE_COPY_MOVE(Route)
};

#endif // TESTPROXY_H
