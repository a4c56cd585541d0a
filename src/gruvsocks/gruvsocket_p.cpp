// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdebug.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qtcpsocket.h>

// An IPv4 peer of a dual-stack listener is told as what it is, not as ::ffff:a.b.c.d.
static QHostAddress plain(const QHostAddress &address)
{
    bool isIPv4 = false;
    const quint32 ipv4 = address.toIPv4Address(&isIPv4);
    return isIPv4 ? QHostAddress(ipv4) : address;
}

GruvSocketPrivate::GruvSocketPrivate(GruvSocket *socket)
    : q(socket)
    , m_mailbox(socket)
{
    setOptions({});
    if (!QCoreApplication::instance())
        qCWarning(gruvSocketLog, "GruvSocket needs a QCoreApplication: create one first in main()");
}

void GruvSocketPrivate::setOptions(const GruvSocketOptions &wanted)
{
    options = wanted.bounded();
    m_decoder.setMaximumMessageSize(options.maximumMessageSize);
    m_maximumMessageSize = options.maximumMessageSize;
    m_writeBufferLimit = options.writeBufferLimit;
    if (isUp())
        transport->applyOptions(options);
    if (m_peerCheckAt >= 0)
        m_peerCheckAt = DeadlineQueue::now();
    scheduleDeadline();
}

bool GruvSocketPrivate::isUp() const
{
    return state == QAbstractSocket::ConnectedState || state == QAbstractSocket::ClosingState;
}

bool GruvSocketPrivate::isCalledInOwnThread(const char *function) const
{
    const bool isOwn = isOwnThread();
    if (!isOwn)
        qCWarning(gruvSocketLog, "GruvSocket::%s() was called outside the thread of the socket",
                  function);
    return isOwn;
}

void GruvSocketPrivate::leaveThread()
{
    if (state != QAbstractSocket::UnconnectedState)
        qCWarning(gruvSocketLog, "GruvSocket: moveToThread() works only while it is unconnected");
    m_threadId = nullptr;
}

void GruvSocketPrivate::trace(const QString &step) const
{
    if (options.debug)
        qCDebug(gruvSocketLog).noquote().nospace() << connectionId << ' ' << step;
}

void GruvSocketPrivate::setState(State to)
{
    if (state == to)
        return;
    state = to;
    Q_EMIT q->stateChanged(to);
}

void GruvSocketPrivate::connectToHost(const QString &host, quint16 port)
{
    const auto keep = shared_from_this();
    if (!isCalledInOwnThread("connectToHost"))
        return;
    if (state != QAbstractSocket::UnconnectedState) {
        refuse(Error::AlreadyConnected,
               state == QAbstractSocket::ClosingState
                       ? QStringLiteral("the last connection is still closing: connect again after "
                                        "disconnected()")
                       : QStringLiteral("already connected or connecting to %1:%2")
                                 .arg(peerName)
                                 .arg(peerPort));
        return;
    }
    announceEnd();
    if (!q || state != QAbstractSocket::UnconnectedState)
        return;
    begin(host, port);
    const quint32 connection = m_connection;
    trace(QStringLiteral("connecting to %1:%2").arg(host).arg(port));
    setState(QAbstractSocket::HostLookupState);
    if (!q || m_connection != connection)
        return;
    scheduleDeadline();
    m_connector = std::make_unique<Connector>(this, q);
    m_connector->connectToHost(host, port);
}

bool GruvSocketPrivate::adopt(qintptr descriptor)
{
    begin({}, 0);
    transport = Transport::adopt(descriptor, this, q);
    if (transport)
        comeUp();
    return bool(transport);
}

void GruvSocketPrivate::adopt(QTcpSocket *socket)
{
    begin(socket->peerName(), socket->peerPort());
    QByteArray input;
    transport = Transport::adopt(socket, this, q, &input);
    m_decoder.setInput(input.constData(), input.size());
    m_decoder.keepInput();
    addQueued(transport->unsentBytes());
    comeUp();
    statistics.bytesReceived = input.size();
    deliverLater();
}

void GruvSocketPrivate::begin(const QString &host, quint16 port)
{
    forget();
    error = Error::NoError;
    errorString.clear();
    reason = {};
    statistics = {};
    peerName = host;
    peerPort = port;
    peerAddress.clear();
    m_threadId = QThread::currentThreadId();
    m_turnEnd = TurnEnd::ofThisThread();
    m_deadlines = DeadlineQueue::ofThisThread();
    m_startedAt = DeadlineQueue::now();
}

void GruvSocketPrivate::comeUp()
{
    static std::atomic<quint64> lastId{ 0 };
    connectionId = ++lastId;
    state = QAbstractSocket::ConnectedState;
    const Transport::Endpoint peer = transport->peerEndpoint();
    peerAddress = plain(peer.address);
    peerPort = peer.port;
    const Transport::Endpoint local = transport->localEndpoint();
    localAddress = plain(local.address);
    localPort = local.port;
    if (peerName.isEmpty())
        peerName = peerAddress.toString();
    statistics.connectedSince = QDateTime::currentDateTimeUtc();
    m_activeAt = m_silentSince = DeadlineQueue::now();
    writable = pendingBytes() < options.writeHighWatermark;
    transport->applyOptions(options);
    trace(QStringLiteral("connected to %1:%2").arg(peerAddress.toString()).arg(peerPort));
    m_deadlines->cancel(this);
    updateHold();
    scheduleDeadline();
}

void GruvSocketPrivate::connectorStateChanged(State to)
{
    const auto keep = shared_from_this();
    setState(to);
}

void GruvSocketPrivate::connectorSucceeded(QTcpSocket *socket, const CallGuard &calls)
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    QByteArray input; // none: nothing has been read from it
    transport = Transport::adopt(socket, this, q, &input, calls);
    m_connector.reset();
    comeUp();
    Q_EMIT q->stateChanged(QAbstractSocket::ConnectedState);
    if (!q || m_connection != connection)
        return;
    Q_EMIT q->connected();
    if (!q || m_connection != connection)
        return;
    if (m_closeWhenConnected)
        disconnectFromHost();
    else
        flush();
}

void GruvSocketPrivate::connectorFailed(Error why, const QString &text)
{
    QString detail = text;
    if (peerName.isEmpty())
        detail = QStringLiteral("no host was given");
    else if (peerPort == 0)
        detail = QStringLiteral("nothing can listen on port 0");
    m_inputEnd = { Outcome::Failed, 0, 0, text };
    end(why, QStringLiteral("cannot connect to %1:%2: %3").arg(peerName).arg(peerPort).arg(detail));
}

// Called by the destructor of GruvSocket: from here on nothing is emitted.
void GruvSocketPrivate::destroy()
{
    if (leaving)
        std::exchange(leaving, nullptr)(); // from here on no other thread uses it
    m_blocked = false;
    if (isUp())
        sendQueued(m_queue.size());
    trace(QStringLiteral("destroyed"));
    q = nullptr;
    m_connector.reset();
    if (isUp())
        closeTransport();
    state = QAbstractSocket::UnconnectedState;
    forget();
}
