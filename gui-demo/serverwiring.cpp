// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "serverpanel.h"

#include "faultlab.h"
#include "listenform.h"

// All the glue between the panel and GruvServer.
void ServerPanel::wire()
{
    GruvServer *const server = m_server.get();

    // What the user wants.
    connect(this, &ServerPanel::listenWanted, server, &GruvServer::listen);
    connect(this, &ServerPanel::stopWanted, server, [server] { server->stop(); });
    connect(this, &ServerPanel::kickWanted, server, &GruvServer::disconnectClient);
    connect(this, &ServerPanel::broadcastWanted, server, [this, server](const QByteArray &message) {
        showBroadcast(server->broadcast(message));
    });
    connect(this, &ServerPanel::configurationWanted, server, &GruvServer::setSslConfiguration);

    // What the server tells.
    connect(server, &GruvServer::listeningChanged, this, &ServerPanel::showListening);
    connect(server, &GruvServer::errorOccurred, this, &ServerPanel::showError);
    connect(server, &GruvServer::connectionRejected, this, &ServerPanel::showRejection);
    connect(server, &GruvServer::clientConnected, &m_connections, &ConnectionModel::add);
    connect(server, &GruvServer::clientConnected, &m_room, &EchoRoom::enter);
    connect(server, &GruvServer::messageReceived, &m_room, &EchoRoom::receive);
    connect(server, &GruvServer::clientDisconnected, &m_room, &EchoRoom::leave);
    connect(server, &GruvServer::clientDisconnected, &m_connections, &ConnectionModel::remove);
    connect(server, &GruvServer::clientDisconnected, this, &ServerPanel::showEnd);

    // What the fault lab does to the answers.
    connect(m_faults, &FaultLab::delayChanged, &m_room, &EchoRoom::setDelay);
    connect(m_faults, &FaultLab::droppingToggled, &m_room, &EchoRoom::setDropping);
    connect(m_faults, &FaultLab::readingPausedToggled, &m_room, &EchoRoom::setReadingPaused);
}
