// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvclient_p.h>

#include <QtCore/qrandom.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

GruvClientPrivate::GruvClientPrivate(GruvClient *client)
    : q(client)
    , socket(std::make_unique<GruvSocket>(client))
    , backoff([] { return QRandomGenerator::global()->generateDouble(); })
{
    for (QTimer *timer : { &m_retry, &m_start, &m_expiry }) {
        timer->setSingleShot(true);
        timer->setParent(q); // and moves with it, as the socket does
    }
    QObject::connect(&m_retry, &QTimer::timeout, q, [this] { tryNext(); });
    QObject::connect(&m_start, &QTimer::timeout, q, [this] { connectSocket(); });
    QObject::connect(&m_expiry, &QTimer::timeout, q, [this] { dropOld(); });
    watchSocket();
    setOptions(socket->options());
}

void GruvClientPrivate::watchSocket()
{
    GruvSocket *const s = socket.get();
    QObject::connect(s, &GruvSocket::messageReceived, q, &GruvClient::messageReceived);
    QObject::connect(s, &GruvSocket::sslErrors, q, &GruvClient::sslErrors);
    QObject::connect(s, &GruvSocket::connected, q, [this] { cameUp(); });
    QObject::connect(s, &GruvSocket::errorOccurred, q,
                     [this](GruvSocket::Error error, const QString &text) {
                         if (socket->state() != QAbstractSocket::UnconnectedState) {
                             Q_EMIT q->errorOccurred(error, text);
                             return;
                         }
                         m_sender = nullptr; // and socketEnded() follows
                         m_signals.add([=] { Q_EMIT q->errorOccurred(error, text); });
                     });
    QObject::connect(s, &GruvSocket::stateChanged, q, [this](QAbstractSocket::SocketState to) {
        if (to != QAbstractSocket::ConnectedState)
            m_sender = nullptr;
        if (to == QAbstractSocket::UnconnectedState)
            socketEnded();
    });
    QObject::connect(s, &GruvSocket::bytesWritten, q, [this](qint64 bytes) { wrote(bytes); });
    QObject::connect(s, &GruvSocket::writableChanged, q, [this] { sendQueued(); });
}

qint64 GruvClientPrivate::now()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void GruvClientPrivate::setOptions(const GruvSocketOptions &options)
{
    const GruvSocketOptions bounded = options.bounded();
    m_writeBufferLimit = bounded.writeBufferLimit;
    m_largestMessage = std::min<qint64>(bounded.maximumMessageSize,
                                        m_writeBufferLimit - FrameCodec::HeaderSize);
    socket->setOptions(bounded);
}

void GruvClientPrivate::destroy()
{
    q = nullptr;
    m_signals.clear();
    for (QTimer *timer : { &m_retry, &m_start, &m_expiry }) {
        timer->stop();
        timer->setParent(nullptr);
    }
    socket->disconnect();
    socket.reset();
}

void GruvClientPrivate::setState(State to)
{
    if (std::exchange(state, to) != to)
        m_signals.add([this, to] { Q_EMIT q->stateChanged(to); });
}

// A slot may move the client to another thread, which then goes on.
void GruvClientPrivate::tell()
{
    const auto keep = shared_from_this();
    const auto isHere = [this] { return q && q->thread() == QThread::currentThread(); };
    while (isHere() && !m_signals.isEmpty())
        m_signals.tellFirst();
    if (q && !isHere())
        QMetaObject::invokeMethod(
                q, [this] { tell(); }, Qt::QueuedConnection);
}

// Who is told of a refusal, and tries again, is not told again.
void GruvClientPrivate::refuse(GruvSocket::Error error, const QString &text)
{
    if (std::exchange(m_isRefusing, true))
        return;
    const auto keep = shared_from_this();
    Q_EMIT q->errorOccurred(error, text);
    m_isRefusing = false;
}

static QString noServers()
{
    return QStringLiteral("no server was given: call setServers() first");
}

void GruvClientPrivate::begin(const QList<GruvClient::Server> &wanted)
{
    if (state != State::Offline || socket->state() != QAbstractSocket::UnconnectedState) {
        refuse(GruvSocket::Error::AlreadyConnected,
               QStringLiteral("already connected or trying to: call disconnectFromServer() first, "
                              "and wait for Offline"));
        return;
    }
    if (wanted.isEmpty()) {
        refuse(GruvSocket::Error::HostNotFound, noServers());
        return;
    }
    setServers(wanted);
    backoff.reset();
    m_isWanted = true;
    m_next = m_round.size();
    tryNext();
}

// While a round is under way it goes on with those it began with.
void GruvClientPrivate::setServers(const QList<GruvClient::Server> &wanted)
{
    servers = wanted;
    m_hasNewServers = true;
}

