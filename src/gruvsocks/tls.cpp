// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/tls_p.h>

#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslsocket.h>

// RFC 8996: no other version is to be used any more.
QSslConfiguration Tls::bounded(const QSslConfiguration &configuration)
{
    switch (configuration.protocol()) {
    case QSsl::TlsV1_2:
    case QSsl::TlsV1_2OrLater:
    case QSsl::TlsV1_3:
    case QSsl::TlsV1_3OrLater:
        return configuration;
    default:
        break;
    }
    QSslConfiguration bounded = configuration;
    bounded.setProtocol(QSsl::TlsV1_2OrLater);
    return bounded;
}

/*
    Without interruption Qt looks at the client's certificate when the handshake is over: a client
    of TLS 1.3 then is connected, and sees an end without a reason (Qt 6.4.2, qtls_openssl.cpp); and
    with QueryPeer it lets in whoever shows a certificate that nobody vouches for. And unlike Qt's,
   our default asks for no certificate: few clients have one, and whose is verified by nobody proves
   nothing.
*/
Tls::Configuration Tls::ofServer(const QSslConfiguration &configuration)
{
    if (configuration.isNull())
        return nullptr;
    QSslConfiguration server = bounded(configuration);
    if (server.peerVerifyMode() == QSslSocket::AutoVerifyPeer)
        server.setPeerVerifyMode(QSslSocket::VerifyNone);
    server.setMissingCertificateIsFatal(server.peerVerifyMode() == QSslSocket::VerifyPeer);
    server.setHandshakeMustInterruptOnError(server.peerVerifyMode() != QSslSocket::VerifyNone);
    return std::make_shared<const QSslConfiguration>(server);
}

Tls::Configuration Tls::ofClient()
{
    return std::make_shared<const QSslConfiguration>(QSslConfiguration::defaultConfiguration());
}

static QString refusal(const QSslError &error)
{
    if (error.certificate().isNull())
        return error.errorString();
    return QStringLiteral("the certificate of \"%1\" was refused: %2")
            .arg(error.certificate().subjectDisplayName(), error.errorString());
}

QString Tls::handshakeFailure(QAbstractSocket::SocketError error, const QString &text,
                              const QList<QSslError> &errors)
{
    if (error == QAbstractSocket::SslHandshakeFailedError && !errors.isEmpty())
        return refusal(errors.constFirst());
    if (error == QAbstractSocket::RemoteHostClosedError)
        return QStringLiteral("the peer closed the connection in the TLS handshake; perhaps it "
                              "does not speak TLS on this port (%1)")
                .arg(text);
    return QStringLiteral("the TLS handshake failed: %1").arg(text);
}

bool Tls::isEncrypted(const QTcpSocket *socket)
{
    const auto *const encrypted = qobject_cast<const QSslSocket *>(socket);
    return encrypted && encrypted->isEncrypted();
}

Tls::Configuration Tls::sessionOf(const QTcpSocket *socket)
{
    if (!isEncrypted(socket))
        return nullptr;
    return std::make_shared<const QSslConfiguration>(
            static_cast<const QSslSocket *>(socket)->sslConfiguration());
}
