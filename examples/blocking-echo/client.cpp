// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// blocking-echo-client [PORT]: the echo client of gruv-socks' README, line by line.

#include <endpoint.h>

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcoreapplication.h>

#include <cstdio>

static int fail(const QString &sentence)
{
    std::fprintf(stderr, "blocking-echo-client: %s\n", qUtf8Printable(sentence));
    return 1;
}

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const QString portText = app.arguments().value(1, QStringLiteral("5551"));
    const std::optional<quint16> port = parsePort(portText);
    if (!port)
        return fail(QStringLiteral("'%1' is not a port").arg(portText));

    GruvSocket sock;

    sock.connectToHost(QStringLiteral("localhost"), *port);
    if (!sock.waitForConnected())
        return fail(sock.errorString());
    sock.sendText(QStringLiteral("Hello world!"));
    // NOTE: GruvSocket + text or bytes [sock + "foo"] is valid shorthand for sending

    const auto [status, data] = sock.read();
    if (status != GruvSocket::ReadStatus::Ok)
        return fail(sock.errorString());
    std::printf("%s\n", data.constData());

    sock.disconnectFromHost();
    sock.waitForDisconnected();
    return 0;
}
