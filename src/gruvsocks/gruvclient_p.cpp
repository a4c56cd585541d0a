// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvclient_p.h>
#include <gruvsocks/wording_p.h>

#include <QtCore/qrandom.h>

#include <algorithm>
#include <iterator>
#include <utility>

GruvClientPrivate::GruvClientPrivate(GruvClient *client)
    : q(client)
    , socket(std::make_unique<GruvSocket>(client))
    , backoff([] { return QRandomGenerator::global()->generateDouble(); })
{
    for (QTimer *timer : { &m_retry, &m_expiry }) {
        timer->setSingleShot(true);
        timer->setParent(q); // and moves with it, as the socket does
    }
    QObject::connect(&m_retry, &QTimer::timeout, q, [this] { tryFirst(); });
    QObject::connect(&m_expiry, &QTimer::timeout, q, [this] { dropOld(); });
    watchSocket();
}

void GruvClientPrivate::watchSocket()
{
    GruvSocket *const s = socket.get();
    QObject::connect(s, &GruvSocket::messageReceived, q, &GruvClient::messageReceived);
    QObject::connect(s, &GruvSocket::errorOccurred, q, &GruvClient::errorOccurred);
    QObject::connect(s, &GruvSocket::sslErrors, q, &GruvClient::sslErrors);
    QObject::connect(s, &GruvSocket::connected, q, [this] { cameUp(); });
    QObject::connect(s, &GruvSocket::stateChanged, q, [this](QAbstractSocket::SocketState to) {
        if (to == QAbstractSocket::UnconnectedState)
            socketEnded();
    });
    QObject::connect(s, &GruvSocket::bytesWritten, q, [this](qint64 wireBytes) {
        m_log.written(wireBytes);
        Q_EMIT q->bytesWritten(wireBytes);
    });
    QObject::connect(s, &GruvSocket::writableChanged, q, [this](bool writable) {
        const auto keep = shared_from_this();
        Q_EMIT q->writableChanged(writable);
        if (q)
            sendQueued();
    });
}

qint64 GruvClientPrivate::now()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void GruvClientPrivate::destroy()
{
    q = nullptr;
    for (QTimer *timer : { &m_retry, &m_expiry }) {
        timer->stop();
        timer->setParent(nullptr);
    }
    socket->disconnect();
    socket.reset();
}

void GruvClientPrivate::setState(State to)
{
    if (std::exchange(state, to) != to)
        Q_EMIT q->stateChanged(to);
}

bool GruvClientPrivate::refuse(GruvSocket::Error error, const QString &text)
{
    Q_EMIT q->errorOccurred(error, text);
    return false;
}

void GruvClientPrivate::begin(const QList<GruvClient::Server> &wanted)
{
    const auto keep = shared_from_this();
    if (state != State::Offline || socket->state() != QAbstractSocket::UnconnectedState) {
        refuse(GruvSocket::Error::AlreadyConnected,
               QStringLiteral("already connected or trying to: call disconnectFromServer() first"));
        return;
    }
    if (wanted.isEmpty()) {
        refuse(GruvSocket::Error::HostNotFound,
               QStringLiteral("no server was given: call setServers() first"));
        return;
    }
    servers = wanted;
    m_next.clear();
    backoff.reset();
    m_isWanted = true;
    tryFirst();
}

// While a round is under way it goes on with those it began with.
void GruvClientPrivate::setServers(const QList<GruvClient::Server> &wanted)
{
    if (!wanted.isEmpty() || !m_isWanted)
        m_next = wanted;
    if (!m_isWanted)
        servers = wanted;
}

void GruvClientPrivate::tryFirst()
{
    if (!m_next.isEmpty())
        servers = std::exchange(m_next, {});
    current = -1;
    tryNext();
}

