// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TLSECHO_H
#define TLSECHO_H

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qmutex.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtTest/qtest.h>

// What the tests of encrypted connections have in common.
namespace TlsEcho {

inline const QString Host = QStringLiteral("localhost");

// An echo server in each of the three ways to serve, which notes who its clients are.
class EchoServer
{
public:
    bool begin(const QByteArray &way, const QSslConfiguration &configuration)
    {
        server.setSslConfiguration(configuration);
        if (way == "start")
            return server.start(
                    [this](const GruvPeer &peer, GruvSocket &socket) {
                        note(&socket);
                        Gruv::echoHandler(peer, socket);
                    },
                    0, QHostAddress::LocalHost);
        server.setThreadCount(way == "threads" ? 2 : 0);
        server.setConnectionHandler([this](GruvSocket *socket) {
            note(socket);
            QObject::connect(socket, &GruvSocket::messageReceived, socket,
                             &GruvSocket::sendMessage);
        });
        return server.listen(QHostAddress::LocalHost);
    }

    QStringList clients()
    {
        const QMutexLocker lock(&m_mutex);
        return m_clients;
    }

    GruvServer server;

private:
    void note(const GruvSocket *socket)
    {
        const QMutexLocker lock(&m_mutex);
        const QSslCertificate certificate = socket->sslConfiguration().peerCertificate();
        m_clients.append(!socket->isEncrypted() ? QStringLiteral("not encrypted")
                         : certificate.isNull() ? QStringLiteral("nobody")
                                                : certificate.subjectDisplayName());
    }

    QMutex m_mutex;
    QStringList m_clients;
};

inline void addWays()
{
    QTest::addColumn<QByteArray>("way");
    for (const char *way : { "loop", "threads", "start" })
        QTest::newRow(way) << QByteArray(way);
}

} // namespace TlsEcho

#endif // TLSECHO_H
