// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "peerprocess.h"

#include <QtCore/qdeadlinetimer.h>
#include <QtTest/qsignalspy.h>

PeerProcess::PeerProcess()
{
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    connect(&m_process, &QProcess::readyRead, this, &PeerProcess::takeOutput);
    connect(&m_process, &QProcess::finished, this, [this] {
        takeOutput();
        Q_EMIT changed();
    });
    connect(&m_process, &QProcess::errorOccurred, this, &PeerProcess::changed);
}

PeerProcess::~PeerProcess()
{
    m_process.disconnect(this);
    m_process.kill();
    m_process.waitForFinished();
}

void PeerProcess::start(const QString &program, const QStringList &arguments)
{
    m_process.start(program, arguments);
}

void PeerProcess::tell(const QByteArray &line)
{
    m_process.write(line + '\n');
}

QByteArray PeerProcess::line(const QByteArray &beginning, std::chrono::milliseconds timeout)
{
    const QDeadlineTimer deadline(timeout);
    QSignalSpy spy(this, &PeerProcess::changed);
    while (found(beginning).isNull() && m_process.state() != QProcess::NotRunning) {
        if (deadline.hasExpired())
            break;
        spy.wait(static_cast<int>(deadline.remainingTime()));
    }
    return found(beginning);
}

quint16 PeerProcess::port()
{
    return line("port").toUShort();
}

bool PeerProcess::endsWell(std::chrono::milliseconds timeout)
{
    const QDeadlineTimer deadline(timeout);
    QSignalSpy spy(this, &PeerProcess::changed);
    while (m_process.state() != QProcess::NotRunning && !deadline.hasExpired())
        spy.wait(static_cast<int>(deadline.remainingTime()));
    return m_process.state() == QProcess::NotRunning && m_process.error() == QProcess::UnknownError
           && m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0;
}

QByteArray PeerProcess::heard() const
{
    return m_lines.join('\n') + '\n' + m_partial;
}

void PeerProcess::takeOutput()
{
    m_partial += m_process.readAll();
    for (qsizetype end = m_partial.indexOf('\n'); end >= 0; end = m_partial.indexOf('\n')) {
        m_lines.append(m_partial.first(end));
        m_partial.remove(0, end + 1);
    }
    Q_EMIT changed();
}

QByteArray PeerProcess::found(const QByteArray &beginning) const
{
    for (const QByteArray &line : m_lines) {
        if (line == beginning)
            return QByteArrayLiteral("");
        if (line.startsWith(beginning + ' '))
            return line.mid(beginning.size() + 1);
    }
    return {};
}
