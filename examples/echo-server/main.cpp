// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// echo-server [PORT] [--address A]: sends every message back to where it came from.

#include <endpoint.h>
#include <stoponsignal.h>

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>

#include <cstdio>

static int fail(const QString &sentence)
{
    std::fprintf(stderr, "echo-server: %s\n", qUtf8Printable(sentence));
    return 1;
}

static void echo(GruvSocket *socket, const QByteArray &message)
{
    if (!socket->sendMessage(message))
        socket->abort(); // an echo with a message left out would be a lie
}

// A peer that sends and does not read is no longer read from, so its echoes cannot pile up here.
static void readOnlyWhatCanBeAnswered(GruvSocket *socket)
{
    QObject::connect(socket, &GruvSocket::writableChanged, socket, [socket](bool writable) {
        if (writable)
            socket->resumeReading();
        else
            socket->pauseReading();
    });
}

static void parseArguments(QCommandLineParser *parser, const QCoreApplication &app)
{
    parser->setApplicationDescription(QStringLiteral("Sends every message back."));
    parser->addHelpOption();
    parser->addPositionalArgument(QStringLiteral("PORT"),
                                  QStringLiteral("0, which is the default: any free port."),
                                  QStringLiteral("[PORT]"));
    parser->addOption({ QStringLiteral("address"),
                        QStringLiteral("Listen on this address only; 0.0.0.0 for all."),
                        QStringLiteral("A"), QStringLiteral("127.0.0.1") });
    parser->process(app);
}

int main(int argc, char *argv[])
{
    blockStopSignals();
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parseArguments(&parser, app);

    const QString portText = parser.positionalArguments().value(0, QStringLiteral("0"));
    const std::optional<quint16> port = parsePort(portText);
    if (!port)
        return fail(QStringLiteral("'%1' is not a port").arg(portText));
    const QString addressText = parser.value(QStringLiteral("address"));
    const QHostAddress address(addressText);
    if (address.isNull())
        return fail(QStringLiteral("'%1' is not an IP address").arg(addressText));

    GruvServer server;
    QObject::connect(&server, &GruvServer::clientConnected, &server, readOnlyWhatCanBeAnswered);
    QObject::connect(&server, &GruvServer::messageReceived, &server, echo);
    if (!server.listen(address, *port))
        return fail(server.errorString());
    const QString place = endpoint(server.serverAddress(), server.serverPort());
    std::printf("listening on %s\n", qUtf8Printable(place));
    std::fflush(stdout);

    StopOnSignal stopOnSignal([&app] {
        QMetaObject::invokeMethod(&app, &QCoreApplication::quit, Qt::QueuedConnection);
    });
    stopOnSignal.start();
    return app.exec();
}
