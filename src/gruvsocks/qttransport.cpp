// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativetransport_p.h>
#include <gruvsocks/qttransport_p.h>
#include <gruvsocks/tls_p.h>

#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslsocket.h>
#include <QtNetwork/qtcpsocket.h>

#include <algorithm>
#include <utility>

namespace {

using Outcome = NativeSocket::Transfer::Outcome;

// What the socket may hold in its own buffers.
constexpr qint64 BufferSize = 256 * 1024;
/*
    What is written and read at once with TLS: some of its records. Qt copies them from buffer to
    buffer (Qt 6.4.2, qtls_openssl.cpp), which is fast while they fit into the processor's cache and
    malloc() does not return them to the system each time, as it does from 128 KiB on.
*/
constexpr qint64 RecordsSize = 64 * 1024;

Outcome endOutcome(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::SocketTimeoutError:
        return Outcome::Unresponsive;
    case QAbstractSocket::SslHandshakeFailedError:
    case QAbstractSocket::SslInternalError:
        return Outcome::TlsFailed;
    default:
        return Outcome::Failed;
    }
}

/*
    Qt keeps a socket inside one that goes through TLS or a proxy. Only that one knows the
    descriptor (the other one tells 1 for SOCKS 5) and what an HTTP proxy has not taken yet
   (Qt 6.4.2).
*/
QTcpSocket *carrier(QTcpSocket *socket)
{
    const QObject *owner = socket->inherits("QSslSocket") ? socket : nullptr;
    for (const QObject *child : socket->children()) {
        if (child->inherits("QAbstractSocketEngine"))
            owner = child;
    }
    auto *inner = owner ? owner->findChild<QTcpSocket *>({}, Qt::FindDirectChildrenOnly) : nullptr;
    return inner ? carrier(inner) : socket;
}

} // namespace

QtTransport::QtTransport(QTcpSocket *socket, Listener *listener, QObject *parent, CallGuard calls)
    : m_socket(socket)
    , m_carrier(carrier(socket))
    , m_isTls(socket->inherits("QSslSocket"))
    , m_blockSize(m_isTls ? RecordsSize : BufferSize)
    , m_listener(listener)
    , m_parent(parent)
    , m_copy(m_carrier ? NativeSocket::duplicate(m_carrier->socketDescriptor()) : -1)
    , m_readable(listener, &Listener::transportReadable)
    , m_writable(listener, &Listener::transportWritable)
    , m_encrypted(listener, &Listener::transportEncrypted)
    , m_calls(std::move(calls))
{
    socket->setParent(parent);
    socket->setReadBufferSize(m_blockSize);
    QObject::connect(socket, &QAbstractSocket::stateChanged, socket,
                     m_calls.counted([this](auto state) { socketStateChanged(state); }));
    QObject::connect(socket, &QAbstractSocket::errorOccurred, socket,
                     m_calls.counted([this](auto) { socketFailed(); }));
    // Unlike readyRead() it comes in a nested event loop too.
    QObject::connect(socket, &QIODevice::channelReadyRead, socket,
                     m_calls.counted([this](int) { m_readable.post(); }));
    QObject::connect(socket, &QIODevice::bytesWritten, socket,
                     m_calls.counted([this](qint64) { tellWritable(); }));
    if (m_carrier != socket)
        m_carrierWritten = QObject::connect(m_carrier, &QIODevice::bytesWritten, socket,
                                            m_calls.counted([this](qint64) { tellWritable(); }));
    watchHandshake();
    if (socket->state() == QAbstractSocket::UnconnectedState)
        m_end = howItEnded(); // while it was taken over; nobody will tell
    socket->flush();          // such as what is left of a handshake
}

void QtTransport::watchHandshake()
{
    auto *const encrypting = qobject_cast<QSslSocket *>(m_socket);
    if (encrypting && !encrypting->isEncrypted())
        QObject::connect(encrypting, &QSslSocket::encrypted, encrypting,
                         m_calls.counted([this] { m_encrypted.post(); }));
}

Tls::Configuration QtTransport::session() const
{
    return Tls::sessionOf(m_socket);
}

