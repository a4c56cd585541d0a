// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// blocking-echo-server [PORT]: the echo server of gruv-socks' README, line by line.

#include <endpoint.h>
#include <stoponsignal.h>

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcoreapplication.h>

#include <cstdio>

static void say(const QString &line)
{
    std::printf("%s\n", qUtf8Printable(line));
    std::fflush(stdout);
}

static void callback(const GruvPeer &peer, GruvSocket &sock)
{
    const auto [status, data] = sock.read(); // receive read status, and received data

    // exit if read failed
    if (status == GruvSocket::ReadStatus::Error) {
        say(QStringLiteral("client error"));
        return;
    } else if (status == GruvSocket::ReadStatus::Timeout) {
        say(QStringLiteral("client timeout"));
        return;
    }

    sock.sendMessage(data); // send data back to client
    say(QStringLiteral("%1 said: %2").arg(peer.address.toString(), QString::fromUtf8(data)));
}

int main(int argc, char *argv[])
{
    blockStopSignals();
    QCoreApplication app(argc, argv);
    const QString portText = app.arguments().value(1, QStringLiteral("5551"));
    const std::optional<quint16> port = parsePort(portText);
    if (!port) {
        std::fprintf(stderr, "blocking-echo-server: '%s' is not a port\n",
                     qUtf8Printable(portText));
        return 1;
    }

    GruvServer server;
    StopOnSignal stopOnSignal([&server] { server.stop(); }); // what Ctrl+C does in Python by itself
    QObject::connect(&server, &GruvServer::listeningChanged, &server, [&](bool listening) {
        if (!listening)
            return;
        const QString place = endpoint(server.serverAddress(), server.serverPort());
        say(QStringLiteral("listening on %1").arg(place));
        stopOnSignal.start();
    });
    // gruv-socks listens on all addresses, as start() does when it is not told one.
    const auto blocking = GruvServer::StartMode::Blocking;
    if (!server.start(callback, *port, QHostAddress::LocalHost, blocking)) {
        std::fprintf(stderr, "blocking-echo-server: %s\n", qUtf8Printable(server.errorString()));
        return 1;
    }
    return 0;
}
