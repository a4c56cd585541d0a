// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSOCKET_H
#define GRUVSOCKET_H

#include <gruvsocks/gruvdisconnectreason.h>
#include <gruvsocks/gruvsocketoperators.h>
#include <gruvsocks/gruvsocketoptions.h>
#include <gruvsocks/gruvsocks_export.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qdatetime.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qabstractsocket.h>
#include <QtNetwork/qhostaddress.h>
#include <QtNetwork/qsslerror.h>

#include <chrono>
#include <functional>
#include <memory>

class GruvSocketPrivate;
class QSslConfiguration;
class QTcpSocket;

class GRUVSOCKS_EXPORT GruvSocket : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QAbstractSocket::SocketState state READ state NOTIFY stateChanged)
    Q_PROPERTY(std::chrono::milliseconds timeout READ timeout WRITE setTimeout)
    Q_PROPERTY(bool debug READ isDebug WRITE setDebug)

public:
    enum class Error {
        NoError,
        // refused, the connection stays
        NotConnected,
        AlreadyConnected,
        MessageTooLarge,
        WriteBufferFull,
        // never came up
        HostNotFound,
        ConnectionRefused,
        ConnectTimeout,
        TlsHandshakeFailed,
        // ended by a fault
        ConnectionReset,
        PeerUnresponsive,
        TruncatedMessage,
        IncomingMessageTooLarge,
        MessageTimeout,
        IdleTimeout,
        CloseTimeout,
        NetworkError,
    };
    Q_ENUM(Error)
    enum class ReadStatus { Ok, Error, Timeout };
    Q_ENUM(ReadStatus)

    struct ReadResult
    {
        ReadStatus status = ReadStatus::Error;
        QByteArray data;
        explicit operator bool() const { return status == ReadStatus::Ok; }
    };
    struct Statistics
    {
        qint64 messagesReceived = 0;
        qint64 messagesSent = 0;
        qint64 bytesReceived = 0; // on the wire, headers included
        qint64 bytesSent = 0;
        QDateTime connectedSince; // UTC; invalid while not connected
    };
    using MessageHandler = std::function<void(const QByteArray &message)>;

    explicit GruvSocket(QObject *parent = nullptr);
    explicit GruvSocket(QTcpSocket *socket, QObject *parent = nullptr);
    ~GruvSocket() override;

    GruvSocketOptions options() const;
    void setOptions(const GruvSocketOptions &options);
    std::chrono::milliseconds timeout() const;
    void setTimeout(std::chrono::milliseconds timeout);
    bool isDebug() const;
    void setDebug(bool debug);
    void connectToHost(const QString &host, quint16 port);
    void connectToHost(const QHostAddress &address, quint16 port);
    void connectToHostEncrypted(const QString &host, quint16 port);
    QSslConfiguration sslConfiguration() const;
    void setSslConfiguration(const QSslConfiguration &configuration);
    void ignoreSslErrors(const QList<QSslError> &errors);
    bool isEncrypted() const;
    void setMessageHandler(const MessageHandler &handler);

    // Blocking, for threads that run no event loop. 0: the matching timeout of the options.
    bool waitForConnected(std::chrono::milliseconds timeout = {});
    ReadResult read(std::chrono::milliseconds timeout = {});
    bool waitForMessagesWritten(std::chrono::milliseconds timeout = {});
    bool waitForDisconnected(std::chrono::milliseconds timeout = {});

    QAbstractSocket::SocketState state() const;
    bool isWritable() const;
    bool isReadingPaused() const;
    qint64 bytesToWrite() const;
    QHostAddress peerAddress() const;
    quint16 peerPort() const;
    QString peerName() const;
    QHostAddress localAddress() const;
    quint16 localPort() const;
    qintptr socketDescriptor() const;
    quint64 connectionId() const;
    Error error() const;
    QString errorString() const;
    GruvDisconnectReason disconnectReason() const;
    Statistics statistics() const;
    QString toString() const;

public Q_SLOTS:
    bool sendMessage(const QByteArray &message); // from any thread
    bool sendText(const QString &text);          // from any thread
    void disconnectFromHost();                   // from any thread
    void abort();                                // from any thread
    void pauseReading();
    void resumeReading();

Q_SIGNALS:
    void connected();
    void encrypted();
    void sslErrors(const QList<QSslError> &errors);
    void disconnected();
    void stateChanged(QAbstractSocket::SocketState state);
    void messageReceived(const QByteArray &message);
    void bytesWritten(qint64 wireBytes);
    void writableChanged(bool writable);
    void errorOccurred(GruvSocket::Error error, const QString &description);

protected:
    bool event(QEvent *event) override;
    void connectNotify(const QMetaMethod &signal) override;
    void disconnectNotify(const QMetaMethod &signal) override;

private:
    Q_DISABLE_COPY_MOVE(GruvSocket)
    friend class GruvSocketPrivate;
    const std::shared_ptr<GruvSocketPrivate> d; // shared with its own running calls: see the .cpp
};

#endif // GRUVSOCKET_H
