// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LOCALCERTIFICATE_H
#define LOCALCERTIFICATE_H

#include <QtCore/qobject.h>
#include <QtCore/qprocess.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qtemporarydir.h>
#include <QtNetwork/qsslconfiguration.h>

#include <array>
#include <memory>

// An authority and certificates of its own for this run, made by the openssl tool: for a try, and
// to see what is refused. The directory that they are made in goes as soon as they are read.
class LocalCertificate : public QObject
{
    Q_OBJECT

public:
    enum class Kind { Right, WrongName, UnknownAuthority };
    Q_ENUM(Kind)
    enum class State { None, BeingMade, Made, Failed };

    explicit LocalCertificate(QObject *parent = nullptr);
    ~LocalCertificate() override;

    State state() const;
    QString errorString() const;
    QSslConfiguration server(Kind kind) const; // null until made
    QSslConfiguration client() const;          // trusts the authority
    QByteArray authority() const;              // its certificate as PEM

public Q_SLOTS:
    void make(); // once; ready() follows, at once if it is made already

Q_SIGNALS:
    void ready();
    void failed(const QString &why);

protected:
    void setProgram(const QString &program);

private:
    void runNext();
    void fail(const QString &why);
    QString load(); // returns what went wrong, or an empty string
    void finished(int exitCode, QProcess::ExitStatus status);
    QString path(const QString &file) const;

    std::unique_ptr<QTemporaryDir> m_directory; // while they are made: it has their keys
    std::array<QSslConfiguration, 3> m_servers; // by Kind
    QSslConfiguration m_client;
    QByteArray m_authority;
    QProcess m_openssl;
    QStringList m_commands; // to be run, each with its arguments
    QString m_program = QStringLiteral("openssl");
    QString m_error;
    State m_state = State::None;
};

#endif // LOCALCERTIFICATE_H