void GruvClientPrivate::tryNext()
{
    const auto keep = shared_from_this();
    const quint64 run = ++m_run;
    ++current;
    const GruvClient::Server server = servers.at(current);
    setState(State::Connecting);
    if (!q || m_run != run)
        return;
    if (server.isEncrypted)
        socket->connectToHostEncrypted(server.host, server.port);
    else
        socket->connectToHost(server.host, server.port);
}

void GruvClientPrivate::cameUp()
{
    const auto keep = shared_from_this();
    const quint64 run = ++m_run;
    m_onlineSince = now();
    m_log.setKeepsMessages(redelivery == GruvClient::Redelivery::AtLeastOnce);
    setState(State::Online);
    if (!q || m_run != run)
        return;
    Q_EMIT q->online();
    if (q && m_run == run)
        sendQueued();
}

void GruvClientPrivate::socketEnded()
{
    if (state == State::Online)
        connectionEnded();
    else if (state == State::Connecting)
        attemptFailed();
}

void GruvClientPrivate::attemptFailed()
{
    const bool isFinal = socket->error() == GruvSocket::Error::TlsHandshakeFailed
                         && !backoff.policy().retriesTlsFailure;
    if (!m_isWanted || isFinal)
        giveUp();
    else if (current + 1 < servers.size())
        tryNext();
    else
        schedule();
}

// What has not reached the peer for certain is told, or sent again.
void GruvClientPrivate::connectionEnded()
{
    const auto keep = shared_from_this();
    const quint64 run = ++m_run;
    const GruvDisconnectReason reason = socket->disconnectReason();
    const bool isFinal = socket->error() == GruvSocket::Error::TlsHandshakeFailed
                         && !backoff.policy().retriesTlsFailure;
    const QList<OfflineQueue::Entry> lost =
            m_log.takeLast(reason.unsentBytes + std::max<qint64>(reason.unacknowledgedBytes, 0));
    backoff.held(std::chrono::milliseconds(now() - m_onlineSince));
    state = State::Waiting; // whoever sends now finds the queue
    QList<quint64> dropped;
    if (redelivery == GruvClient::Redelivery::AtLeastOnce && m_isWanted)
        queue.putBack(lost);
    else
        std::transform(lost.begin(), lost.end(), std::back_inserter(dropped),
                       [](const OfflineQueue::Entry &entry) { return entry.id; });
    Q_EMIT q->offline(reason);
    drop(dropped, DropReason::ConnectionLost);
    if (!q || m_run != run)
        return;
    if (m_isWanted && !isFinal)
        schedule();
    else
        giveUp();
}

void GruvClientPrivate::schedule()
{
    if (backoff.isOver()) {
        giveUp();
        return;
    }
    const auto keep = shared_from_this();
    const quint64 run = ++m_run;
    const std::chrono::milliseconds delay = backoff.next();
    const int attempt = backoff.attempts();
    m_retry.start(delay);
    dropOld();
    if (!q || m_run != run)
        return;
    state = State::Waiting;
    Q_EMIT q->stateChanged(State::Waiting);
    if (q && m_run == run)
        Q_EMIT q->reconnectScheduled(delay, attempt);
}

void GruvClientPrivate::giveUp()
{
    const auto keep = shared_from_this();
    const quint64 run = ++m_run;
    m_isWanted = false;
    m_retry.stop();
    m_expiry.stop();
    state = State::Offline;
    drop(queue.takeAll(), DropReason::GivenUp);
    if (q && m_run == run)
        Q_EMIT q->stateChanged(State::Offline);
}

void GruvClientPrivate::reconnectNow()
{
    if (state != State::Waiting || !m_isWanted)
        return;
    m_retry.stop();
    tryFirst();
}

// Gracefully: what the connection has accepted is sent first.
void GruvClientPrivate::end()
{
    const auto keep = shared_from_this();
    if (!m_isWanted)
        return;
    m_isWanted = false;
    switch (state) {
    case State::Online:
        drop(queue.takeAll(), DropReason::GivenUp);
        if (q && state == State::Online)
            socket->disconnectFromHost();
        break;
    case State::Connecting:
        socket->abort();
        break;
    default:
        giveUp();
        break;
    }
}

