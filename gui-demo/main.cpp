// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "program.h"

#include <QtGui/qicon.h>
#include <QtWidgets/qapplication.h>

#include <cstdio>

int main(int argc, char *argv[])
{
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("GruvSocks"));
    QApplication::setApplicationName(QStringLiteral("gruvsocks-demo"));
    QApplication::setDesktopFileName(QStringLiteral("gruvsocks-demo"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/gruvsocks-demo.png")));
    const DemoOptions::Parsed parsed = DemoOptions::parse(QApplication::arguments());
    if (!parsed.options) {
        std::fprintf(parsed.status == 0 ? stdout : stderr, "%s\n", qUtf8Printable(parsed.text));
        return parsed.status;
    }
    Program program(*parsed.options);
    program.start();
    return QApplication::exec();
}
