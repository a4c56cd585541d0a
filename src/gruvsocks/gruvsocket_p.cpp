// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdebug.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qtcpsocket.h>

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
    if (isUp()) {
        hastenPeerCheck(); // what is under way already counts too
        flushNextTurn();   // and what waits may now be below the watermark
    }
    scheduleDeadline();
}

bool GruvSocketPrivate::isUp() const
{
    return state == QAbstractSocket::ConnectedState || state == QAbstractSocket::ClosingState;
}

// A slot may have connected again.
bool GruvSocketPrivate::hasEnded(quint32 connection) const
{
    return !q || m_connection != connection || state == QAbstractSocket::UnconnectedState;
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
    if (!m_mailTimer.isActive())
        return;
    m_mailTimer.stop(); // an event comes along
    m_mailbox.wakeOwner();
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

void GruvSocketPrivate::connectToHost(const QString &host, quint16 port,
                                      const Tls::Configuration &encryption)
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
    state = QAbstractSocket::HostLookupState;
    scheduleDeadline();
    Q_EMIT q->stateChanged(QAbstractSocket::HostLookupState);
    if (!q || m_connection != connection)
        return;
    m_connector = std::make_unique<Connector>(this, q, encryption);
    m_connector->connectToHost(host, port);
}

void GruvSocketPrivate::ignoreSslErrors(const QList<QSslError> &errors)
{
    if (m_connector)
        m_connector->ignoreSslErrors(errors);
}

bool GruvSocketPrivate::adopt(qintptr descriptor)
{
    begin({}, 0);
    transport = Transport::adopt(descriptor, this, q);
    if (transport)
        comeUp();
    return bool(transport);
}

bool GruvSocketPrivate::adopt(QTcpSocket *socket)
{
    begin(socket->peerName(), socket->peerPort());
    takeOver(socket, {});
    deliverLater();
    return true;
}

void GruvSocketPrivate::transportEncrypted()
{
    const auto keep = shared_from_this();
    session = transport->session();
    Q_EMIT q->encrypted();
}

// With what it has read already.
void GruvSocketPrivate::takeOver(QTcpSocket *socket, const CallGuard &calls)
{
    QByteArray input;
    transport = Transport::adopt(socket, this, q, &input, calls);
    session = transport->session();
    m_decoder.setInput(input.constData(), input.size());
    m_decoder.keepInput();
    addQueued(transport->unsentBytes());
    comeUp();
    statistics.bytesReceived = input.size();
}

void GruvSocketPrivate::begin(const QString &host, quint16 port)
{
    forget();
    m_hasEnded = false;
    error = Error::NoError;
    errorString.clear();
    reason = {};
    statistics = {};
    session.reset();
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
    peerAddress = NativeSocket::plain(peer.address);
    peerPort = peer.port;
    const Transport::Endpoint local = transport->localEndpoint();
    localAddress = NativeSocket::plain(local.address);
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
    takeOver(socket, calls);
    m_connector.reset();
    flushNextTurn();
    if (session) // Qt has read on meanwhile, and may have met the end already
        deliverLater();
    Q_EMIT q->stateChanged(QAbstractSocket::ConnectedState);
    if (!q || m_connection != connection)
        return;
    if (session)
        Q_EMIT q->encrypted();
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

void GruvSocketPrivate::connectorSslErrors(const QList<QSslError> &errors)
{
    const auto keep = shared_from_this();
    Q_EMIT q->sslErrors(errors);
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
    m_mailTimer.stop();
    q = nullptr;
    m_connector.reset();
    if (isUp())
        closeTransport();
    state = QAbstractSocket::UnconnectedState;
    forget();
}
