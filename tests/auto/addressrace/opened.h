// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef OPENED_H
#define OPENED_H

#include <vector>

// The types of the sockets that this program has asked the system for.
std::vector<int> takeOpenedTypes();

#endif // OPENED_H
