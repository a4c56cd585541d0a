// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MEASUREMENT_H
#define MEASUREMENT_H

#include "task.h"

#include <QtCore/qlist.h>

// What one run of one side gave.
struct Run
{
    double rate = 0; // messages, round trips, connections or deliveries a second
    double p50 = 0;  // us; 0 where nothing comes back
    double p99 = 0;
    double wall = 0;      // s
    double serverCpu = 0; // s, user and system
    double clientCpu = 0;
    double idleBytes = 0; // memory of the server for each idle connection
};

Run measure(const Task &task);
Run medianOf(const QList<Run> &runs);

#endif // MEASUREMENT_H
