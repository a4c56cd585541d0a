// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "testproxy.h"

#include <QtCore/qendian.h>
#include <QtCore/qurl.h>

namespace {

class OnePort : public QNetworkProxyFactory
{
public:
    OnePort(const QNetworkProxy &proxy, quint16 port)
        : m_proxy(proxy)
        , m_port(port)
    {}
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override
    {
        const bool isProxied =
                query.queryType() == QNetworkProxyQuery::TcpSocket && query.peerPort() == m_port;
        return { isProxied ? m_proxy : QNetworkProxy(QNetworkProxy::NoProxy) };
    }

private:
    const QNetworkProxy m_proxy;
    const quint16 m_port;
};

// Who is asked for.
struct Target
{
    QString name;
    quint16 port = 0;
};

// Version, command, a zero, 3 for a name, its length, the name, the port.
Target targetOfSocks(const QByteArray &request)
{
    if (request.size() < 5 || request[3] != 3)
        return {};
    const qsizetype end = 5 + quint8(request[4]);
    if (request.size() < end + 2)
        return {};
    return { QString::fromLatin1(request.mid(5, end - 5)),
             qFromBigEndian<quint16>(request.constData() + end) };
}

// "CONNECT host:port HTTP/1.1" and lines that are of no interest.
Target targetOfHttp(const QByteArray &request)
{
    if (!request.endsWith("\r\n\r\n") || !request.startsWith("CONNECT "))
        return {};
    const QUrl url(QStringLiteral("any://") + QString::fromLatin1(request.split(' ').at(1)));
    return { url.host(), quint16(url.port()) };
}

} // namespace

// One client of the proxy and whom it asked for.
class TestProxy::Tunnel : public QObject
{
public:
    Tunnel(TestProxy *proxy, QTcpSocket *client)
        : QObject(client)
        , m_proxy(proxy)
        , m_client(client)
        , m_isGreeted(proxy->m_kind == Kind::Http)
    {
        m_target.setProxy(QNetworkProxy::NoProxy);
        connect(client, &QTcpSocket::readyRead, this, [this] { clientSays(); });
        connect(client, &QTcpSocket::disconnected, &m_target, &QTcpSocket::disconnectFromHost);
        connect(&m_target, &QTcpSocket::connected, this, [this] { open(); });
        connect(&m_target, &QTcpSocket::readyRead, this,
                [this] { m_client->write(m_target.readAll()); });
        connect(&m_target, &QTcpSocket::disconnected, m_client, &QTcpSocket::disconnectFromHost);
        connect(&m_target, &QTcpSocket::errorOccurred, this, [this] {
            if (!m_isOpen)
                answer(QByteArray("\5\5\0\1\0\0\0\0\0\0", 10),
                       "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        });
    }

private:
    void clientSays()
    {
        if (m_isOpen) {
            m_target.write(m_client->readAll());
            return;
        }
        m_request += m_client->readAll();
        if (!m_isGreeted && m_request.size() >= 3) { // \5, one method: none
            m_isGreeted = true;
            m_request.remove(0, 3);
            m_client->write(QByteArray("\5\0", 2));
        }
        if (m_isGreeted && m_name.isEmpty())
            connectToTarget(m_proxy->m_kind == Kind::Http ? targetOfHttp(m_request)
                                                          : targetOfSocks(m_request));
    }
    void connectToTarget(const Target &target)
    {
        m_name = target.name;
        if (!m_name.isEmpty())
            m_target.connectToHost(QHostAddress::LocalHost, target.port);
    }
    void open()
    {
        m_isOpen = true;
        m_proxy->m_opened.append(m_name);
        answer(QByteArray("\5\0\0\1\0\0\0\0\0\0", 10), "HTTP/1.1 200 OK\r\n\r\n");
    }
    void answer(const QByteArray &socks, const QByteArray &http)
    {
        m_client->write(m_proxy->m_kind == Kind::Http ? http : socks);
    }

    TestProxy *const m_proxy;
    QTcpSocket *const m_client; // owns this
    QTcpSocket m_target;
    QByteArray m_request;
    QString m_name;
    bool m_isGreeted;
    bool m_isOpen = false;
};

TestProxy::TestProxy(Kind kind)
    : m_kind(kind)
{}

bool TestProxy::begin()
{
    m_server = std::make_unique<QTcpServer>();
    connect(m_server.get(), &QTcpServer::newConnection, this, &TestProxy::clientCame);
    const bool listens = m_server->listen(QHostAddress::LocalHost, m_port);
    m_port = m_server->serverPort();
    return listens;
}

void TestProxy::kill()
{
    m_server.reset();
}

void TestProxy::clientCame()
{
    while (QTcpSocket *const client = m_server->nextPendingConnection())
        new Tunnel(this, client);
}

QNetworkProxy TestProxy::address() const
{
    return { m_kind == Kind::Http ? QNetworkProxy::HttpProxy : QNetworkProxy::Socks5Proxy,
             QStringLiteral("127.0.0.1"), m_port };
}

Route::Route(const QNetworkProxy &proxy, quint16 port)
{
    QNetworkProxyFactory::setApplicationProxyFactory(new OnePort(proxy, port));
}