// Not within a slot: an attempt may fail at once, the same slot be told of it, and try again.
void GruvClientPrivate::tryNext()
{
    const auto keep = shared_from_this();
    if (m_next >= m_round.size()) {
        m_round = servers;
        m_next = 0;
        m_hasNewServers = false;
        m_isRefusedByAll = true;
    }
    if (m_round.isEmpty()) {
        m_signals.add(
                [this] { Q_EMIT q->errorOccurred(GruvSocket::Error::HostNotFound, noServers()); });
        giveUp();
        tell();
        return;
    }
    m_server = m_round.at(m_next++);
    setState(State::Connecting);
    if (m_signals.isTelling()) {
        m_start.start(0);
        tell();
    } else {
        connectSocket();
    }
}

void GruvClientPrivate::connectSocket()
{
    const auto keep = shared_from_this();
    const GruvClient::Server server = m_server;
    if (server.isEncrypted)
        socket->connectToHostEncrypted(server.host, server.port);
    else
        socket->connectToHost(server.host, server.port);
    tell();
}

void GruvClientPrivate::cameUp()
{
    const auto keep = shared_from_this();
    m_onlineSince = now();
    m_sender = QThread::currentThreadId();
    m_log.begin(redelivery == GruvClient::Redelivery::AtLeastOnce);
    setState(State::Online);
    m_signals.add([this] { Q_EMIT q->online(); });
    m_isWritable = isWritable();
    QMetaObject::invokeMethod(
            q, [this] { dropOld(); }, Qt::QueuedConnection); // and send the rest
    tell();
}

// With TLS 1.3 the peer tells it when we are online already, but not long after.
bool GruvClientPrivate::isRefused() const
{
    const GruvReconnectPolicy &policy = backoff.policy();
    if (!socket->disconnectReason().isTlsRefusal || policy.retriesTlsFailure)
        return false;
    const std::chrono::milliseconds held(state == State::Online ? now() - m_onlineSince : 0);
    const auto isLong = [held](auto time) { return time.count() > 0 && held >= time; };
    return !isLong(policy.resetAfter) && !isLong(socket->options().connectTimeout);
}

// Or did not come up. Of several servers the next one is tried at once where one failed, and after
// a wait where one did take us.
void GruvClientPrivate::socketEnded()
{
    const auto keep = shared_from_this();
    if (state != State::Online && state != State::Connecting)
        return;
    const bool wasOnline = state == State::Online;
    m_isRefusedByAll = m_isRefusedByAll && isRefused();
    if (wasOnline)
        connectionEnded();
    const bool isLast = m_next >= m_round.size();
    if (!m_isWanted || (isLast && m_isRefusedByAll && !m_hasNewServers))
        giveUp();
    else if (wasOnline || isLast)
        schedule();
    else
        m_retry.start(0);
    tell();
}

// What has not reached the peer for certain is told, or sent again.
void GruvClientPrivate::connectionEnded()
{
    const GruvDisconnectReason reason = socket->disconnectReason();
    const QList<OfflineQueue::Entry> lost = m_log.takeLast(
            reason.unsentBytes + std::max<qint64>(reason.unacknowledgedBytes, 0), now());
    m_signals.add([this, reason] { Q_EMIT q->offline(reason); });
    if (m_log.keepsMessages() && m_isWanted) {
        queue.putBack(lost);
        watchAge();
    } else {
        QList<quint64> dropped;
        std::transform(lost.begin(), lost.end(), std::back_inserter(dropped),
                       [](const OfflineQueue::Entry &entry) { return entry.id; });
        drop(dropped, DropReason::ConnectionLost);
    }
    if (backoff.held(std::chrono::milliseconds(now() - m_onlineSince)) || m_hasNewServers)
        m_next = m_round.size();
}

void GruvClientPrivate::schedule()
{
    if (backoff.isOver()) {
        giveUp();
        return;
    }
    const std::chrono::milliseconds delay = backoff.next();
    const int attempt = backoff.attempts();
    m_retry.start(delay);
    setState(State::Waiting);
    m_signals.add([=] { Q_EMIT q->reconnectScheduled(delay, attempt); });
}

void GruvClientPrivate::giveUp()
{
    m_isWanted = false;
    m_retry.stop();
    m_start.stop();
    m_expiry.stop();
    drop(queue.takeAll(), DropReason::GivenUp);
    setState(State::Offline);
}

void GruvClientPrivate::reconnectNow()
{
    if (state != State::Waiting)
        return;
    m_retry.stop();
    tryNext();
}

// Gracefully: what the connection has accepted is sent first.
void GruvClientPrivate::end()
{
    const auto keep = shared_from_this();
    if (!std::exchange(m_isWanted, false))
        return;
    m_sender = nullptr;
    if (state == State::Online) {
        drop(queue.takeAll(), DropReason::GivenUp);
        socket->disconnectFromHost();
    } else if (socket->state() != QAbstractSocket::UnconnectedState) {
        socket->abort();
    } else {
        giveUp();
    }
    tell();
}
