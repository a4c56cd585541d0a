// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>
#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdebug.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qtcpsocket.h>

#include <algorithm>

// How often it is looked whether a slot that runs an event loop has returned.
static constexpr qint64 SlotCheck = 250; // ms

// How long the memory of a large message waits for the next one.
static constexpr std::chrono::milliseconds SpareTime{ 1000 };

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
    m_activeAt = DeadlineQueue::now();
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

void GruvSocketPrivate::connectorSucceeded(QTcpSocket *socket)
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    QByteArray input; // none: nothing has been read from it
    transport = Transport::adopt(socket, this, q, &input);
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
    QString reason = text;
    if (peerName.isEmpty())
        reason = QStringLiteral("no host was given");
    else if (peerPort == 0)
        reason = QStringLiteral("nothing can listen on port 0");
    end(why, QStringLiteral("cannot connect to %1:%2: %3").arg(peerName).arg(peerPort).arg(reason));
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

void GruvSocketPrivate::scheduleDeadline()
{
    const qint64 due = m_deadlines ? nextDeadline() : -1;
    if (due >= 0)
        m_deadlines->schedule(this, due);
}

// The earliest time at which there is something to look at; -1: none.
qint64 GruvSocketPrivate::nextDeadline() const
{
    if (m_deliveryDue || m_dormant)
        return 0;
    qint64 due = -1;
    const auto consider = [&due](qint64 since, std::chrono::milliseconds span) {
        if (since >= 0 && (due < 0 || since + span.count() < due))
            due = since + span.count();
    };
    switch (state) {
    case QAbstractSocket::HostLookupState:
    case QAbstractSocket::ConnectingState:
        consider(m_startedAt, options.connectTimeout);
        break;
    case QAbstractSocket::ConnectedState:
        consider(m_spareSince, SpareTime);
        if (m_heldSince >= 0)
            break;
        if (options.messageTimeout.count() > 0)
            consider(m_frameBegunAt, options.messageTimeout);
        if (options.idleTimeout.count() > 0)
            consider(m_activeAt, options.idleTimeout);
        break;
    case QAbstractSocket::ClosingState:
        consider(m_startedAt, options.closeTimeout);
        consider(m_ackCheckAt, {});
        break;
    default:
        break;
    }
    return due;
}

void GruvSocketPrivate::dropSpare()
{
    m_decoder.setSpare({});
    m_spareSince = -1;
}

void GruvSocketPrivate::deadlineReached()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    if (std::exchange(m_dormant, false))
        updateHold();
    if (std::exchange(m_deliveryDue, false)) {
        deliver();
        if (!q || m_connection != connection)
            return;
        transportReadable();
        if (!q || m_connection != connection)
            return;
    }
    const qint64 now = DeadlineQueue::now();
    if (m_spareSince >= 0 && now >= m_spareSince + SpareTime.count())
        dropSpare();
    const qint64 due = nextDeadline();
    if (due > 0 && due <= now && m_delivering && m_readers == 0
        && state == QAbstractSocket::ConnectedState) {
        m_deadlines->schedule(this, now + SlotCheck); // it is a slot of ours that does not return
        return;
    }
    if (due > 0 && due <= now) {
        transportReadable(); // a thread that was busy may find here what came in time
        if (q && m_connection == connection && nextDeadline() == due)
            deadlineExpired(now);
    }
    if (q)
        scheduleDeadline();
}

void GruvSocketPrivate::deadlineExpired(qint64 now)
{
    const auto after = [](std::chrono::milliseconds time) {
        return QStringLiteral(" within %1 ms").arg(time.count());
    };
    if (state == QAbstractSocket::ClosingState) {
        if (now >= m_startedAt + options.closeTimeout.count())
            end(Error::CloseTimeout,
                QStringLiteral("the peer did not take the last %1 bytes")
                                .arg(m_queued + std::max<qint64>(transport->undeliveredBytes(), 0))
                        + after(options.closeTimeout));
        else
            advanceClosing();
    } else if (state != QAbstractSocket::ConnectedState) {
        end(Error::ConnectTimeout,
            QStringLiteral("no connection to %1:%2").arg(peerName).arg(peerPort)
                    + after(options.connectTimeout));
    } else if (options.idleTimeout.count() > 0 && now >= m_activeAt + options.idleTimeout.count()) {
        end(Error::IdleTimeout,
            QStringLiteral("not a byte either way") + after(options.idleTimeout));
    } else {
        end(Error::MessageTimeout, QStringLiteral("a message that had begun was not complete")
                                           + after(options.messageTimeout));
    }
}

// What a blocking call was asked to wait: 0 is the usual time, less is not at all.
QDeadlineTimer GruvSocketPrivate::deadlineOf(std::chrono::milliseconds asked,
                                             std::chrono::milliseconds usual)
{
    return QDeadlineTimer(asked.count() == 0 ? usual : std::max(asked, decltype(asked){ 0 }));
}

/*
    A thread that runs no event loop of its own reads only while it waits here, so only then does
    the clock of a message run.
*/
bool GruvSocketPrivate::waitFor(QDeadlineTimer deadline, const std::function<bool()> &done)
{
    if (done())
        return true;
    m_dormant = false;
    updateHold();
    const bool isDone = waitInEventLoop(deadline, done);
    // Until events are processed again, here or by an event loop that begins to run.
    m_dormant = QThread::currentThread()->loopLevel() == 0 && isUp()
                && (m_frameBegunAt >= 0 || options.idleTimeout.count() > 0);
    if (m_dormant) {
        updateHold();
        scheduleDeadline();
    }
    return isDone;
}
