// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef OPENSSLTOOL_H
#define OPENSSLTOOL_H

#include <QtCore/qbytearray.h>
#include <QtCore/qprocess.h>
#include <QtCore/qstring.h>

#include <unistd.h>

// The openssl tool as a peer: what it decrypts comes out on its stdout, what it is given on its
// stdin goes out encrypted. It never outlives the object, and not the test by much.
class OpensslTool
{
public:
    OpensslTool()
    {
        m_process.setChildProcessModifier([] { ::alarm(120); });
    }
    ~OpensslTool()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    void start(const QString &arguments)
    {
        m_process.start(QStringLiteral("openssl"), arguments.split(u' ', Qt::SkipEmptyParts));
    }
    void write(const QByteArray &bytes) { m_process.write(bytes); }
    void endInput() { m_process.closeWriteChannel(); }

    const QByteArray &output() { return m_output += m_process.readAllStandardOutput(); }
    const QByteArray &complaints() { return m_complaints += m_process.readAllStandardError(); }

    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    bool endedWell() const
    {
        return !isRunning() && m_process.exitStatus() == QProcess::NormalExit
               && m_process.exitCode() == 0;
    }

private:
    Q_DISABLE_COPY_MOVE(OpensslTool)
    QProcess m_process;
    QByteArray m_output;
    QByteArray m_complaints;
};

#endif // OPENSSLTOOL_H
