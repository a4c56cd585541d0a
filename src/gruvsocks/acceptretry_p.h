// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ACCEPTRETRY_P_H
#define ACCEPTRETRY_P_H

#include <QtCore/qstring.h>

#include <functional>

class QTcpServer;

// Goes on accepting after accept() failed ("too many open files"); QTcpServer stops for good.
class AcceptRetry
{
public:
    AcceptRetry(QTcpServer *server, const std::function<void(const QString &)> &report);
    void accepted() { m_failing = false; }

private:
    bool m_failing = false; // a spell of failures is reported once
};

#endif // ACCEPTRETRY_P_H