// Qt tells a reset as if the peer had closed.
QtTransport::Transfer QtTransport::howItEnded() const
{
    if (m_socket->error() == QAbstractSocket::RemoteHostClosedError)
        return NativeSocket::howPeerEnded(m_copy);
    return { endOutcome(m_socket->error()), 0, 0, m_socket->errorString() };
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
    if (m_rest)
        return m_rest->descriptor();
    if (m_copy >= 0)
        return m_copy;
    return m_carrier ? m_carrier->socketDescriptor() : -1;
}

void QtTransport::applyOptions(const GruvSocketOptions &options)
{
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, int(options.lowDelay));
    if (NativeSocket::isSupported()) {
        NativeSocket::setDeadPeerTimeout(descriptor(), options.deadPeerTimeout);
        return;
    }
    m_socket->setSocketOption(QAbstractSocket::KeepAliveOption,
                              int(options.deadPeerTimeout.count() > 0));
}

void QtTransport::socketStateChanged(QAbstractSocket::SocketState state)
{
    if (state != QAbstractSocket::UnconnectedState)
        return;
    const bool isOpen = m_end.outcome == Outcome::WouldBlock;
    if (m_isFinishing) {
        if (isOpen)
            tellWritable(); // Qt has sent what it had; finishWriting() goes on
    } else if (const qint64 unsent = unsentBytes(); unsent > 0 && !m_end.isFault()) {
        ended({ Outcome::Failed, 0, 0,
                QStringLiteral("Qt closed it when the peer did, with %1 bytes unsent")
                        .arg(unsent) });
    } else if (isOpen) {
        ended({ Outcome::EndOfStream });
    }
}

void QtTransport::socketFailed()
{
    const bool isTimeout = m_socket->error() == QAbstractSocket::SocketTimeoutError;
    if (isTimeout && m_isRefreshing && !NativeSocket::howPeerEnded(m_copy).isFault())
        return; // nothing has come
    ended(howItEnded());
}

// Qt has told the end itself; the listener reads what is left, and then meets it.
void QtTransport::ended(const Transfer &end)
{
    m_end = end;
    m_readable.post();
}

// Not of what we are just sending: who sends whenever something has left would keep all else in
// this thread waiting.
void QtTransport::tellWritable()
{
    if (!m_isSending)
        m_writable.post();
}

// Qt tells once what has come; what is left of it is told again from the event loop.
void QtTransport::setReading(bool on)
{
    if (m_rest)
        m_rest->setReading(on);
    else if (on && (m_socket->bytesAvailable() > 0 || m_end.outcome != Outcome::WouldBlock))
        m_readable.post();
}

// The engines of proxies take such a look for a failure (Qt 6.4.2, qsocks5socketengine.cpp).
void QtTransport::refresh()
{
    if (m_rest || m_isFinishing || !m_isTls)
        return;
    m_socket->flush();
    fetch();
}

// Qt would decrypt what it holds in the next turn only, and flush() writes nothing then.
void QtTransport::fetchRest()
{
    if (m_socket->bytesAvailable() == 0 && unsentBytes() == 0)
        m_socket->flush();
    if (m_socket->bytesAvailable() == 0)
        fetch();
}

void QtTransport::fetch()
{
    m_isRefreshing = true;
    m_socket->waitForReadyRead(0);
    m_isRefreshing = false;
}

QtTransport::Transfer QtTransport::receive(char *data, qsizetype size)
{
    if (m_rest)
        return receiveRest(data, size);
    if (m_isPeerGone)
        fetchRest();
    const qint64 received = m_socket->read(data, size);
    if (received > 0)
        return { Outcome::Moved, qsizetype(received) };
    return m_end;
}

/*
    A peer that has had everything may end as it likes: with answers of its own under way it resets.
    One that has not had it may look as if it had ended in order, for Qt has met the fault before.
*/
QtTransport::Transfer QtTransport::receiveRest(char *data, qsizetype size)
{
    Transfer transfer = m_rest->receive(data, size);
    if (!m_awaitsPeer || (transfer.outcome != Outcome::EndOfStream && !transfer.isFault()))
        return transfer;
    if (m_rest->undeliveredBytes() == 0)
        return { Outcome::EndOfStream };
    return transfer.isFault() ? transfer : NativeSocket::howPeerEnded(m_rest->descriptor());
}

