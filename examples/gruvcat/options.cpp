// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "options.h"

#include <endpoint.h>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qfile.h>

#include <limits>

static QString description()
{
    return QStringLiteral(
            "Sends each line of standard input as a message and prints each message received,\n"
            "one a line. With -l it listens, prints 'listening on ADDRESS:PORT' on standard "
            "error,\n"
            "waits for a peer before it reads standard input, and sends to all peers it has then.\n"
            "After the end of standard input it goes on receiving: until the peer closes (with "
            "-l:\n"
            "for ever), until --count or --timeout, or not at all with -N. It reads no faster "
            "than\n"
            "the slowest peer takes.\n"
            "\n"
            "Exit codes:\n"
            "  0  done: the peer closed, --count was reached, -N has sent everything, or "
            "--timeout\n"
            "     passed without --count and something was received\n"
            "  1  no connection, a connection that failed, a message that could not be sent, or a\n"
            "     peer that closed before --count was reached or everything was sent (with -l "
            "such\n"
            "     a peer is reported on standard error, and listening goes on)\n"
            "  2  wrong arguments, or a file that cannot be sent\n"
            "  3  --timeout passed with nothing received, or with less than --count");
}

static void defineOptions(QCommandLineParser *parser)
{
    parser->setApplicationDescription(description());
    parser->addPositionalArgument(QStringLiteral("HOST"), QStringLiteral("Name or IP address."));
    parser->addPositionalArgument(QStringLiteral("PORT"), QStringLiteral("1 to 65535."));
    parser->addOptions({
            { { QStringLiteral("l"), QStringLiteral("listen") },
              QStringLiteral("Listen instead, on this port; 0: a free one."),
              QStringLiteral("PORT") },
            { QStringLiteral("address"),
              QStringLiteral("Listen on this address; 127.0.0.1 unless told, 0.0.0.0 for all."),
              QStringLiteral("ADDRESS"), QStringLiteral("127.0.0.1") },
            { QStringLiteral("hex"),
              QStringLiteral(
                      "Print messages as offset, bytes, ASCII, and the length at the end.") },
            { QStringLiteral("file"),
              QStringLiteral("Send this file as one message (with -l: to each peer that comes) "
                             "instead of standard input."),
              QStringLiteral("PATH") },
            { QStringLiteral("count"), QStringLiteral("End after N messages received."),
              QStringLiteral("N") },
            { QStringLiteral("timeout"), QStringLiteral("End so long after the start."),
              QStringLiteral("SECONDS") },
            { { QStringLiteral("N"), QStringLiteral("close-on-eof") },
              QStringLiteral("Close as soon as everything is sent, without waiting for answers.") },
    });
    parser->addHelpOption();
}

static QString parsePeer(const QCommandLineParser &parser, Options *options)
{
    const QStringList arguments = parser.positionalArguments();
    options->listens = parser.isSet(QStringLiteral("listen"));
    if (arguments.size() != (options->listens ? 0 : 2))
        return QStringLiteral("give HOST and PORT, or -l PORT");
    options->host = arguments.value(0);
    const QString text =
            options->listens ? parser.value(QStringLiteral("listen")) : arguments.at(1);
    const std::optional<quint16> port = parsePort(text);
    if (!port || (*port == 0 && !options->listens))
        return QStringLiteral("'%1' is not a port").arg(text);
    options->port = *port;
    const QString address = parser.value(QStringLiteral("address"));
    options->address = QHostAddress(address);
    if (options->address.isNull())
        return QStringLiteral("'%1' is not an IP address").arg(address);
    return {};
}

static QString parseEnding(const QCommandLineParser &parser, Options *options)
{
    options->closesAtEnd = parser.isSet(QStringLiteral("close-on-eof"));
    if (parser.isSet(QStringLiteral("count"))) {
        options->count = parser.value(QStringLiteral("count")).toLongLong();
        if (options->count < 1)
            return QStringLiteral("--count takes a number from 1");
        if (options->closesAtEnd)
            return QStringLiteral("--count waits for messages, --close-on-eof does not: give one");
    }
    if (parser.isSet(QStringLiteral("timeout"))) {
        const double seconds = parser.value(QStringLiteral("timeout")).toDouble();
        const double most = std::numeric_limits<int>::max() / 1000.0;
        if (!(seconds >= 0.001 && seconds <= most)) // NaN is refused as well
            return QStringLiteral("--timeout takes a number of seconds");
        options->timeout = std::chrono::milliseconds(qint64(seconds * 1000));
    }
    return {};
}

static QString readFile(const QCommandLineParser &parser, Options *options)
{
    if (!parser.isSet(QStringLiteral("file")))
        return {};
    QFile file(parser.value(QStringLiteral("file")));
    if (!file.open(QIODevice::ReadOnly))
        return QStringLiteral("cannot read '%1': %2").arg(file.fileName(), file.errorString());
    options->file = file.read(options->largestMessage + 1);
    if (file.error() != QFile::NoError)
        return QStringLiteral("cannot read '%1': %2").arg(file.fileName(), file.errorString());
    if (options->file->size() > options->largestMessage) {
        return QStringLiteral("'%1' is larger than the largest message, %2 bytes")
                .arg(file.fileName())
                .arg(options->largestMessage);
    }
    return {};
}

ParsedOptions parseOptions(const QCoreApplication &app)
{
    QCommandLineParser parser;
    defineOptions(&parser);
    ParsedOptions parsed;
    if (!parser.parse(app.arguments())) {
        parsed.fault = parser.errorText();
        return parsed;
    }
    if (parser.isSet(QStringLiteral("help")))
        parser.showHelp(Success);
    parsed.options.hex = parser.isSet(QStringLiteral("hex"));
    for (const auto parse : { parsePeer, parseEnding, readFile }) {
        if (parsed.fault.isEmpty())
            parsed.fault = parse(parser, &parsed.options);
    }
    return parsed;
}
