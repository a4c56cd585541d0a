// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ENDPROCESS_H
#define ENDPROCESS_H

#include "task.h"

#include <QtCore/qjsonobject.h>
#include <QtCore/qprocess.h>

#include <stdexcept>

// What went wrong in a measurement, for people.
class MeasurementFailed : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

// One end of a measurement: this program, started again with a task.
class EndProcess
{
public:
    explicit EndProcess(const Task &task);
    ~EndProcess();

    quint16 awaitReady();
    void awaitLine(const QByteArray &expected);
    void go();
    QJsonObject awaitFigures();

    double cpuSeconds() const; // user and system, of its threads that live
    qint64 residentBytes() const;

private:
    QByteArray readLine();

    const QString m_name;
    QProcess m_process;
};

#endif // ENDPROCESS_H
