// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TRANSPORT_P_H
#define TRANSPORT_P_H

#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/nativesocket_p.h>

#include <memory>
#include <type_traits>

class QSocketNotifier;
class QTcpSocket;

// One TCP connection of bytes: a QAbstractSocket, read and written past Qt's buffers where the
// platform allows it. It knows nothing of frames.
class Transport
{
public:
    using Transfer = NativeSocket::Transfer;

    class Listener
    {
    public:
        virtual void transportConnecting(QAbstractSocket::SocketState state) = 0;
        virtual void transportConnected() = 0;
        virtual void transportNotConnected(GruvSocket::Error error, const QString &text) = 0;
        virtual void transportReadable() = 0;
        virtual void transportWritable() = 0;

    protected:
        ~Listener() = default;
    };

    Transport(Listener *listener, QObject *parent);
    ~Transport();

    void connectToHost(const QString &host, quint16 port);
    bool adopt(qintptr descriptor);
    QByteArray adopt(QTcpSocket *socket);
    void applyOptions(const GruvSocketOptions &options);

    Transfer receive(char *data, qsizetype size);
    Transfer send(const SendQueue &queue);
    void awaitReadable();
    qint64 unsentBytes() const;

    qint64 undeliveredBytes() const;
    bool finishWriting();
    void setResetOnClose(bool on);
    void close();

    const QAbstractSocket *socket() const { return m_socket; }

private:
    // Calls of ours on the stack of an object that emits; it is not deleted before they are back.
    struct Calls
    {
        void orphan(QObject *object);
        void deleteOrphans();

        int depth = 0;
        QObjectList orphans;
    };

    QAbstractSocket *newSocket();
    void setSocket(QAbstractSocket *socket);
    void socketFailed(QAbstractSocket::SocketError error);
    void socketStateChanged(QAbstractSocket::SocketState state);
    void ended(const Transfer &end);
    void awaitWritable();
    void dropNotifier();
    Transfer sendThroughQt(const SendQueue &queue);

    template<typename Function>
    auto counted(Function function)
    {
        return [calls = m_calls, function](auto... arguments) {
            ++calls->depth;
            function(arguments...);
            if (--calls->depth == 0)
                calls->deleteOrphans();
        };
    }

    Listener *const m_listener;
    QObject *const m_parent;
    QAbstractSocket *m_socket = nullptr;
    bool m_direct = NativeSocket::isSupported();
    bool m_connected = false; // it has been, at least
    bool m_resetOnClose = false;
    Transfer m_end; // what Qt said of the end, if it did
    QSocketNotifier *m_writeNotifier = nullptr;
    qintptr m_writeDescriptor = -1; // what it watches, if that is a duplicate
    std::shared_ptr<Calls> m_calls = std::make_shared<Calls>();
};

#endif // TRANSPORT_P_H
