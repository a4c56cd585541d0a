// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvclient_p.h>
#include <gruvsocks/gruvlogging_p.h>
#include <gruvsocks/nativesocket_p.h>
#include <gruvsocks/wording_p.h>

#include <QtCore/qthread.h>

#include <algorithm>

namespace {

// A QTimer takes no more than 24 days.
constexpr qint64 LongestTimer = 24 * 60 * 60 * 1000;

} // namespace

inline bool GruvClientPrivate::goesOut() const
{
    return m_sender.load(std::memory_order_relaxed) == QThread::currentThreadId()
           && queue.isEmpty();
}

inline bool GruvClientPrivate::hasRoomFor(const QByteArray &message) const
{
    return socket->bytesToWrite() + message.size() + FrameCodec::HeaderSize <= m_writeBufferLimit;
}

// Into the log goes only what the socket is sure to accept: in a slot of a refusal the connection
// may end.
quint64 GruvClientPrivate::send(const QByteArray &message)
{
    if (!goesOut() || message.size() > m_largestMessage || !hasRoomFor(message))
        return queueOrRefuse(message);
    const quint64 id = ++m_lastId;
    m_log.accepted(id, message);
    socket->sendMessage(message);
    return id;
}

quint64 GruvClientPrivate::queueOrRefuse(const QByteArray &message)
{
    if (q->thread() != QThread::currentThread())
        qCWarning(gruvSocketLog, "GruvClient::sendMessage() was called outside the thread of the "
                                 "client: use QMetaObject::invokeMethod()");
    else if (message.size() > m_largestMessage)
        refuseTooLarge(message);
    else if (!goesOut())
        return enqueue({ m_lastId + 1, message, now() });
    else
        socket->sendMessage(message); // which refuses it, and says so
    return 0;
}

void GruvClientPrivate::refuseTooLarge(const QByteArray &message)
{
    const GruvSocketOptions options = socket->options();
    refuse(GruvSocket::Error::MessageTooLarge,
           QStringLiteral("message of %1 bytes exceeds maximumMessageSize (%2) or "
                          "writeBufferLimit (%3)")
                   .arg(grouped(message.size()), grouped(options.maximumMessageSize),
                        grouped(options.writeBufferLimit)));
}

// Of those that make room a slot of messageDropped() is told later, if it is that which sends: it
// may send them again, for ever.
quint64 GruvClientPrivate::enqueue(const OfflineQueue::Entry &entry)
{
    const auto keep = shared_from_this();
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
    if (!m_expiry.isActive())
        watchAge();
    const bool isDropped = verdict == OfflineQueue::Verdict::Dropped;
    if (isDropped)
        dropped.append(entry.id); // told when the caller knows its number
    const auto tellDropped = [this, dropped] {
        const auto alive = shared_from_this();
        drop(dropped, DropReason::QueueFull);
        tell();
    };
    if (!dropped.isEmpty() && (isDropped || m_signals.isTelling()))
        QMetaObject::invokeMethod(q, tellDropped, Qt::QueuedConnection);
    else if (!dropped.isEmpty())
        tellDropped();
    return entry.id;
}

void GruvClientPrivate::drop(const QList<quint64> &ids, DropReason reason)
{
    for (const quint64 id : ids)
        m_signals.add([=] { Q_EMIT q->messageDropped(id, reason); });
}

void GruvClientPrivate::setQueueLimits(const OfflineQueue::Limits &limits)
{
    queue.setLimits(limits);
    dropOld();
}

void GruvClientPrivate::dropOld()
{
    const auto keep = shared_from_this();
    drop(queue.takeOlderThan(now()), DropReason::TooOld);
    watchAge();
    tell();
    sendQueued();
}

void GruvClientPrivate::watchAge()
{
    const qint64 next = queue.nextExpiry();
    if (next >= 0)
        m_expiry.start(
                std::chrono::milliseconds(std::clamp<qint64>(next - now(), 0, LongestTimer)));
    else
        m_expiry.stop();
}

// Each is in the socket before a slot is called, so whoever comes here from one goes on in order.
void GruvClientPrivate::sendQueued()
{
    const auto keep = shared_from_this();
    while (q && state == State::Online && m_isWanted && !queue.isEmpty() && socket->isWritable()) {
        const bool isTooLarge = queue.first().message.size() > m_largestMessage;
        if (!isTooLarge && !hasRoomFor(queue.first().message))
            break; // more of what is before it has to leave
        const OfflineQueue::Entry entry = queue.takeFirst();
        if (isTooLarge) { // the options have changed
            drop({ entry.id }, DropReason::TooLarge);
            tell();
            continue;
        }
        m_log.accepted(entry.id, entry.message, now() - entry.since);
        socket->sendMessage(entry.message);
    }
    tellWritable();
}

// A sender goes on when the queue is empty: what he sends before that has to wait behind it.
bool GruvClientPrivate::isWritable() const
{
    return state == State::Online && m_isWanted && queue.isEmpty() && socket->isWritable();
}

void GruvClientPrivate::tellWritable()
{
    if (q && state == State::Online && m_isWritable != isWritable()) {
        m_isWritable = !m_isWritable;
        Q_EMIT q->writableChanged(m_isWritable);
    }
}

void GruvClientPrivate::wrote(qint64 wireBytes)
{
    const auto keep = shared_from_this();
    m_log.written(wireBytes);
    if (m_log.isLong())
        m_log.unacknowledged(NativeSocket::unacknowledgedBytes(socket->socketDescriptor()));
    Q_EMIT q->bytesWritten(wireBytes);
    sendQueued();
}
