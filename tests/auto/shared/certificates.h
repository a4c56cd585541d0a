// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include <gruvsocks/gruvtls.h>

#include <QtCore/qfile.h>
#include <QtCore/qprocess.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qtemporarydir.h>
#include <QtNetwork/qsslkey.h>

// An authority of our own and what it vouches for, made by the openssl tool in a directory that
// goes with the object.
class Certificates
{
public:
    Certificates() { isMade = issueByItself("ca", "authority"); }

    // A certificate for names, between commas, with its key, valid for days from now on.
    bool issue(const QByteArray &base, const QByteArray &names, int days = 2) const
    {
        const QString request = path(QLatin1String(base) + QLatin1String(".csr"));
        const QString all = QString::fromLatin1(names).replace(u',', QLatin1String(",DNS:"));
        return run(newKey(base, names.split(',').first())
                   + QStringLiteral("-addext subjectAltName=DNS:%1 -out %2").arg(all, request))
               && run(QStringLiteral("x509 -req -copy_extensions copy -in %1 -CA %2 -CAkey %3 "
                                     "-CAcreateserial -days %4 -out %5")
                              .arg(request, certificate("ca"), key("ca"), QString::number(days),
                                   certificate(base)));
    }

    // One that nobody vouches for.
    bool issueByItself(const QByteArray &base, const QByteArray &name) const
    {
        return run(newKey(base, name) + QStringLiteral("-x509 -days 2 -out ") + certificate(base));
    }

    bool run(const QString &arguments) const
    {
        QProcess openssl;
        openssl.setWorkingDirectory(m_directory.path());
        openssl.start(QStringLiteral("openssl"), arguments.split(u' '));
        return openssl.waitForFinished() && openssl.exitStatus() == QProcess::NormalExit
               && openssl.exitCode() == 0;
    }

    QString path(const QString &file) const { return m_directory.filePath(file); }
    QString certificate(const QByteArray &base) const
    {
        return path(QLatin1String(base) + QLatin1String(".pem"));
    }
    QString key(const QByteArray &base) const
    {
        return path(QLatin1String(base) + QLatin1String(".key"));
    }

    static QByteArray read(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QSslKey keyOf(const QByteArray &base) const { return QSslKey(read(key(base)), QSsl::Ec); }

    // Of one who has a certificate, or none, and trusts the authority.
    QSslConfiguration of(const QByteArray &base) const
    {
        const bool isAnonymous = base.isEmpty();
        return Gruv::loadTlsConfiguration(isAnonymous ? QString() : certificate(base),
                                          isAnonymous ? QString() : key(base), certificate("ca"))
                .configuration;
    }

    bool isMade = false;

private:
    QString newKey(const QByteArray &base, const QByteArray &name) const
    {
        return QStringLiteral("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %1 "
                              "-subj /CN=%2 ")
                .arg(key(base), QLatin1String(name));
    }

    const QTemporaryDir m_directory;
};

#endif // CERTIFICATES_H
