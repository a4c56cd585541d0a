// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "listensession.h"

#include <endpoint.h>

#include <algorithm>
#include <cstdio>

ListenSession::ListenSession(const Options &options)
    : Session(options)
{
    connect(&m_server, &GruvServer::clientConnected, this, &ListenSession::admit);
    connect(&m_server, &GruvServer::messageReceived, this,
            [this](GruvSocket *, const QByteArray &message) { receive(message); });
    connect(&m_server, &GruvServer::clientDisconnected, this, &ListenSession::updateInput);
}

void ListenSession::start()
{
    const Options &wish = options();
    if (!m_server.listen(wish.address, wish.port))
        return fail(m_server.errorString());
    const QString place = endpoint(m_server.serverAddress(), m_server.serverPort());
    std::fprintf(stderr, "listening on %s\n", qUtf8Printable(place));
}

void ListenSession::admit(GruvSocket *peer)
{
    const QString place = endpoint(peer->peerAddress(), peer->peerPort());
    connect(peer, &GruvSocket::writableChanged, this, &ListenSession::updateInput);
    connect(peer, &GruvSocket::errorOccurred, this,
            [place](GruvSocket::Error, const QString &description) {
                std::fprintf(stderr, "gruvcat: %s: %s\n", qUtf8Printable(place),
                             qUtf8Printable(description));
            });
    if (options().file)
        serveFile(peer);
    updateInput();
}

void ListenSession::serveFile(GruvSocket *peer)
{
    peer->sendMessage(*options().file);
    inputEnded();
}

void ListenSession::updateInput()
{
    if (isFinishing())
        return concludeWhenAlone();
    const QList<GruvSocket *> peers = m_server.clients();
    const bool allWritable =
            std::all_of(peers.begin(), peers.end(), [](auto *peer) { return peer->isWritable(); });
    setInputRunning(!peers.isEmpty() && allWritable);
}

void ListenSession::send(const QByteArray &message)
{
    if (m_server.broadcast(message) == 0)
        fail(QStringLiteral("no peer took the message"));
}

void ListenSession::close()
{
    m_server.close();
    const QList<GruvSocket *> peers = m_server.clients();
    for (GruvSocket *peer : peers)
        peer->disconnectFromHost();
    concludeWhenAlone();
}

void ListenSession::concludeWhenAlone()
{
    if (m_server.clientCount() == 0)
        closed();
}
