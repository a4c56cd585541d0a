// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "endprocess.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdir.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qjsondocument.h>

namespace {

constexpr int Patience = 60'000; // ms; nothing here takes longer unless it hangs

QByteArray contentsOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

EndProcess::EndProcess(const Task &task)
    : m_name(QStringLiteral("%1, role %2, work %3")
                     .arg(task.side)
                     .arg(int(task.role))
                     .arg(int(task.work)))
{
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process.start(QCoreApplication::applicationFilePath(), task.toArguments());
    if (!m_process.waitForStarted(Patience))
        throw MeasurementFailed("cannot start " + m_name.toStdString());
}

EndProcess::~EndProcess()
{
    m_process.closeWriteChannel();
    m_process.terminate();
    if (!m_process.waitForFinished(5000)) {
        m_process.kill();
        m_process.waitForFinished();
    }
}

QByteArray EndProcess::readLine()
{
    QElapsedTimer elapsed;
    elapsed.start();
    while (!m_process.canReadLine()) {
        const int left = int(Patience - elapsed.elapsed());
        if (left <= 0 || m_process.state() != QProcess::Running
            || !m_process.waitForReadyRead(left)) {
            if (m_process.canReadLine())
                break;
            throw MeasurementFailed("no answer from " + m_name.toStdString());
        }
    }
    return m_process.readLine().trimmed();
}

quint16 EndProcess::awaitReady()
{
    const QByteArray line = readLine();
    if (!line.startsWith("ready "))
        throw MeasurementFailed(m_name.toStdString() + " said: " + line.toStdString());
    return line.mid(6).toUShort();
}

void EndProcess::awaitLine(const QByteArray &expected)
{
    const QByteArray line = readLine();
    if (line != expected)
        throw MeasurementFailed(m_name.toStdString() + " said: " + line.toStdString());
}

void EndProcess::go()
{
    m_process.write("\n");
    m_process.waitForBytesWritten(Patience);
}

QJsonObject EndProcess::awaitFigures()
{
    QByteArray line = readLine();
    while (!line.startsWith('{'))
        line = readLine();
    return QJsonDocument::fromJson(line).object();
}

double EndProcess::cpuSeconds() const
{
    const QString tasks = QStringLiteral("/proc/%1/task/").arg(m_process.processId());
    const QStringList threads = QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    double seconds = 0;
    for (const QString &thread : threads) {
        const QByteArray schedstat = contentsOf(tasks + thread + QStringLiteral("/schedstat"));
        seconds += schedstat.split(' ').first().toDouble() / 1e9; // ns on a processor
    }
    return seconds;
}

qint64 EndProcess::residentBytes() const
{
    const QByteArray statm =
            contentsOf(QStringLiteral("/proc/%1/statm").arg(m_process.processId()));
    return statm.split(' ').value(1).toLongLong() * 4096;
}
