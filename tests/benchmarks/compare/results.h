// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef RESULTS_H
#define RESULTS_H

#include "measurement.h"
#include "plan.h"

#include <QtCore/qjsonobject.h>
#include <QtCore/qmap.h>

#include <optional>

// All that was measured, by row and side.
class Results
{
public:
    void add(const Row &row, const QString &side, const Run &run);
    void addFault(const QString &text) { m_faults.append(text); }

    std::optional<Run> median(const QString &row, const QString &side) const;
    const QList<Row> &rows() const { return m_rows; }
    const QStringList &faults() const { return m_faults; }

    QString table() const;
    QJsonObject toJson() const;

private:
    QList<Row> m_rows; // in the order of the plan
    QMap<QString, QMap<QString, QList<Run>>> m_runs;
    QStringList m_faults;
};

QString machine();            // a line that says where it was measured
QString amount(double value); // for people: 1.23 M

#endif // RESULTS_H
