// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TARGETS_H
#define TARGETS_H

#include "results.h"

// What GruvSocks sets out to reach, as ratios of medians of one run of this program.
struct Verdict
{
    enum class Kind { Reached, Missed, NotMeasured };
    Kind kind;
    QString text;
};

QList<Verdict> judge(const Results &results);

#endif // TARGETS_H
