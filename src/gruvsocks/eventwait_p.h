// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef EVENTWAIT_P_H
#define EVENTWAIT_P_H

#include <QtCore/qdeadlinetimer.h>

#include <functional>

bool waitInEventLoop(QDeadlineTimer deadline, const std::function<bool()> &done);

#endif // EVENTWAIT_P_H
