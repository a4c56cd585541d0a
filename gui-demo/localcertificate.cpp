// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "localcertificate.h"

#include <gruvsocks/gruvtls.h>

#include <QtNetwork/qsslcertificate.h>

namespace {

QString base(LocalCertificate::Kind kind)
{
    switch (kind) {
    case LocalCertificate::Kind::Right:
        return QStringLiteral("right");
    case LocalCertificate::Kind::WrongName:
        return QStringLiteral("wrongname");
    case LocalCertificate::Kind::UnknownAuthority:
        break;
    }
    return QStringLiteral("stranger");
}

QString newKey(const QString &file, const QString &name)
{
    return QStringLiteral("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %1.key "
                          "-subj /O=GruvSocks/CN=%2")
            .arg(file, name);
}

// By itself: an authority, or one that nobody vouches for.
QString selfSigned(const QString &file, const QString &name, const QString &more = {})
{
    return QStringLiteral("%1 -x509 -days 2%2 -out %3.pem").arg(newKey(file, name), more, file);
}

QStringList signedByAuthority(const QString &file, const QString &name, const QString &names)
{
    return { QStringLiteral("%1 -addext subjectAltName=%2 -out %3.csr")
                     .arg(newKey(file, name), names, file),
             QStringLiteral("x509 -req -copy_extensions copy -in %1.csr -CA authority.pem "
                            "-CAkey authority.key -CAcreateserial -days 2 -out %1.pem")
                     .arg(file) };
}

QString localNames()
{
    return QStringLiteral("DNS:localhost,IP:127.0.0.1,IP:::1");
}

QStringList allCommands()
{
    return QStringList(selfSigned(QStringLiteral("authority"), QStringLiteral("try-authority")))
           + signedByAuthority(QStringLiteral("right"), QStringLiteral("localhost"), localNames())
           + signedByAuthority(QStringLiteral("wrongname"), QStringLiteral("elsewhere.example"),
                               QStringLiteral("DNS:elsewhere.example"))
           + QStringList(selfSigned(QStringLiteral("stranger"), QStringLiteral("localhost"),
                                    QStringLiteral(" -addext subjectAltName=") + localNames()));
}

} // namespace

LocalCertificate::LocalCertificate(QObject *parent)
    : QObject(parent)
{
    connect(&m_openssl, &QProcess::finished, this, &LocalCertificate::finished);
    connect(&m_openssl, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            fail(tr("The openssl tool, which makes the certificate, could not be started: %1")
                         .arg(m_openssl.errorString()));
    });
}

LocalCertificate::~LocalCertificate()
{
    m_openssl.disconnect(this);
    m_openssl.kill();
    m_openssl.waitForFinished(1000);
}

LocalCertificate::State LocalCertificate::state() const
{
    return m_state;
}

QString LocalCertificate::errorString() const
{
    return m_error;
}

void LocalCertificate::setProgram(const QString &program)
{
    m_program = program;
}

void LocalCertificate::make()
{
    if (m_state == State::Made)
        Q_EMIT ready();
    if (m_state == State::Made || m_state == State::BeingMade)
        return;
    m_state = State::BeingMade;
    m_directory = std::make_unique<QTemporaryDir>();
    if (!m_directory->isValid()) { // told later: who asks is not done yet
        const QString why = tr("No directory for the certificate could be made: %1")
                                    .arg(m_directory->errorString());
        QMetaObject::invokeMethod(
                this, [this, why] { fail(why); }, Qt::QueuedConnection);
        return;
    }
    m_openssl.setWorkingDirectory(m_directory->path());
    m_commands = allCommands();
    runNext();
}

void LocalCertificate::runNext()
{
    m_openssl.start(m_program, m_commands.takeFirst().split(u' '));
}

void LocalCertificate::finished(int exitCode, QProcess::ExitStatus status)
{
    if (status != QProcess::NormalExit || exitCode != 0) {
        const QString said = QString::fromLocal8Bit(m_openssl.readAllStandardError()).trimmed();
        fail(tr("The openssl tool could not make the certificate: %1").arg(said));
    } else if (!m_commands.isEmpty()) {
        runNext();
    } else if (const QString error = load(); !error.isEmpty()) {
        fail(error);
    } else {
        m_state = State::Made;
        Q_EMIT ready();
    }
}

// From here on the keys are in memory only.
QString LocalCertificate::load()
{
    QString error;
    for (const Kind kind : { Kind::Right, Kind::WrongName, Kind::UnknownAuthority }) {
        const QString file = path(base(kind));
        const Gruv::TlsConfiguration loaded = Gruv::loadTlsConfiguration(
                file + QLatin1String(".pem"), file + QLatin1String(".key"));
        m_servers.at(std::size_t(kind)) = loaded.configuration;
        error += loaded.error;
    }
    const Gruv::TlsConfiguration trusting =
            Gruv::loadTlsConfiguration({}, {}, path(QStringLiteral("authority.pem")));
    m_client = trusting.configuration;
    const QList<QSslCertificate> authorities = m_client.caCertificates();
    m_authority = authorities.isEmpty() ? QByteArray() : authorities.constFirst().toPem();
    m_client.addCaCertificates(QSslConfiguration::systemCaCertificates());
    m_directory.reset();
    return error + trusting.error;
}

void LocalCertificate::fail(const QString &why)
{
    m_commands.clear();
    m_directory.reset();
    m_state = State::Failed;
    m_error = why;
    Q_EMIT failed(why);
}

QString LocalCertificate::path(const QString &file) const
{
    return m_directory->filePath(file);
}

QSslConfiguration LocalCertificate::server(Kind kind) const
{
    return m_servers.at(std::size_t(kind));
}

QSslConfiguration LocalCertificate::client() const
{
    return m_client;
}

QByteArray LocalCertificate::authority() const
{
    return m_authority;
}
