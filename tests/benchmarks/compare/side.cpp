// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "side.h"

#include <algorithm>

const std::vector<Side> &allSides()
{
    static const std::vector<Side> sides = {
        { "posix", "POSIX by hand", runPosix, nullptr },
        { "gruv", "GruvSocks", runGruv, nullptr },
        { "gruv-handler", "GruvSocks, by handler", runGruvHandler, gruvHandlerCan },
        { "gruv-tls", "GruvSocks, TLS", runGruv, sslCan },
        { "sslsocket", "QSslSocket by hand", runSslSocket, sslCan },
        { "datastream", "QTcpSocket + QDataStream", runDataStream, nullptr },
#ifdef COMPARE_WEBSOCKETS
        { "websocket", "QWebSocket", runWebSocket, nullptr },
#endif
#ifdef COMPARE_ZEROMQ
        { "zeromq", "libzmq", runZeroMq, zeroMqCan },
#endif
#ifdef COMPARE_NNG
        { "nng", "nng", runNng, nngCan },
#endif
    };
    return sides;
}

const Side *findSide(const QString &name)
{
    const auto &sides = allSides();
    const auto found = std::find_if(sides.begin(), sides.end(), [&name](const Side &side) {
        return name == QLatin1String(side.name);
    });
    return found == sides.end() ? nullptr : &*found;
}
