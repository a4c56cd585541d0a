// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TABLE_H
#define TABLE_H

#include "stage.h"

#include <vector>

const std::vector<Deed> &deeds();

// Why there is no such thing; null where there is.
const char *impossible(Home home, Signal signal, const Deed &deed);

#endif // TABLE_H
