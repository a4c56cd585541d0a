// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// What someone writes first who has just installed or embedded GruvSocks: all three projects build
// it.

#include <GruvSocks/GruvServer>
#include <GruvSocks/GruvSocket>
#include <GruvSocks/GruvSocketOptions>
#include <gruvsocks/gruvsocks.h>
#include <GruvSocks/GruvSocks>

#include <QtCore/QCoreApplication>
#include <QtCore/QDebug>

#include <cstdio>

namespace {

// The metaobjects, the operators and the value types are reachable from outside the library too.
bool facesAreThere()
{
    GruvServer server;
    GruvSocket socket;
    socket.setOptions(GruvSocketOptions());
    int errors = 0;
    QObject::connect(&socket, &GruvSocket::errorOccurred, &socket, [&errors] { ++errors; });
    QObject::connect(&server, &GruvServer::messageReceived, &socket, [] {});
    const bool sent = socket + QByteArray("to nobody");
    qDebug() << socket << server.socketOptions() << Gruv::encodeFrame("frame");
    return !sent && errors == 1 && socket.error() == GruvSocket::Error::NotConnected;
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    const QByteArray message = Gruv::selfTest();
    std::puts(message.constData());
    const bool works = message == "If you see this message, that means gruv_socks is working!";
    return works && facesAreThere() ? 0 : 1;
}
