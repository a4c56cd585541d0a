// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/transport_p.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qsocketnotifier.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpsocket.h>

#include <algorithm>
#include <utility>

namespace {

using Outcome = NativeSocket::Transfer::Outcome;

// What a socket that Qt reads and writes (a proxy's, an adopted one) may hold in its own buffers.
constexpr qint64 QtBufferSize = 256 * 1024;

// Without a dispatcher a QAbstractSocket has no notifiers; a thread not started by Qt has none yet.
void ensureEventDispatcher()
{
    if (!QAbstractEventDispatcher::instance())
        QEventLoop givesTheThreadADispatcher;
}

bool isProxied(const QString &host, quint16 port)
{
    const QList<QNetworkProxy> proxies = QNetworkProxyFactory::proxyForQuery(
            QNetworkProxyQuery(host, port, {}, QNetworkProxyQuery::TcpSocket));
    return !proxies.isEmpty() && proxies.first().type() != QNetworkProxy::NoProxy;
}

// Whether the descriptor of socket carries just what the application reads and writes.
bool isPlain(const QTcpSocket *socket)
{
    const QNetworkProxy::ProxyType proxy = socket->proxy().type();
    const bool isDirect = proxy == QNetworkProxy::NoProxy
                          || (proxy == QNetworkProxy::DefaultProxy
                              && !isProxied(socket->peerName(), socket->peerPort()));
    return socket->metaObject() == &QTcpSocket::staticMetaObject && isDirect
           && socket->bytesToWrite() == 0;
}

GruvSocket::Error connectError(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::HostNotFoundError:
        return GruvSocket::Error::HostNotFound;
    case QAbstractSocket::ConnectionRefusedError:
        return GruvSocket::Error::ConnectionRefused;
    case QAbstractSocket::SocketTimeoutError:
        return GruvSocket::Error::ConnectTimeout;
    default:
        return GruvSocket::Error::NetworkError;
    }
}

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

/*
    Two ways of moving bytes were weighed (Qt 6.4 sources, qabstractsocket.cpp):
    - read() and write() of an Unbuffered QTcpSocket: portable, but a reset reads like an orderly
      end, a failed write closes the descriptor with messages still unread in it, header and
      payload need a copy to leave in one write, and setSocketDescriptor() cannot make a QTcpSocket
      Unbuffered, so a server's connections are copied twice.
    - recv() and sendmsg() on the descriptor, with Qt for everything else (lookup, connecting,
      notification): one copy fewer, the system's own error, one gathering write.
    The second it is, with the first kept for what is not a plain socket of ours. The base class is
    what is Unbuffered from the start: QAbstractSocket(TcpSocket), which never reads by itself.
*/
Transport::Transport(Listener *listener, QObject *parent)
    : m_listener(listener)
    , m_parent(parent)
{
    ensureEventDispatcher();
}

Transport::~Transport()
{
    close();
    if (m_socket)
        m_calls->orphan(m_socket);
}

void Transport::Calls::orphan(QObject *object)
{
    if (depth == 0) {
        delete object;
        return;
    }
    object->setParent(nullptr);
    orphans.append(object);
}

// Not before: a nested event loop would delete at once what is only to be deleted later.
void Transport::Calls::deleteOrphans()
{
    for (QObject *object : std::as_const(orphans))
        object->deleteLater();
    orphans.clear();
}

void Transport::setSocket(QAbstractSocket *socket)
{
    m_socket = socket;
    QObject::connect(socket, &QAbstractSocket::stateChanged, socket,
                     counted([this](auto state) { socketStateChanged(state); }));
    QObject::connect(socket, &QAbstractSocket::errorOccurred, socket,
                     counted([this](auto error) { socketFailed(error); }));
    // Unlike readyRead() it comes in a nested event loop too.
    QObject::connect(socket, &QIODevice::channelReadyRead, socket,
                     counted([this](int) { m_listener->transportReadable(); }));
    QObject::connect(socket, &QIODevice::bytesWritten, socket,
                     counted([this](qint64) { m_listener->transportWritable(); }));
}

