// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef RAWCLIENT_H
#define RAWCLIENT_H

#include "task.h"

// Clients written by hand, so that a server of any side can be measured with many of them.
namespace RawClient {

enum class Wire { Length, WebSocket };

int run(const Task &task, Wire wire); // by task.role and task.work

} // namespace RawClient

#endif // RAWCLIENT_H
