// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/qttransport_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qmetaobject.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpsocket.h>

#include <algorithm>
#include <utility>

namespace {

using Outcome = NativeSocket::Transfer::Outcome;

// What the socket may hold in its own buffers.
constexpr qint64 BufferSize = 256 * 1024;

Outcome endOutcome(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::RemoteHostClosedError:
        return Outcome::EndOfStream;
    case QAbstractSocket::SocketTimeoutError:
        return Outcome::Unresponsive;
    default:
        return Outcome::Failed;
    }
}

} // namespace

QtTransport::QtTransport(QTcpSocket *socket, Listener *listener, QObject *parent, CallGuard calls)
    : m_socket(socket)
    , m_listener(listener)
    , m_calls(std::move(calls))
{
    socket->setParent(parent);
    socket->setReadBufferSize(BufferSize);
    QObject::connect(socket, &QAbstractSocket::stateChanged, socket,
                     m_calls.counted([this](auto state) { socketStateChanged(state); }));
    QObject::connect(socket, &QAbstractSocket::errorOccurred, socket,
                     m_calls.counted([this](auto error) { socketFailed(error); }));
    // Unlike readyRead() it comes in a nested event loop too.
    QObject::connect(socket, &QIODevice::channelReadyRead, socket,
                     m_calls.counted([this](int) { m_listener->transportReadable(); }));
    QObject::connect(socket, &QIODevice::bytesWritten, socket,
                     m_calls.counted([this](qint64) { m_listener->transportWritable(); }));
}

QtTransport::~QtTransport()
{
    close();
    m_calls.dispose(m_socket);
}

bool QtTransport::isProxied(const QString &host, quint16 port)
{
    const QList<QNetworkProxy> proxies = QNetworkProxyFactory::proxyForQuery(
            QNetworkProxyQuery(host, port, {}, QNetworkProxyQuery::TcpSocket));
    return !proxies.isEmpty() && proxies.first().type() != QNetworkProxy::NoProxy;
}

bool QtTransport::isProxied(const QTcpSocket *socket)
{
    const QNetworkProxy::ProxyType proxy = socket->proxy().type();
    return proxy == QNetworkProxy::DefaultProxy ? isProxied(socket->peerName(), socket->peerPort())
                                                : proxy != QNetworkProxy::NoProxy;
}

QtTransport::Endpoint QtTransport::localEndpoint() const
{
    return { m_socket->localAddress(), m_socket->localPort() };
}

QtTransport::Endpoint QtTransport::peerEndpoint() const
{
    return { m_socket->peerAddress(), m_socket->peerPort() };
}

qintptr QtTransport::descriptor() const
{
    return m_socket->socketDescriptor();
}

void QtTransport::applyOptions(const GruvSocketOptions &options)
{
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, int(options.lowDelay));
    if (NativeSocket::isSupported()) {
        NativeSocket::setDeadPeerTimeout(m_socket->socketDescriptor(), options.deadPeerTimeout);
        return;
    }
    m_socket->setSocketOption(QAbstractSocket::KeepAliveOption,
                              int(options.deadPeerTimeout.count() > 0));
}

void QtTransport::socketStateChanged(QAbstractSocket::SocketState state)
{
    if (state == QAbstractSocket::UnconnectedState && m_end.outcome == Outcome::WouldBlock)
        ended({ Outcome::EndOfStream });
}

void QtTransport::socketFailed(QAbstractSocket::SocketError error)
{
    ended({ endOutcome(error), 0, 0, m_socket->errorString() });
}

// Qt has told the end itself; the listener reads what is left, and then meets it.
void QtTransport::ended(const Transfer &end)
{
    m_end = end;
    m_listener->transportReadable();
}

// Qt tells once what has come; what is left of it is told again from the event loop.
void QtTransport::setReading(bool on)
{
    if (on && (m_socket->bytesAvailable() > 0 || m_end.outcome != Outcome::WouldBlock))
        QMetaObject::invokeMethod(m_socket,
                                  m_calls.counted([this] { m_listener->transportReadable(); }),
                                  Qt::QueuedConnection);
}

QtTransport::Transfer QtTransport::receive(char *data, qsizetype size)
{
    const qint64 received = m_socket->read(data, size);
    if (received > 0)
        return { Outcome::Moved, qsizetype(received) };
    return m_end;
}

QtTransport::Transfer QtTransport::send(const SendQueue &queue, qsizetype most)
{
    const qint64 room = BufferSize - m_socket->bytesToWrite();
    if (room <= 0)
        return { Outcome::WouldBlock };
    const QByteArray block =
            queue.front(std::min<qsizetype>(room, most)); // header and payload in one write
    const qint64 taken = m_socket->write(block);
    if (taken >= 0)
        return { Outcome::Moved, qsizetype(taken) };
    return { Outcome::Failed, 0, 0, m_socket->errorString() };
}

qint64 QtTransport::unsentBytes() const
{
    return m_socket->bytesToWrite();
}

bool QtTransport::finishWriting()
{
    const QSignalBlocker quiet(m_socket);
    m_socket->disconnectFromHost();
    return m_socket->state() == QAbstractSocket::UnconnectedState;
}

void QtTransport::setResetOnClose(bool on)
{
    if (std::exchange(m_resetOnClose, on) != on)
        NativeSocket::setResetOnClose(m_socket->socketDescriptor(), on);
}

void QtTransport::close()
{
    m_socket->disconnect();
    QCoreApplication::removePostedEvents(m_socket, QEvent::MetaCall); // from setReading()
    m_socket->abort();
}
