// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CHART_H
#define CHART_H

#include "results.h"

QByteArray chart(const Results &results); // SVG

#endif // CHART_H
