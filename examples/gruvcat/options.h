// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef OPTIONS_H
#define OPTIONS_H

#include <gruvsocks/gruvsocketoptions.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qhostaddress.h>

#include <chrono>
#include <optional>

class QCoreApplication;

enum ExitCode { Success = 0, ConnectionFault = 1, UsageFault = 2, TimedOut = 3 };

struct Options
{
    QString host;
    QHostAddress address; // of the listener
    quint16 port = 0;
    bool listens = false;
    bool hex = false;
    bool closesAtEnd = false;
    std::optional<QByteArray> file; // its content, instead of standard input
    qint64 largestMessage = GruvSocketOptions().maximumMessageSize;
    qint64 count = 0;                       // 0: any number
    std::chrono::milliseconds timeout{ 0 }; // 0: none
};

struct ParsedOptions
{
    Options options;
    QString fault; // empty: the options are good
};

// Ends the process itself after --help.
ParsedOptions parseOptions(const QCoreApplication &app);

#endif // OPTIONS_H
