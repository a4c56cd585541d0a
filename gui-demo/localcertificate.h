// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LOCALCERTIFICATE_H
#define LOCALCERTIFICATE_H

#include <QtCore/qobject.h>
#include <QtCore/qprocess.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qtemporarydir.h>
#include <QtNetwork/qsslconfiguration.h>

// An authority and certificates of its own for this run, made by the openssl tool in a directory
// that goes with the object: for a try, and to see what is refused.
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
    void finished(int exitCode, QProcess::ExitStatus status);
    QString path(const char *file) const;

    QTemporaryDir m_directory;
    QProcess m_openssl;
    QStringList m_commands; // to be run, each with its arguments
    QString m_program = QStringLiteral("openssl");
    QString m_error;
    State m_state = State::None;
};

#endif // LOCALCERTIFICATE_H
