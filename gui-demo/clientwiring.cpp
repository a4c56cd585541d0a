// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "clientpanel.h"

// All the glue between the panel and GruvClient.
void ClientPanel::wire()
{
    GruvClient *const client = m_client.get();
    client->setReconnectPolicy(m_policy);

    // What the user wants.
    connect(this, &ClientPanel::connectWanted, client,
            [client](const Endpoint &to, bool encrypted) {
                if (encrypted)
                    client->connectToServerEncrypted(to.host, to.port);
                else
                    client->connectToServer(to.host, to.port);
            });
    connect(this, &ClientPanel::serverWanted, client, [client](const Endpoint &to, bool encrypted) {
        client->setServers({ { to.host, to.port, encrypted } }); // from the next attempt on
    });
    connect(this, &ClientPanel::retryWanted, client, &GruvClient::reconnectNow);
    connect(this, &ClientPanel::disconnectWanted, client, &GruvClient::disconnectFromServer);
    connect(this, &ClientPanel::configurationWanted, client, &GruvClient::setSslConfiguration);
    connect(this, &ClientPanel::policyWanted, client, &GruvClient::setReconnectPolicy);
    m_deliveries.setSend(
            [client](const QByteArray &message) { return client->sendMessage(message); });

    // What the client tells of the connection.
    connect(client, &GruvClient::stateChanged, this, &ClientPanel::showState);
    connect(client, &GruvClient::reconnectScheduled, this, &ClientPanel::scheduleRetry);
    connect(client, &GruvClient::errorOccurred, this, &ClientPanel::showError);
    connect(client, &GruvClient::sslErrors, this, &ClientPanel::showSslErrors);

    // What it tells of the messages.
    connect(client, &GruvClient::online, &m_deliveries, &Deliveries::comeOnline);
    connect(client, &GruvClient::offline, &m_deliveries, &Deliveries::goOffline);
    connect(client, &GruvClient::bytesWritten, &m_deliveries, &Deliveries::writeBytes);
    connect(client, &GruvClient::messageDropped, &m_deliveries, &Deliveries::drop);
    connect(client, &GruvClient::messageReceived, this, &ClientPanel::receive);
}
