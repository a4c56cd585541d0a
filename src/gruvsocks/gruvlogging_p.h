// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVLOGGING_P_H
#define GRUVLOGGING_P_H

#include <QtCore/qloggingcategory.h>

Q_DECLARE_LOGGING_CATEGORY(gruvSocketLog) // gruv.socket
Q_DECLARE_LOGGING_CATEGORY(gruvServerLog) // gruv.server

#endif // GRUVLOGGING_P_H
