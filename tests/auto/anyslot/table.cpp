// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "table.h"

const char *impossible(Home home, Signal signal, const Deed &deed)
{
    using Where = Deed::Where;
    const bool isServersDeed = deed.where == Where::Server || deed.where == Where::AnyOfServer;
    if (home == Home::Client && isServersDeed)
        return "the socket of a client has no server";
    const bool inPoolThread = home == Home::Pool && signal <= Signal::ConnectionHandler;
    const bool inServerThread = home == Home::Pool && !inPoolThread;
    if (inPoolThread && deed.where == Where::Server)
        return "the slot does not run in the thread of the server";
    if (inServerThread && deed.where == Where::Socket)
        return "the slot does not run in the thread of the socket";
    const bool isMove = qstrcmp(deed.slug, "move-to-thread") == 0;
    if (home == Home::Client && isMove && (signal < Signal::Fault))
        return "the documentation allows it while unconnected only";
    return nullptr;
}
