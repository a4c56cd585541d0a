// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MEASUREMENTS_H
#define MEASUREMENTS_H

#include "server.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>

// Each runs in a process of its own, in which nothing else has been done; returns a few words.
struct Measurement
{
    const char *what;
    QByteArray (*measure)(const Side &side);
};

QList<Measurement> measurements();

#endif // MEASUREMENTS_H
