// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvtls.h>

#include <QtCore/qdatetime.h>
#include <QtCore/qfile.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslkey.h>
#include <QtNetwork/qsslsocket.h>
#include <QtNetwork/qtcpserver.h>

namespace {

constexpr int LoopbackPatience = 5000; // ms

// Each returns a sentence about what is wrong, or nothing.
QString read(const QString &file, QByteArray *content)
{
    QFile source(file);
    if (!source.open(QIODevice::ReadOnly))
        return QStringLiteral("cannot read %1: %2").arg(file, source.errorString());
    *content = source.readAll();
    return {};
}

QString readCertificates(const QString &file, QList<QSslCertificate> *certificates)
{
    QByteArray content;
    if (QString error = read(file, &content); !error.isEmpty())
        return error;
    *certificates = QSslCertificate::fromData(content, QSsl::Pem);
    return certificates->isEmpty() ? QStringLiteral("%1 has no certificate in PEM form").arg(file)
                                   : QString();
}

QString checkDates(const QString &file, const QSslCertificate &certificate)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const QString subject = certificate.subjectDisplayName();
    if (certificate.expiryDate() < now)
        return QStringLiteral("the certificate of \"%1\" in %2 expired on %3")
                .arg(subject, file, certificate.expiryDate().toString(Qt::ISODate));
    if (certificate.effectiveDate() > now)
        return QStringLiteral("the certificate of \"%1\" in %2 is not valid before %3")
                .arg(subject, file, certificate.effectiveDate().toString(Qt::ISODate));
    return {};
}

QString readKey(const QString &file, const QByteArray &passPhrase, QSslKey *key)
{
    QByteArray content;
    if (QString error = read(file, &content); !error.isEmpty())
        return error;
    for (const auto algorithm : { QSsl::Rsa, QSsl::Ec, QSsl::Dsa }) {
        *key = QSslKey(content, algorithm, QSsl::Pem, QSsl::PrivateKey, passPhrase);
        if (!key->isNull())
            return {};
    }
    if (!content.contains("ENCRYPTED"))
        return QStringLiteral("%1 has no private key for RSA, EC or DSA in PEM form").arg(file);
    return passPhrase.isEmpty()
                   ? QStringLiteral("the private key in %1 is encrypted: give its pass phrase")
                             .arg(file)
                   : QStringLiteral("the pass phrase does not open the private key in %1")
                             .arg(file);
}

/*
    Whether a key belongs to a certificate only the TLS library knows, and it tells when a server's
    handshake begins: of a connection that leads nowhere.
*/
QString checkTogether(const QSslConfiguration &configuration)
{
    QTcpServer nowhere;
    QSslSocket socket;
    if (nowhere.listen(QHostAddress::LocalHost))
        socket.connectToHost(nowhere.serverAddress(), nowhere.serverPort());
    if (!socket.waitForConnected(LoopbackPatience))
        return QStringLiteral("the certificate and its key could not be tried: %1")
                .arg(socket.errorString());
    socket.setSslConfiguration(configuration);
    socket.startServerEncryption();
    return socket.error() == QAbstractSocket::UnknownSocketError ? QString() : socket.errorString();
}

QString loadIdentity(const QString &certificateFile, const QString &keyFile,
                     const QByteArray &passPhrase, QSslConfiguration *configuration)
{
    if (certificateFile.isEmpty() || keyFile.isEmpty())
        return QStringLiteral(
                       "a certificate and its private key belong together: only %1 was given")
                .arg(certificateFile + keyFile);
    QList<QSslCertificate> chain;
    QSslKey key;
    QString error = readCertificates(certificateFile, &chain);
    if (error.isEmpty())
        error = checkDates(certificateFile, chain.constFirst());
    if (error.isEmpty())
        error = readKey(keyFile, passPhrase, &key);
    if (!error.isEmpty())
        return error;
    configuration->setLocalCertificateChain(chain);
    configuration->setPrivateKey(key);
    error = checkTogether(*configuration);
    return error.isEmpty() ? error
                           : QStringLiteral("the private key in %1 does not serve the certificate "
                                            "in %2: %3")
                                     .arg(keyFile, certificateFile, error);
}

QString loadAuthorities(const QString &file, QSslConfiguration *configuration)
{
    QList<QSslCertificate> authorities;
    QString error = readCertificates(file, &authorities);
    for (const QSslCertificate &authority : std::as_const(authorities)) {
        if (error.isEmpty())
            error = checkDates(file, authority);
    }
    configuration->setCaCertificates(authorities);
    return error;
}

} // namespace

/*!
    \class Gruv::TlsConfiguration
    \inmodule GruvSocks
    \brief What loadTlsConfiguration() returns: a configuration, or a sentence that says what is
    wrong.
*/

/*!
    Returns a configuration for GruvSocket::setSslConfiguration() and
    GruvServer::setSslConfiguration(), read from files in PEM form: the certificate in \a
    certificateFile, with the intermediate ones behind it, its private key in \a keyFile, which \a
    passPhrase opens if it is encrypted, and the certificates of the authorities to trust instead of
    the system's in \a caFile. A server has the first two, a client that shows no certificate leaves
    them empty, and without \a caFile it is the system's authorities that count.

    All is looked at now and not when the first peer comes: that the files are there and can be
    read, that certificates are valid today, and that the key is the certificate's. For that a
    connection to the loopback interface is opened for a moment. Any thread that has a
    QCoreApplication.
*/
Gruv::TlsConfiguration Gruv::loadTlsConfiguration(const QString &certificateFile,
                                                  const QString &keyFile, const QString &caFile,
                                                  const QByteArray &passPhrase)
{
    if (!QSslSocket::supportsSsl())
        return { {}, QStringLiteral("Qt finds no TLS library on this system") };
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    QString error;
    if (!certificateFile.isEmpty() || !keyFile.isEmpty())
        error = loadIdentity(certificateFile, keyFile, passPhrase, &configuration);
    if (error.isEmpty() && !caFile.isEmpty())
        error = loadAuthorities(caFile, &configuration);
    return error.isEmpty() ? TlsConfiguration{ configuration, {} } : TlsConfiguration{ {}, error };
}
