// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TLSHOST_H
#define TLSHOST_H

#include <gruvsocks/gruvserver.h>

#include <QtCore/qpointer.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtTest/qsignalspy.h>

#include <memory>
#include <story.h>

// A server of one encrypted client, with a record of who that was and what its socket told.
class TlsHost : public QObject
{
public:
    bool listen(const QSslConfiguration &configuration)
    {
        server.setSslConfiguration(configuration);
        connect(&server, &GruvServer::clientConnected, this, &TlsHost::take);
        return server.listen(QHostAddress::LocalHost);
    }
    void echo()
    {
        connect(&server, &GruvServer::messageReceived, this,
                [this](GruvSocket *from, const QByteArray &message) {
                    messages.append(message);
                    from->sendMessage(message);
                });
    }

    QString port() const { return QString::number(server.serverPort()); }
    bool hasRefusedOneHandshake() const
    {
        return rejected.size() == 1
               && rejected.at(0).at(1).value<GruvServer::RejectReason>()
                          == GruvServer::RejectReason::TlsHandshakeFailed;
    }
    QString story() const { return m_story ? m_story->text() : QString(); }

    GruvServer server;
    QSignalSpy rejected{ &server, &GruvServer::connectionRejected };
    QPointer<GruvSocket> socket;
    QSslConfiguration session;
    QByteArrayList messages;

private:
    void take(GruvSocket *client)
    {
        socket = client;
        session = client->sslConfiguration();
        m_story = std::make_unique<Story>(client);
    }

    std::unique_ptr<Story> m_story;
};

#endif // TLSHOST_H
