// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "results.h"

#include "side.h"

#include <QtCore/qdatetime.h>
#include <QtCore/qfile.h>
#include <QtCore/qjsonarray.h>
#include <QtCore/qsysinfo.h>
#include <QtCore/qthread.h>

#include <algorithm>

void Results::add(const Row &row, const QString &side, const Run &run)
{
    const auto isRow = [&row](const Row &known) { return known.name == row.name; };
    if (std::none_of(m_rows.begin(), m_rows.end(), isRow))
        m_rows.append(row);
    m_runs[row.name][side].append(run);
}

std::optional<Run> Results::median(const QString &row, const QString &side) const
{
    const QList<Run> runs = m_runs.value(row).value(side);
    if (runs.isEmpty())
        return std::nullopt;
    return medianOf(runs);
}

QString amount(double value)
{
    if (value >= 999'500)
        return QString::number(value / 1e6, 'f', value < 9.995e6 ? 2 : 1) + QStringLiteral(" M");
    if (value >= 9999.5)
        return QString::number(value / 1e3, 'f', value < 99'950 ? 1 : 0) + QStringLiteral(" k");
    return QString::number(value, 'f', value < 9.995 ? 2 : 0);
}

static QString line(const char *title, const Run &run)
{
    QString text = QStringLiteral("    %1 %2   cpu s: server %3 client %4 of %5")
                           .arg(QLatin1String(title), -26)
                           .arg(amount(run.rate), 9)
                           .arg(run.serverCpu, 0, 'f', 2)
                           .arg(run.clientCpu, 0, 'f', 2)
                           .arg(run.wall, 0, 'f', 2);
    if (run.p50 > 0)
        text += QStringLiteral("   p50 %1 us p99 %2 us").arg(amount(run.p50), amount(run.p99));
    if (run.idleBytes > 0)
        text += QStringLiteral("   %1 B an idle connection").arg(run.idleBytes, 0, 'f', 0);
    return text + u'\n';
}

QString Results::table() const
{
    QString text = machine() + u'\n';
    for (const Row &row : m_rows) {
        text += QStringLiteral("\n%1 (%2)\n").arg(row.title, row.unit);
        for (const Side &side : allSides()) {
            if (const auto run = median(row.name, QLatin1String(side.name)))
                text += line(side.title, *run);
        }
    }
    return text;
}

static QJsonObject toJson(const Run &run)
{
    return { { QStringLiteral("rate"), run.rate },
             { QStringLiteral("p50"), run.p50 },
             { QStringLiteral("p99"), run.p99 },
             { QStringLiteral("wall"), run.wall },
             { QStringLiteral("serverCpu"), run.serverCpu },
             { QStringLiteral("clientCpu"), run.clientCpu },
             { QStringLiteral("idleBytes"), run.idleBytes } };
}

QJsonObject Results::toJson() const
{
    QJsonArray rows;
    for (const Row &row : m_rows) {
        QJsonObject sides;
        const auto bySide = m_runs.value(row.name);
        for (auto side = bySide.begin(); side != bySide.end(); ++side) {
            QJsonArray runs;
            for (const Run &run : side.value())
                runs.append(::toJson(run));
            sides[side.key()] = runs;
        }
        rows.append(QJsonObject{ { QStringLiteral("name"), row.name },
                                 { QStringLiteral("title"), row.title },
                                 { QStringLiteral("unit"), row.unit },
                                 { QStringLiteral("runs"), sides } });
    }
    return { { QStringLiteral("machine"), machine() },
             { QStringLiteral("faults"), QJsonArray::fromStringList(m_faults) },
             { QStringLiteral("rows"), rows } };
}

QString machine()
{
    QFile info(QStringLiteral("/proc/cpuinfo"));
    QString processor = QStringLiteral("unknown processor");
    if (info.open(QIODevice::ReadOnly)) {
        const QList<QByteArray> lines = info.readAll().split('\n');
        for (const QByteArray &each : lines) {
            if (each.startsWith("model name"))
                processor = QString::fromLatin1(each.mid(each.indexOf(':') + 1).trimmed());
        }
    }
    return QStringLiteral("%1, %2 cores, %3, Linux %4, Qt %5, %6")
            .arg(processor)
            .arg(QThread::idealThreadCount())
            .arg(QSysInfo::prettyProductName(), QSysInfo::kernelVersion(),
                 QLatin1String(qVersion()), QDate::currentDate().toString(Qt::ISODate));
}
