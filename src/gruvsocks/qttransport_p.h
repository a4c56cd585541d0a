// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef QTTRANSPORT_P_H
#define QTTRANSPORT_P_H

#include <gruvsocks/callguard_p.h>
#include <gruvsocks/transport_p.h>
#include <gruvsocks/turnend_p.h>

#include <QtCore/qpointer.h>
#include <QtNetwork/qabstractsocket.h>

// A connection that Qt itself reads and writes: through a proxy, of a class derived from
// QTcpSocket, or where NativeSocket is not supported.
class QtTransport final : public Transport
{
public:
    QtTransport(QTcpSocket *socket, Listener *listener, QObject *parent, CallGuard calls = {});
    ~QtTransport() override;
    static bool isProxied(const QTcpSocket *socket);
    static bool isProxied(const QString &host, quint16 port);

    Endpoint localEndpoint() const override;
    Endpoint peerEndpoint() const override;
    qintptr descriptor() const override;
    Tls::Configuration session() const override;
    void applyOptions(const GruvSocketOptions &options) override;

    void refresh() override;
    void setReading(bool on) override;
    Transfer receive(char *data, qsizetype size) override;
    qsizetype waitingBytes() const override;
    Transfer send(const SendQueue &queue, qsizetype most) override;
    qint64 unsentBytes() const override;

    qint64 undeliveredBytes() const override;
    bool finishWriting() override;
    bool awaitsPeer() const override { return m_awaitsPeer; }
    void setResetOnClose(bool on) override;
    void close() override;

private:
    // Tells the listener from the event loop.
    class Notice final : public QObject, public TurnEnd::Client
    {
    public:
        Notice(Listener *listener, void (Listener::*what)());
        ~Notice() override;
        void post();
        void cancel();

    private:
        void turnEnded() override;
        bool event(QEvent *event) override;

        Listener *const m_listener;
        void (Listener::*const m_what)();
        const std::shared_ptr<TurnEnd> m_turnEnd = TurnEnd::ofThisThread();
        bool m_isPosted = false;
    };

    Transfer howItEnded() const;
    Transfer receiveRest(char *data, qsizetype size);
    void socketFailed();
    void socketStateChanged(QAbstractSocket::SocketState state);
    void ended(const Transfer &end);
    void tellWritable();
    void fetch();
    void fetchRest();
    void noticeFault();
    void watchHandshake();

    QTcpSocket *const m_socket;
    const QPointer<QTcpSocket> m_carrier; // the one whose descriptor it is; mostly m_socket
    const bool m_isTls;
    const qint64 m_blockSize; // written or read at once
    Listener *const m_listener;
    QObject *const m_parent;
    QMetaObject::Connection m_carrierWritten;
    Transfer m_end;                    // what Qt said of the end, if it did
    qintptr m_copy;                    // of the descriptor, for when Qt has closed its own
    std::unique_ptr<Transport> m_rest; // what is left of the connection when Qt has closed it
    bool m_resetOnClose = false;
    bool m_isSending = false;
    bool m_isRefreshing = false;
    bool m_isPeerGone = false;
    bool m_isFinishing = false; // Qt is to close when it has sent what it has
    bool m_awaitsPeer = false;  // it was told by TLS that no more will come
    Notice m_readable;
    Notice m_writable;
    Notice m_encrypted;
    CallGuard m_calls;
};

#endif // QTTRANSPORT_P_H
