// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PLAN_H
#define PLAN_H

#include "task.h"

#include <QtCore/qlist.h>

// One line of the table: the same work for each side.
struct Row
{
    QString name;
    QString title;
    QString unit;
    Task task;
    QStringList sides; // empty: all that can
};

// Rows that are compared with each other: their rounds go on side by side.
using Group = QList<Row>;

// certificates is the directory of what TLS needs; empty: without the rows of TLS.
QList<Group> allGroups(double seconds, const QString &certificates);

#endif // PLAN_H
