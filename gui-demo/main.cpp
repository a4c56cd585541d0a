// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "program.h"

#include <QtGui/qicon.h>
#include <QtWidgets/qapplication.h>

#include <cstdio>

// With arguments that are for Qt this finds fault, and the parser of the application decides.
static DemoOptions::Parsed parseWithoutWindow(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);
    return DemoOptions::parse(QCoreApplication::arguments());
}

static bool hasDisplay()
{
#if defined(Q_OS_UNIX) && !defined(Q_OS_MACOS)
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY")
           || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
#else
    return true;
#endif
}

static int tell(const DemoOptions::Parsed &parsed)
{
    std::fprintf(parsed.status == 0 ? stdout : stderr, "%s\n", qUtf8Printable(parsed.text));
    return parsed.status;
}

int main(int argc, char *argv[])
{
    const DemoOptions::Parsed early = parseWithoutWindow(argc, argv);
    if (!early.options && early.status == 0) // help needs no display
        return tell(early);
    if (early.options && early.options->isScripted() && !hasDisplay())
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("GruvSocks"));
    QApplication::setApplicationName(QStringLiteral("gruvsocks-demo"));
    QApplication::setDesktopFileName(QStringLiteral("gruvsocks-demo"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/gruvsocks-demo.png")));
    const DemoOptions::Parsed parsed = DemoOptions::parse(QApplication::arguments());
    if (!parsed.options)
        return tell(parsed);
    Program program(*parsed.options);
    program.start();
    return QApplication::exec();
}
