// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvlogging_p.h>

Q_LOGGING_CATEGORY(gruvSocketLog, "gruv.socket")
Q_LOGGING_CATEGORY(gruvServerLog, "gruv.server")
