// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SCENE_H
#define SCENE_H

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qpointer.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>

#include <rawpeer.h>

#include <algorithm>
#include <memory>

// What a connection told, in order.
class Record : public QObject
{
public:
    explicit Record(GruvSocket *socket, bool takesMessages = true)
    {
        if (takesMessages)
            connect(socket, &GruvSocket::messageReceived, this, [this](const QByteArray &message) {
                messages.append(message);
                tell("message");
            });
        connect(socket, &GruvSocket::errorOccurred, this,
                [this, socket](GruvSocket::Error why, const QString &text) {
                    error = why;
                    sentence = text;
                    bytesBeforeError = socket->statistics().bytesReceived;
                    tell("error");
                });
        connect(socket, &GruvSocket::disconnected, this, [this] { tell("disconnected"); });
        connect(socket, &GruvSocket::stateChanged, this, [this] { lateSignals += isOver(); });
        connect(socket, &GruvSocket::bytesWritten, this, [this] { lateSignals += isOver(); });
        connect(socket, &GruvSocket::writableChanged, this, [this] { lateSignals += isOver(); });
    }

    bool isOver() const { return story.endsWith(QLatin1String("disconnected")); }

    QString story; // "message message error disconnected"
    QList<QByteArray> messages;
    GruvSocket::Error error = GruvSocket::Error::NoError;
    QString sentence;
    qint64 bytesBeforeError = -1;
    int lateSignals = 0;

private:
    void tell(const char *event)
    {
        story += (story.isEmpty() ? QLatin1String() : QLatin1String(" ")) + QLatin1String(event);
    }
};

// A connection under test whose peer is a raw socket, and an honest connection beside it.
class Scene
{
public:
    enum Side { Client, Server };

    Scene()
    {
        m_server.setConnectionHandler([this](GruvSocket *socket) {
            if (!m_echoed) {
                m_echoed = socket;
                QObject::connect(socket, &GruvSocket::messageReceived, socket,
                                 &GruvSocket::sendMessage);
                return;
            }
            subject = socket;
            record = std::make_unique<Record>(socket);
        });
    }

    bool start()
    {
        if (!m_server.listen(QHostAddress::LocalHost))
            return false;
        m_bystander.connectToHost(QHostAddress::LocalHost, m_server.serverPort());
        return m_bystander.waitForConnected() && bystanderEchoes();
    }

    // Brings up a new connection, its GruvSocket one of a client or one of the server.
    bool connect(Side side)
    {
        peer.reset();
        m_client.reset();
        return side == Server ? connectToServer() : connectClient(true);
    }

    bool connectClient(bool takesMessages)
    {
        m_client = std::make_unique<GruvSocket>();
        subject = m_client.get();
        record = std::make_unique<Record>(m_client.get(), takesMessages);
        m_client->connectToHost(QHostAddress::LocalHost, m_listener.port());
        if (!m_client->waitForConnected())
            return false;
        peer = m_listener.accept();
        return peer != nullptr;
    }

    // An answer proves more: what the event loop had to do for others before is done.
    bool bystanderEchoes()
    {
        const QByteArray message = QByteArray::number(++m_echoes);
        return m_bystander.sendMessage(message) && m_bystander.read().data == message;
    }

    // Sends until the peer finds the connection ended.
    void send(const QByteArray &bytes)
    {
        if (peer->state() != QAbstractSocket::ConnectedState)
            return;
        peer->write(bytes);
        peer->flush();
    }

    qint64 received() const { return subject ? subject->statistics().bytesReceived : -1; }
    GruvServer &server() { return m_server; }

    std::unique_ptr<QTcpSocket> peer;
    QPointer<GruvSocket> subject;
    std::unique_ptr<Record> record;

private:
    bool connectToServer()
    {
        QSignalSpy clients(&m_server, &GruvServer::clientConnected);
        peer = std::make_unique<QTcpSocket>();
        peer->connectToHost(QHostAddress::LocalHost, m_server.serverPort());
        return peer->waitForConnected() && (!clients.isEmpty() || clients.wait());
    }

    GruvServer m_server;
    GruvSocket m_bystander;
    QPointer<GruvSocket> m_echoed; // the server's end of m_bystander
    int m_echoes = 0;
    RawPeer::Listener m_listener;
    std::unique_ptr<GruvSocket> m_client;
};

// Reads until something else than a message comes, which must bring no data.
inline QList<QByteArray> readAll(GruvSocket *socket, GruvSocket::ReadStatus *last)
{
    QList<QByteArray> messages;
    for (;;) {
        const auto [status, data] = socket->read(std::chrono::seconds(5));
        *last = status;
        if (status == GruvSocket::ReadStatus::Ok || !data.isEmpty())
            messages.append(data);
        if (status != GruvSocket::ReadStatus::Ok)
            return messages;
    }
}

inline bool saysAll(const QString &sentence, const QByteArrayList &words)
{
    return std::all_of(words.cbegin(), words.cend(), [&sentence](const QByteArray &word) {
        return sentence.contains(QLatin1String(word));
    });
}

#endif // SCENE_H
