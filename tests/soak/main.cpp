// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "gauge.h"
#include "party.h"

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <cstdio>

namespace {

constexpr qint64 LongestFarewell = 30'000; // ms

struct Arguments
{
    int seconds = 600;
    int connections = 64;
};

Arguments readArguments(const QCoreApplication &app)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
            "Has many connections talk both ways, pause and come again, and checks every message,\n"
            "the memory and the descriptors of the process. Returns 0 if all was well."));
    parser.addHelpOption();
    const QCommandLineOption seconds(QStringLiteral("seconds"),
                                     QStringLiteral("How long, 600 by default."),
                                     QStringLiteral("n"), QStringLiteral("600"));
    const QCommandLineOption connections(QStringLiteral("connections"),
                                         QStringLiteral("How many at a time, 64 by default."),
                                         QStringLiteral("n"), QStringLiteral("64"));
    parser.addOptions({ seconds, connections });
    parser.process(app);
    return { parser.value(seconds).toInt(), parser.value(connections).toInt() };
}

class Soak
{
public:
    explicit Soak(const Arguments &arguments)
        : m_arguments(arguments)
    {
        m_server.setThreadCount(2);
        m_server.setConnectionHandler(
                [this](GruvSocket *socket) { new Host(socket, &m_accounts); });
    }

    bool run()
    {
        if (!m_server.listen(QHostAddress::LocalHost))
            return false;
        m_clock.start();
        for (int i = 1; i <= m_arguments.connections; ++i)
            m_clients.push_back(
                    std::make_unique<Client>(quint64(i), m_server.serverPort(), &m_accounts));
        QTimer second;
        QObject::connect(&second, &QTimer::timeout, qApp, [this] { look(); });
        second.start(1000);
        QCoreApplication::exec();
        return report();
    }

private:
    void look()
    {
        const qint64 now = m_clock.elapsed();
        if (now < m_arguments.seconds * 1000LL) {
            m_gauge.look(double(now) / 1000);
            return;
        }
        for (const auto &client : m_clients)
            client->leave();
        const bool allHaveLeft =
                m_accounts.openCount() == 0
                && std::all_of(m_clients.begin(), m_clients.end(),
                               [](const auto &client) { return client->hasLeft(); });
        if (allHaveLeft || now > m_arguments.seconds * 1000LL + LongestFarewell)
            QCoreApplication::quit();
    }

    bool report()
    {
        const int open = m_accounts.openCount();
        std::printf("%d connections for %d s: %lld messages, %lld bytes, %d connections ended, "
                    "%lld pauses\n",
                    m_arguments.connections, m_arguments.seconds,
                    static_cast<long long>(m_accounts.messages),
                    static_cast<long long>(m_accounts.bytes), m_accounts.closedCount(),
                    static_cast<long long>(m_accounts.pauses));
        const bool isFlat = m_gauge.report();
        std::printf("faults %d, connections that did not end %d, %s\n", m_accounts.faultCount(),
                    open, isFlat ? "flat" : "NOT FLAT");
        return isFlat && open == 0 && m_accounts.faultCount() == 0 && m_accounts.messages > 0;
    }

    const Arguments m_arguments;
    Accounts m_accounts;
    GruvServer m_server;
    std::vector<std::unique_ptr<Client>> m_clients;
    Gauge m_gauge;
    QElapsedTimer m_clock;
};

} // namespace

int main(int argc, char *argv[])
{
    Gruv::installEventDispatcher();
    const QCoreApplication app(argc, argv);
    return Soak(readArguments(app)).run() ? 0 : 1;
}
