// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// echo-client HOST PORT [--lines FILE] [--big BYTES] [--timeout SECONDS]: checks an echo server.

#include "echorun.h"

#include <endpoint.h>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qfile.h>

#include <cstdio>

static int fail(const QString &sentence)
{
    std::fprintf(stderr, "echo-client: %s\n", qUtf8Printable(sentence));
    return 1;
}

static QList<QByteArray> linesOf(QFile *file)
{
    QList<QByteArray> lines = file->readAll().split('\n');
    if (lines.constLast().isEmpty())
        lines.removeLast(); // what ends with a newline has no further line after it
    return lines;
}

// No two blocks alike, so that a block lost, doubled or moved shows.
static QByteArray generate(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    quint32 state = 1;
    for (char &byte : bytes) {
        state = state * 1664525u + 1013904223u;
        byte = char(state >> 24);
    }
    return bytes;
}

static void parseArguments(QCommandLineParser *parser, const QCoreApplication &app)
{
    parser->setApplicationDescription(
            QStringLiteral("Sends messages to an echo server and compares what comes back."));
    parser->addHelpOption();
    parser->addPositionalArgument(QStringLiteral("HOST"), QStringLiteral("Name or IP address."));
    parser->addPositionalArgument(QStringLiteral("PORT"), QStringLiteral("The server's port."));
    parser->addOption({ QStringLiteral("lines"), QStringLiteral("Send each line of this file."),
                        QStringLiteral("FILE") });
    parser->addOption({ QStringLiteral("big"), QStringLiteral("Send a message of this size."),
                        QStringLiteral("BYTES") });
    parser->addOption({ QStringLiteral("timeout"),
                        QStringLiteral("Give up when nothing moves for so long; 30."),
                        QStringLiteral("SECONDS"), QStringLiteral("30") });
    parser->process(app);
}

// Empty, or what is wrong.
static QString collectMessages(const QCommandLineParser &parser, QList<QByteArray> *messages)
{
    if (parser.isSet(QStringLiteral("lines"))) {
        QFile file(parser.value(QStringLiteral("lines")));
        if (!file.open(QIODevice::ReadOnly)) {
            return QStringLiteral("cannot read '%1': %2").arg(file.fileName(), file.errorString());
        }
        *messages = linesOf(&file);
    }
    if (parser.isSet(QStringLiteral("big"))) {
        bool ok = false;
        const int size = parser.value(QStringLiteral("big")).toInt(&ok);
        if (!ok || size < 0)
            return QStringLiteral("--big takes a number of bytes");
        messages->append(generate(size));
    }
    if (messages->isEmpty())
        return QStringLiteral("nothing to send: give --lines FILE, --big BYTES or both");
    return {};
}

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parseArguments(&parser, app);

    const QStringList arguments = parser.positionalArguments();
    const std::optional<quint16> port = parsePort(arguments.value(1));
    if (arguments.size() != 2 || !port)
        return fail(QStringLiteral("give a host and a port (see --help)"));
    const int seconds = parser.value(QStringLiteral("timeout")).toInt();
    if (seconds < 1)
        return fail(QStringLiteral("--timeout takes a number of seconds"));
    QList<QByteArray> messages;
    const QString problem = collectMessages(parser, &messages);
    if (!problem.isEmpty())
        return fail(problem);

    EchoRun run(messages, std::chrono::seconds(seconds));
    QObject::connect(&run, &EchoRun::finished, &app, &QCoreApplication::exit, Qt::QueuedConnection);
    run.start(arguments.at(0), *port);
    return app.exec();
}