// Into the socket, if nothing else is in it.
bool GruvClientPrivate::fits(const QByteArray &message) const
{
    const GruvSocketOptions options = socket->options();
    return message.size() <= options.maximumMessageSize
           && message.size() + FrameCodec::HeaderSize <= options.writeBufferLimit;
}

quint64 GruvClientPrivate::send(const QByteArray &message)
{
    const auto keep = shared_from_this();
    const OfflineQueue::Entry entry{ m_lastId + 1, message, now() };
    if (!fits(message)) {
        refuse(GruvSocket::Error::MessageTooLarge,
               QStringLiteral("message of %1 bytes exceeds maximumMessageSize (%2) or "
                              "writeBufferLimit (%3)")
                       .arg(grouped(message.size()), grouped(socket->options().maximumMessageSize),
                            grouped(socket->options().writeBufferLimit)));
        return 0;
    }
    const bool goesOut = state == State::Online && queue.isEmpty() && m_isWanted
                         && socket->state() == QAbstractSocket::ConnectedState;
    if (!goesOut)
        return enqueue(entry);
    ++m_lastId;
    m_log.accepted(entry);
    const quint64 run = m_run;
    if (socket->sendMessage(message) || !q || m_run != run)
        return entry.id; // or it was told as dropped
    m_log.refused();
    return 0;
}

quint64 GruvClientPrivate::enqueue(const OfflineQueue::Entry &entry)
{
    QList<quint64> dropped;
    const OfflineQueue::Verdict verdict = queue.add(entry, &dropped);
    if (verdict == OfflineQueue::Verdict::Refused) {
        refuse(GruvSocket::Error::WriteBufferFull,
               QStringLiteral("message of %1 bytes refused: with the %2 bytes that wait for a "
                              "connection already it exceeds offlineQueueBytes (%3)")
                       .arg(grouped(entry.message.size()), grouped(queue.bytes()),
                            grouped(queue.limits().bytes)));
        return 0;
    }
    m_lastId = entry.id;
    if (verdict == OfflineQueue::Verdict::Dropped) // told when the caller knows its number
        QMetaObject::invokeMethod(
                q, [this, id = entry.id] { Q_EMIT q->messageDropped(id, DropReason::QueueFull); },
                Qt::QueuedConnection);
    drop(dropped, DropReason::QueueFull);
    if (q)
        dropOld();
    return entry.id;
}

void GruvClientPrivate::drop(const QList<quint64> &ids, DropReason reason)
{
    for (const quint64 id : ids) {
        if (q)
            Q_EMIT q->messageDropped(id, reason);
    }
}

// And sets the timer for the next one.
void GruvClientPrivate::dropOld()
{
    const auto keep = shared_from_this();
    drop(queue.takeOlderThan(now()), DropReason::TooOld);
    const qint64 next = queue.nextExpiry();
    if (q && next >= 0)
        m_expiry.start(std::chrono::milliseconds(std::max<qint64>(next - now(), 0)));
    else if (q)
        m_expiry.stop();
}

// A slot that sends in here only lengthens the queue, so the order is kept.
void GruvClientPrivate::sendQueued()
{
    if (std::exchange(m_isSending, true))
        return;
    const auto keep = shared_from_this();
    const quint64 run = m_run;
    dropOld();
    while (q && m_run == run && state == State::Online && !queue.isEmpty()
           && socket->isWritable()) {
        const OfflineQueue::Entry entry = queue.takeFirst();
        if (!fits(entry.message)) { // the options have changed
            drop({ entry.id }, DropReason::TooLarge);
            continue;
        }
        m_log.accepted(entry);
        if (!socket->sendMessage(entry.message) && q && m_run == run) {
            m_log.refused();
            queue.putBack({ entry });
            break;
        }
    }
    m_isSending = false;
}
