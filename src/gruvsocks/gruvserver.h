// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSERVER_H
#define GRUVSERVER_H

#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocketoptions.h>
#include <gruvsocks/gruvsocks_export.h>

#include <QtCore/qlist.h>
#include <QtNetwork/qhostaddress.h>
#include <QtNetwork/qtcpserver.h>

#include <chrono>
#include <functional>
#include <memory>

class GruvServerPrivate;
class QSslConfiguration;

struct GruvPeer
{
    QHostAddress address;
    quint16 port = 0;
};

class GRUVSOCKS_EXPORT GruvServer : public QTcpServer
{
    Q_OBJECT
    Q_PROPERTY(bool listening READ isListening NOTIFY listeningChanged)
    Q_PROPERTY(int maximumConnections READ maximumConnections WRITE setMaximumConnections)
    Q_PROPERTY(int maximumConnectionsPerAddress READ maximumConnectionsPerAddress WRITE
                       setMaximumConnectionsPerAddress)
    Q_PROPERTY(int maximumAcceptRate READ maximumAcceptRate WRITE setMaximumAcceptRate)
    Q_PROPERTY(bool debug READ isDebug WRITE setDebug)

public:
    using BlockingHandler = std::function<void(const GruvPeer &peer, GruvSocket &socket)>;
    using ConnectionHandler = std::function<void(GruvSocket *socket)>;

    enum class StartMode { Background, Blocking };
    Q_ENUM(StartMode)

    enum class Error {
        NoError,
        AlreadyListening,
        AddressInUse,
        PermissionDenied,
        AddressNotAvailable,
        NoHandler,
        ResourceExhausted,
        NetworkError,
    };
    Q_ENUM(Error)

    enum class RejectReason {
        TooManyConnections,
        TooManyFromAddress,
        TooFast,
        WaitedTooLong,
        TlsHandshakeFailed,
    };
    Q_ENUM(RejectReason)

    explicit GruvServer(QObject *parent = nullptr);
    ~GruvServer() override;

    bool listen(const QHostAddress &address = QHostAddress::Any, quint16 port = 0);
    bool start(const BlockingHandler &handler, quint16 port,
               const QHostAddress &address = QHostAddress::AnyIPv4,
               StartMode mode = StartMode::Background);
    void stop(std::chrono::milliseconds drain = {}); // from any thread
    void close();

    void setConnectionHandler(const ConnectionHandler &handler);
    int threadCount() const;
    void setThreadCount(int count);

    GruvSocketOptions socketOptions() const;
    void setSocketOptions(const GruvSocketOptions &options);
    QSslConfiguration sslConfiguration() const;
    void setSslConfiguration(const QSslConfiguration &configuration);
    bool isDebug() const;
    void setDebug(bool debug);
    int maximumConnections() const;
    void setMaximumConnections(int count);
    int maximumConnectionsPerAddress() const;
    void setMaximumConnectionsPerAddress(int count);
    int maximumAcceptRate() const;
    void setMaximumAcceptRate(int perSecond);
    int maximumHandlerThreads() const;
    void setMaximumHandlerThreads(int count);

    int clientCount() const;
    QList<GruvSocket *> clients() const;
    int broadcast(const QByteArray &message);
    bool disconnectClient(quint64 id);

    Error error() const;
    QString errorString() const;

Q_SIGNALS:
    void clientConnected(GruvSocket *socket);
    void clientDisconnected(GruvSocket *socket);
    void messageReceived(GruvSocket *socket, const QByteArray &message);
    void listeningChanged(bool listening);
    void connectionRejected(const QHostAddress &address, GruvServer::RejectReason reason);
    void errorOccurred(GruvServer::Error error, const QString &description);

protected:
    bool event(QEvent *event) override;
    void incomingConnection(qintptr socketDescriptor) override;
    void connectNotify(const QMetaMethod &signal) override;

private:
    Q_DISABLE_COPY_MOVE(GruvServer)
    friend class GruvServerPrivate;
    const std::shared_ptr<GruvServerPrivate> d;
};

GRUVSOCKS_EXPORT QDebug operator<<(QDebug debug, const GruvPeer &peer);

#endif // GRUVSERVER_H
