// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// signals-chat --listen PORT [ADDRESS]   relays each message to all clients
// signals-chat HOST PORT [NICK]          a client on standard input

#include <endpoint.h>
#include <stdinlines.h>

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcoreapplication.h>

#include <cstdio>

static void print(std::FILE *stream, const QString &text)
{
    std::fprintf(stream, "%s\n", qUtf8Printable(text));
    std::fflush(stream);
}

static int serve(const QHostAddress &address, quint16 port)
{
    GruvServer server;
    QObject::connect(&server, &GruvServer::messageReceived, &server,
                     [&server](GruvSocket *, const QByteArray &text) { server.broadcast(text); });
    if (!server.listen(address, port)) {
        print(stderr, server.errorString());
        return 1;
    }
    const QString place = endpoint(server.serverAddress(), server.serverPort());
    print(stdout, QStringLiteral("listening on %1").arg(place));
    return qApp->exec();
}

static void connectSignals(GruvSocket *socket, StdinLines *input, const QString &nick)
{
    QObject::connect(socket, &GruvSocket::connected, input, [input] { input->setRunning(true); });
    QObject::connect(socket, &GruvSocket::writableChanged, input, &StdinLines::setRunning);
    QObject::connect(socket, &GruvSocket::messageReceived, socket,
                     [](const QByteArray &text) { print(stdout, QString::fromUtf8(text)); });
    QObject::connect(input, &StdinLines::lineRead, socket, [=](const QByteArray &line) {
        socket->sendText(QStringLiteral("%1: %2").arg(nick, QString::fromUtf8(line)));
    });
}

static void connectEndings(GruvSocket *socket, StdinLines *input)
{
    QObject::connect(input, &StdinLines::ended, socket, &GruvSocket::disconnectFromHost);
    QObject::connect(input, &StdinLines::failed, socket, [socket](const QString &description) {
        print(stderr, QStringLiteral("standard input: %1").arg(description));
        socket->disconnectFromHost();
    });
    QObject::connect(socket, &GruvSocket::errorOccurred, socket,
                     [](GruvSocket::Error, const QString &text) { print(stderr, text); });
    QObject::connect(socket, &GruvSocket::disconnected, socket,
                     [] { print(stderr, QStringLiteral("The connection is closed.")); });
    QObject::connect(
            socket, &GruvSocket::stateChanged, qApp,
            [socket](auto state) {
                if (state == QAbstractSocket::UnconnectedState) // ended, or never came up
                    qApp->exit(socket->error() == GruvSocket::Error::NoError ? 0 : 1);
            },
            Qt::QueuedConnection);
}

static int talk(const QString &host, quint16 port, const QString &nick)
{
    GruvSocket socket;
    StdinLines input(65536);
    connectSignals(&socket, &input, nick);
    connectEndings(&socket, &input);
    socket.connectToHost(host, port);
    return qApp->exec();
}

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    const bool listens = arguments.value(1) == QLatin1String("--listen");
    const std::optional<quint16> port = parsePort(arguments.value(2));
    if (!port) {
        print(stderr, QStringLiteral("usage: signals-chat --listen PORT [ADDRESS]\n"
                                     "       signals-chat HOST PORT [NICK]"));
        return 2;
    }
    if (listens)
        return serve(QHostAddress(arguments.value(3, QStringLiteral("127.0.0.1"))), *port);
    return talk(arguments.at(1), *port, arguments.value(3, QStringLiteral("guest")));
}