qsizetype QtTransport::waitingBytes() const
{
    return m_rest ? m_rest->waitingBytes() : m_socket->bytesAvailable();
}

/*
    With a write that fails Qt closes, with what the system still has from the peer; so it is not
    asked to write to a peer that is gone.
*/
QtTransport::Transfer QtTransport::send(const SendQueue &queue, qsizetype most)
{
    if (m_isTls && m_copy >= 0) {
        Transfer end = NativeSocket::howPeerEnded(m_copy);
        m_isPeerGone = end.isFault();
        if (m_isPeerGone)
            return end;
    }
    const qint64 room = BufferSize - unsentBytes();
    if (room <= 0)
        return { Outcome::WouldBlock };
    const QByteArray block = // header and payload in one write
            queue.front(std::min<qsizetype>({ qsizetype(room), most, m_blockSize }));
    m_isSending = true;
    const qint64 taken = m_socket->write(block);
    m_socket->flush(); // else it leaves in the next turn of an event loop, if there is one
    m_isSending = false;
    if (taken >= 0)
        return { Outcome::Moved, qsizetype(taken) };
    return { Outcome::Failed, 0, 0, m_socket->errorString() };
}

qint64 QtTransport::unsentBytes() const
{
    const bool isInside = m_carrier && m_carrier != m_socket;
    return m_socket->bytesToWrite() + (isInside ? m_carrier->bytesToWrite() : 0);
}

qint64 QtTransport::undeliveredBytes() const
{
    return NativeSocket::unacknowledgedBytes(descriptor());
}

// Which Qt meets, and hides, when it sends close_notify.
void QtTransport::noticeFault()
{
    const Transfer end = NativeSocket::howPeerEnded(m_copy);
    if (end.isFault())
        ended(end);
}

/*
    Only Qt knows how to end what it speaks, but then it closes at once; with unread input that
    sends RST, which destroys data under way. So the connection is kept open by the copy of the
    descriptor and ended as a native one. Where there is no copy, Qt's way is all there is.

    With TLS it then stays open as long as the peer goes on, for a QSslSocket whose answers meet
    RST closes with what it has not decrypted yet (Qt 6.4.2): of 1,000 messages it got 780. To close
    once the last byte is acknowledged, as without TLS, was one other way that was weighed; the
    other, close_notify (RFC 8446, 6.1) without FIN behind it, leaves a QSslSocket connected.
*/
bool QtTransport::finishWriting()
{
    if (m_rest)
        return m_rest->finishWriting();
    if (!std::exchange(m_isFinishing, true)) {
        m_awaitsPeer = m_copy >= 0 && Tls::isEncrypted(m_socket);
        if (m_awaitsPeer && undeliveredBytes() > 0)
            noticeFault();
    }
    if (m_end.isFault())
        return false; // as the listener is about to be told
    {
        const QSignalBlocker quiet(m_socket);
        m_socket->disconnectFromHost();
        m_socket->flush(); // close_notify
    }
    if (m_socket->state() != QAbstractSocket::UnconnectedState)
        return false;
    if (m_copy < 0)
        return true;
    m_rest = std::make_unique<NativeTransport>(std::exchange(m_copy, -1), m_listener, m_parent);
    return finishWriting();
}

void QtTransport::setResetOnClose(bool on)
{
    if (std::exchange(m_resetOnClose, on) != on)
        NativeSocket::setResetOnClose(descriptor(), on);
}

void QtTransport::close()
{
    m_socket->disconnect();
    QObject::disconnect(m_carrierWritten);
    m_readable.cancel();
    m_writable.cancel();
    m_encrypted.cancel();
    m_socket->abort();
    m_rest.reset();
    if (m_copy >= 0)
        NativeSocket::close(std::exchange(m_copy, -1));
}
