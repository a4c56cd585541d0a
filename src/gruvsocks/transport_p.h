// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TRANSPORT_P_H
#define TRANSPORT_P_H

#include <gruvsocks/callguard_p.h>
#include <gruvsocks/gruvsocketoptions.h>
#include <gruvsocks/nativesocket_p.h>
#include <gruvsocks/tls_p.h>

#include <memory>

class QObject;
class QTcpSocket;

// One TCP connection of bytes. It knows nothing of frames.
class Transport
{
public:
    using Transfer = NativeSocket::Transfer;
    using Endpoint = NativeSocket::Endpoint;

    class Listener
    {
    public:
        virtual void transportReadable() = 0;
        virtual void transportWritable() = 0;
        virtual void transportEncrypted() = 0; // one that was taken over in its handshake

    protected:
        ~Listener() = default;
    };

    // Both take ownership of the connection. The second returns in input what was read already.
    static std::unique_ptr<Transport> adopt(qintptr descriptor, Listener *listener,
                                            QObject *parent);
    static std::unique_ptr<Transport> adopt(QTcpSocket *socket, Listener *listener, QObject *parent,
                                            QByteArray *input, CallGuard calls = {});

    Transport() = default;
    virtual ~Transport() = default;

    virtual Endpoint localEndpoint() const = 0;
    virtual Endpoint peerEndpoint() const = 0;
    virtual qintptr descriptor() const = 0;
    virtual Tls::Configuration session() const { return nullptr; } // null: not encrypted
    virtual void applyOptions(const GruvSocketOptions &options) = 0;

    // Gets what the system has already, for a thread that has run no event loop for a while.
    virtual void refresh() {}
    // While on, transportReadable() is called as long as there is something to receive.
    virtual void setReading(bool on) = 0;
    virtual Transfer receive(char *data, qsizetype size) = 0;
    virtual qsizetype waitingBytes() const = 0; // to be received
    // Hands over what can go now of the first most bytes of queue. WouldBlock means that
    // transportWritable() will be called when there is room again.
    virtual Transfer send(const SendQueue &queue, qsizetype most) = 0;
    virtual qint64 unsentBytes() const = 0;

    // Bytes that the system has taken and the peer has not; as far as the system tells.
    virtual qint64 undeliveredBytes() const = 0;
    // After the last byte was handed over: tells the peer that no more will come. Returns true
    // once close() can no longer lose a byte.
    virtual bool finishWriting() = 0;
    // Whether a close while the peer sends may cost it what it has not read yet.
    virtual bool awaitsPeer() const { return false; }
    virtual void setResetOnClose(bool on) = 0;
    // Emits nothing: with RST after setResetOnClose(true) or with unread input, else with FIN.
    virtual void close() = 0;

private:
    Q_DISABLE_COPY_MOVE(Transport)
};

#endif // TRANSPORT_P_H