void Transport::connectToHost(const QString &host, quint16 port)
{
    m_direct = m_direct && !isProxied(host, port);
    setSocket(newSocket());
    m_socket->connectToHost(host, port);
}

QAbstractSocket *Transport::newSocket()
{
    if (m_direct)
        return new QAbstractSocket(QAbstractSocket::TcpSocket, m_parent);
    auto *socket = new QTcpSocket(m_parent);
    socket->setReadBufferSize(QtBufferSize);
    return socket;
}

// Takes ownership of descriptor, which must be connected.
bool Transport::adopt(qintptr descriptor)
{
    QAbstractSocket *socket = newSocket();
    const bool adopted = socket->setSocketDescriptor(descriptor);
    setSocket(socket);
    m_connected = adopted;
    return adopted;
}

/*
    Takes ownership of socket, which must be connected, and returns what it has read already. Of a
    plain one only the connection is kept, so that it is as fast as any other.
*/
QByteArray Transport::adopt(QTcpSocket *socket)
{
    socket->disconnect();
    socket->flush();
    QByteArray input = socket->readAll();
    if (m_direct && isPlain(socket)) {
        const qintptr copy = NativeSocket::duplicate(socket->socketDescriptor());
        if (copy >= 0 && adopt(copy)) {
            socket->abort();
            socket->deleteLater();
            return input;
        }
    }
    m_direct = false;
    m_connected = true;
    socket->setParent(m_parent);
    socket->setReadBufferSize(QtBufferSize);
    setSocket(socket);
    return input;
}

void Transport::applyOptions(const GruvSocketOptions &options)
{
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, int(options.lowDelay));
    if (NativeSocket::isSupported()) {
        NativeSocket::setDeadPeerTimeout(m_socket->socketDescriptor(), options.deadPeerTimeout);
        return;
    }
    m_socket->setSocketOption(QAbstractSocket::KeepAliveOption,
                              int(options.deadPeerTimeout.count() > 0));
}

void Transport::socketStateChanged(QAbstractSocket::SocketState state)
{
    switch (state) {
    case QAbstractSocket::HostLookupState:
    case QAbstractSocket::ConnectingState:
        m_listener->transportConnecting(state);
        break;
    case QAbstractSocket::ConnectedState:
        m_connected = true;
        m_listener->transportConnected();
        break;
    case QAbstractSocket::UnconnectedState:
        if (m_connected && m_end.outcome == Outcome::WouldBlock)
            ended({ Outcome::EndOfStream, 0, {} });
        break;
    default:
        break;
    }
}

void Transport::socketFailed(QAbstractSocket::SocketError error)
{
    if (m_connected)
        ended({ endOutcome(error), 0, m_socket->errorString() });
    else
        m_listener->transportNotConnected(connectError(error), m_socket->errorString());
}

// Qt has told the end itself; the listener reads what is left, and then meets it.
void Transport::ended(const Transfer &end)
{
    m_end = end;
    m_listener->transportReadable();
}

Transport::Transfer Transport::receive(char *data, qsizetype size)
{
    if (m_direct)
        return NativeSocket::receive(m_socket->socketDescriptor(), data, size);
    const qint64 received = m_socket->read(data, size);
    if (received > 0)
        return { Outcome::Moved, qsizetype(received), {} };
    return m_end;
}

// Asks for transportReadable(): QAbstractSocket notifies once, and again after the next read.
void Transport::awaitReadable()
{
    if (m_direct)
        m_socket->read(nullptr, 0);
    else if (m_socket->bytesAvailable() > 0 || m_end.outcome != Outcome::WouldBlock)
        QMetaObject::invokeMethod(m_socket, counted([this] { m_listener->transportReadable(); }),
                                  Qt::QueuedConnection);
}

