// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// gruvcat HOST PORT, gruvcat -l PORT: to look at a wire. See --help.

#include "clientsession.h"
#include "listensession.h"

#include <QtCore/qcoreapplication.h>

#include <cstdio>
#include <memory>

static std::unique_ptr<Session> makeSession(const Options &options)
{
    if (options.listens)
        return std::make_unique<ListenSession>(options);
    return std::make_unique<ClientSession>(options);
}

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const auto [options, fault] = parseOptions(app);
    if (!fault.isEmpty()) {
        std::fprintf(stderr, "gruvcat: %s (see --help)\n", qUtf8Printable(fault));
        return UsageFault;
    }
    const std::unique_ptr<Session> session = makeSession(options);
    QObject::connect(session.get(), &Session::finished, &app, &QCoreApplication::exit,
                     Qt::QueuedConnection);
    session->start();
    return app.exec();
}
