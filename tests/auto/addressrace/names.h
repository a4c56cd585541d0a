// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef NAMES_H
#define NAMES_H

#include <string>
#include <vector>

// What the system finds for a name from now on, in this order; for Qt, too.
void setName(const char *name, const std::vector<std::string> &addresses);

// While on, no lookup of such a name comes to its end.
void holdLookups(bool on);

#endif // NAMES_H
