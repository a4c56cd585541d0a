// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVCLIENT_H
#define GRUVCLIENT_H

#include <gruvsocks/gruvdisconnectreason.h>
#include <gruvsocks/gruvreconnectpolicy.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocketoptions.h>
#include <gruvsocks/gruvsocks_export.h>

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>

#include <chrono>
#include <memory>

class GruvClientPrivate;
class QSslConfiguration;

class GRUVSOCKS_EXPORT GruvClient : public QObject
{
    Q_OBJECT
    Q_PROPERTY(GruvClient::State state READ state NOTIFY stateChanged)

public:
    enum class State { Offline, Connecting, Online, Waiting };
    Q_ENUM(State)

    enum class QueuePolicy { Refuse, DropOldest, DropNewest };
    Q_ENUM(QueuePolicy)

    enum class Redelivery { AtMostOnce, AtLeastOnce };
    Q_ENUM(Redelivery)

    enum class DropReason { QueueFull, TooOld, ConnectionLost, GivenUp, TooLarge };
    Q_ENUM(DropReason)

    struct Server
    {
        QString host;
        quint16 port = 0;
        bool isEncrypted = false;
    };

    explicit GruvClient(QObject *parent = nullptr);
    ~GruvClient() override;

    GruvSocketOptions options() const;
    void setOptions(const GruvSocketOptions &options);
    void setSslConfiguration(const QSslConfiguration &configuration);
    GruvReconnectPolicy reconnectPolicy() const;
    void setReconnectPolicy(const GruvReconnectPolicy &policy);
    QList<Server> servers() const;
    void setServers(const QList<Server> &servers);

    qint64 offlineQueueBytes() const;
    void setOfflineQueueBytes(qint64 bytes);
    std::chrono::milliseconds offlineQueueAge() const;
    void setOfflineQueueAge(std::chrono::milliseconds age);
    QueuePolicy offlineQueuePolicy() const;
    void setOfflineQueuePolicy(QueuePolicy policy);
    Redelivery redelivery() const;
    void setRedelivery(Redelivery redelivery);

    State state() const;
    Server currentServer() const;
    bool isWritable() const;
    qint64 queuedBytes() const;
    const GruvSocket *socket() const;
    void ignoreSslErrors(const QList<QSslError> &errors);

public Q_SLOTS:
    void connectToServers();
    void connectToServer(const QString &host, quint16 port);
    void connectToServerEncrypted(const QString &host, quint16 port);
    void disconnectFromServer();
    void reconnectNow();
    quint64 sendMessage(const QByteArray &message); // its number; 0: refused
    quint64 sendText(const QString &text);
    void pauseReading();
    void resumeReading();

Q_SIGNALS:
    void stateChanged(GruvClient::State state);
    void online();
    void offline(const GruvDisconnectReason &reason);
    void reconnectScheduled(std::chrono::milliseconds delay, int attempt);
    void messageReceived(const QByteArray &message);
    void messageDropped(quint64 id, GruvClient::DropReason reason);
    void bytesWritten(qint64 wireBytes);
    void writableChanged(bool writable);
    void errorOccurred(GruvSocket::Error error, const QString &description);
    void sslErrors(const QList<QSslError> &errors);

private:
    Q_DISABLE_COPY_MOVE(GruvClient)
    friend class GruvClientPrivate;
    const std::shared_ptr<GruvClientPrivate> d; // shared with its own running calls
};

#endif // GRUVCLIENT_H
