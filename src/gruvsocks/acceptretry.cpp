// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/acceptretry_p.h>

#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpserver.h>

#include <chrono>

namespace {

constexpr std::chrono::milliseconds Pause{ 100 };

} // namespace

// server must own the retry. report is called in the server's thread.
AcceptRetry::AcceptRetry(QTcpServer *server, const std::function<void(const QString &)> &report)
{
    QObject::connect(server, &QTcpServer::acceptError, server, [this, server, report] {
        QTimer::singleShot(Pause, server, [server] { server->resumeAccepting(); });
        if (!m_failing) {
            m_failing = true;
            report(server->errorString());
        }
    });
}