/*
    Hands over from the front of queue what can go now. WouldBlock means that transportWritable()
    will be called when there is room again.
*/
Transport::Transfer Transport::send(const SendQueue &queue)
{
    if (!m_direct)
        return sendThroughQt(queue);
    Transfer transfer = NativeSocket::send(m_socket->socketDescriptor(), queue);
    if (transfer.outcome == Outcome::WouldBlock)
        awaitWritable();
    return transfer;
}

Transport::Transfer Transport::sendThroughQt(const SendQueue &queue)
{
    const qint64 room = QtBufferSize - m_socket->bytesToWrite();
    if (room <= 0)
        return { Outcome::WouldBlock, 0, {} };
    const QByteArray block = queue.front(qsizetype(room)); // header and payload in one write
    const qint64 taken = m_socket->write(block);
    if (taken >= 0)
        return { Outcome::Moved, qsizetype(taken), {} };
    return { Outcome::Failed, 0, m_socket->errorString() };
}

/*
    Whether a close now has to be a reset, even one by the system because the process died: with a
    frame half sent, FIN makes gruv_socks wait for the other half for ever, at full load.
*/
void Transport::setResetOnClose(bool on)
{
    if (std::exchange(m_resetOnClose, on) != on && NativeSocket::isSupported())
        NativeSocket::setResetOnClose(m_socket->socketDescriptor(), on);
}

/*
    The notifier watches a duplicate of the descriptor: Qt's own write notifier may still be
    registered for the original (after connecting), and a dispatcher takes one of a kind only.
*/
void Transport::awaitWritable()
{
    if (!m_writeNotifier) {
        m_writeDescriptor = NativeSocket::duplicate(m_socket->socketDescriptor());
        m_writeNotifier = new QSocketNotifier(m_writeDescriptor < 0 ? m_socket->socketDescriptor()
                                                                    : m_writeDescriptor,
                                              QSocketNotifier::Write, m_parent);
        QObject::connect(m_writeNotifier, &QSocketNotifier::activated, m_socket,
                         counted([this](auto...) {
                             m_writeNotifier->setEnabled(false);
                             m_listener->transportWritable();
                         }));
    }
    m_writeNotifier->setEnabled(true);
}

void Transport::dropNotifier()
{
    if (!m_writeNotifier)
        return;
    m_writeNotifier->setEnabled(false);
    m_writeNotifier->disconnect();
    m_calls->orphan(std::exchange(m_writeNotifier, nullptr));
    if (m_writeDescriptor >= 0)
        NativeSocket::close(std::exchange(m_writeDescriptor, -1));
}

qint64 Transport::unsentBytes() const
{
    return m_direct ? 0 : m_socket->bytesToWrite();
}

// Bytes that the system has taken and the peer has not; as far as the system tells.
qint64 Transport::undeliveredBytes() const
{
    return m_direct ? NativeSocket::unacknowledgedBytes(m_socket->socketDescriptor()) : 0;
}

/*
    After the last byte was handed over: tells the peer that no more will come. Returns true once
    every byte is known to be in the peer's system, so that close() can no longer lose one (a
    close with unread input sends RST, RFC 2525 section 2.17, and that may overtake data).
*/
bool Transport::finishWriting()
{
    if (!m_direct) {
        const QSignalBlocker quiet(m_socket);
        m_socket->disconnectFromHost();
        return m_socket->state() == QAbstractSocket::UnconnectedState;
    }
    const qintptr descriptor = m_socket->socketDescriptor();
    NativeSocket::shutDownWriting(descriptor);
    return undeliveredBytes() == 0;
}

// Ends the connection: with RST after setResetOnClose(true) or with unread input, else with FIN.
// Emits nothing.
void Transport::close()
{
    if (!m_socket)
        return; // not yet connecting
    m_socket->disconnect();
    QCoreApplication::removePostedEvents(m_socket, QEvent::MetaCall); // from awaitReadable()
    dropNotifier();
    m_socket->abort();
}
