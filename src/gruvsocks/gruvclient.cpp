// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvclient_p.h>

#include <algorithm>

static constexpr std::chrono::milliseconds LongestAge = std::chrono::hours(24 * 365);

/*!
    \class GruvClient
    \inmodule GruvSocks
    \brief A connection that comes back.

    It owns a GruvSocket and connects it to a server, or to the first of several that takes it. When
    the connection ends, or does not come up, it waits as its GruvReconnectPolicy says and tries
    again, until disconnectFromServer(). Messages that are sent meanwhile wait for the next
    connection. Nothing of this is on the wire: the server may be any that speaks the protocol.

    \section1 Several servers
    A round tries one after the other, without a wait between those that fail. After a connection
    that held (GruvReconnectPolicy::resetAfter) the next round begins with the preferred one; one
    that ended sooner counts as a failure of its server, and after a wait the next one is tried: a
    server that is full takes a connection, and closes it. It gives up when no further attempt is
    left, when all servers of a round have refused its certificate, or it theirs, and when
    servers() is empty.

    \section1 What becomes of a message
    Each that sendMessage() accepts has a number, and is either sent, once and in order, or told by
    messageDropped() with that number: because the queue has no room (QueuePolicy) or its time is
    over, because the connection that had it ended and it is not certain that the peer's system has
    had all of it, or because no further attempt is made. With Redelivery::AtLeastOnce a message
    that the last connection had is sent again instead, and the peer may get it twice.

    It is the peer's system that acknowledges: what the peer's program had not read when it died is
    told by nobody. Where that matters, have it answer. And where the system does not tell what is
    acknowledged (GruvDisconnectReason::unacknowledgedBytes is -1) only what had not left is told.

    \section1 Signals
    What has happened is told in its order, each once, and after all is done that follows from it: a
    slot may do anything, such as delete the client, connect to another server, or run an event
    loop (a message box), in which the client goes on.

    It belongs to one thread, with an event loop, and so do calls of sendMessage(); other threads
    use QMetaObject::invokeMethod(). It can be moved to another thread while there is no connection.
*/

/*!
    \enum GruvClient::State
    \value Offline Nothing is tried.
    \value Connecting A server is being connected to.
    \value Online There is a connection.
    \value Waiting For the time of the next attempt.
*/

/*!
    \enum GruvClient::QueuePolicy
    What happens to a message for which the queue has no room.
    \value Refuse sendMessage() returns 0, with errorOccurred(WriteBufferFull).
    \value DropOldest The oldest ones make room, and are told as dropped.
    \value DropNewest It is accepted, and told as dropped.
*/

/*!
    \enum GruvClient::Redelivery
    \value AtMostOnce What may have reached the peer is not sent again.
    \value AtLeastOnce What may not have reached the peer is sent again.
*/

/*!
    \enum GruvClient::DropReason
    \value QueueFull There was no room in the queue.
    \value TooOld It has waited for offlineQueueAge().
    \value ConnectionLost The connection that had it ended.
    \value GivenUp No further attempt is made.
    \value TooLarge The options have been changed, and it is larger than they allow now.
*/

/*! Creates a client with parent \a parent that is offline. */
GruvClient::GruvClient(QObject *parent)
    : QObject(parent)
    , d(std::make_shared<GruvClientPrivate>(this))
{}

/*! Ends the connection as ~GruvSocket() does and emits nothing: not of what waits, either. */
GruvClient::~GruvClient()
{
    d->destroy();
}

/*! Returns the limits and deadlines of its connections. */
GruvSocketOptions GruvClient::options() const
{
    return d->socket->options();
}

/*! Sets the limits and deadlines of its connections to \a options; see GruvSocket::setOptions(). */
void GruvClient::setOptions(const GruvSocketOptions &options)
{
    d->setOptions(options);
}

/*! Sets what connectToServerEncrypted() trusts and shows to \a configuration; see
    GruvSocket::setSslConfiguration(). */
void GruvClient::setSslConfiguration(const QSslConfiguration &configuration)
{
    d->socket->setSslConfiguration(configuration);
}

/*! Returns when it tries again. */
GruvReconnectPolicy GruvClient::reconnectPolicy() const
{
    return d->backoff.policy();
}

/*! Sets when it tries again to \a policy, each field brought into its range, from the next wait
    on. */
void GruvClient::setReconnectPolicy(const GruvReconnectPolicy &policy)
{
    d->backoff.setPolicy(policy.bounded());
}

/*! Returns the servers, the preferred one first. */
QList<GruvClient::Server> GruvClient::servers() const
{
    return d->servers;
}

/*! Sets the servers that connectToServers() tries to \a servers, the preferred one first. They hold
    from the next round of attempts on. If there are none it gives up then. */
void GruvClient::setServers(const QList<Server> &servers)
{
    d->setServers(servers);
}

/*! Returns how many bytes, of messages and 64 more for each, may wait for a connection. */
qint64 GruvClient::offlineQueueBytes() const
{
    return d->queue.limits().bytes;
}

/*! Sets how much may wait for a connection to \a bytes; 8 MiB at first. What waits already stays.
 */
void GruvClient::setOfflineQueueBytes(qint64 bytes)
{
    OfflineQueue::Limits limits = d->queue.limits();
    limits.bytes = std::max<qint64>(bytes, 0);
    d->setQueueLimits(limits);
}

/*! Returns for how long a message waits for a connection. */
std::chrono::milliseconds GruvClient::offlineQueueAge() const
{
    return std::chrono::milliseconds(d->queue.limits().age);
}

/*! Sets for how long a message waits for a connection to \a age; 30 s at first, 0: for ever, else
    a year at most. The time in which a connection had it does not count. */
void GruvClient::setOfflineQueueAge(std::chrono::milliseconds age)
{
    OfflineQueue::Limits limits = d->queue.limits();
    limits.age = std::clamp<qint64>(age.count(), 0, LongestAge.count());
    d->setQueueLimits(limits);
}

/*! Returns what happens to a message for which the queue has no room. */
GruvClient::QueuePolicy GruvClient::offlineQueuePolicy() const
{
    return d->queue.limits().policy;
}

/*! Sets what happens to a message for which the queue has no room to \a policy; Refuse at first. */
void GruvClient::setOfflineQueuePolicy(QueuePolicy policy)
{
    OfflineQueue::Limits limits = d->queue.limits();
    limits.policy = policy;
    d->setQueueLimits(limits);
}

/*! Returns what becomes of messages that a connection had when it ended. */
GruvClient::Redelivery GruvClient::redelivery() const
{
    return d->redelivery;
}

/*! Sets what becomes of messages that a connection had when it ended to \a redelivery; AtMostOnce
   at first. For connections that come up from now on. */
void GruvClient::setRedelivery(Redelivery redelivery)
{
    d->redelivery = redelivery;
}

/*! Returns what it is doing. */
GruvClient::State GruvClient::state() const
{
    return d->state;
}

/*! Returns the server that it is connected to or tries, or tried last. */
GruvClient::Server GruvClient::currentServer() const
{
    return d->currentServer();
}

/*! Returns whether there is a connection that takes messages, and nothing waits for it: who sends
    much begins in online(), stops while this is false and goes on in writableChanged(true). */
bool GruvClient::isWritable() const
{
    return d->isWritable();
}

/*! Returns how many bytes wait for a connection, or for room in it; see offlineQueueBytes(). */
qint64 GruvClient::queuedBytes() const
{
    return d->queue.bytes();
}

/*! Returns its socket, for what tells about it: addresses, statistics, the session of TLS. */
const GruvSocket *GruvClient::socket() const
{
    return d->socket.get();
}

/*! As GruvSocket::ignoreSslErrors(), in a slot of sslErrors(), of \a errors. */
void GruvClient::ignoreSslErrors(const QList<QSslError> &errors)
{
    d->socket->ignoreSslErrors(errors);
}

/*! Connects to the first of servers() that takes it; if none does, it waits and tries again.
   Refused, with errorOccurred(), unless it is Offline: after disconnectFromServer() wait until
   stateChanged() tells that. */
void GruvClient::connectToServers()
{
    d->begin(d->servers);
}

/*! Connects to \a port of \a host, which becomes the only one of servers(). */
void GruvClient::connectToServer(const QString &host, quint16 port)
{
    d->begin({ { host, port, false } });
}

/*! As connectToServer(), to \a port of \a host, with TLS; see GruvSocket::connectToHostEncrypted().
 */
void GruvClient::connectToServerEncrypted(const QString &host, quint16 port)
{
    d->begin({ { host, port, true } });
}

/*! Stops trying, and closes the connection gracefully if there is one: offline() and
   stateChanged(Offline) follow, within closeTimeout. What waits in the queue is told as dropped. */
void GruvClient::disconnectFromServer()
{
    d->end();
}

/*! Tries now instead of waiting any longer. */
void GruvClient::reconnectNow()
{
    d->reconnectNow();
}

/*!
    Sends \a message, or queues it while there is no connection; returns its number, or 0 if it was
    refused, with errorOccurred(): if it is larger than maximumMessageSize (MessageTooLarge), or if
    there is no room for it (WriteBufferFull).
    \sa messageDropped()
*/
quint64 GruvClient::sendMessage(const QByteArray &message)
{
    return d->send(message);
}

/*! Sends \a text as UTF-8; see sendMessage(). */
quint64 GruvClient::sendText(const QString &text)
{
    return d->send(text.toUtf8());
}

/*! As GruvSocket::pauseReading(); a pause ends with its connection. */
void GruvClient::pauseReading()
{
    d->socket->pauseReading();
}

/*! As GruvSocket::resumeReading(). */
void GruvClient::resumeReading()
{
    d->socket->resumeReading();
}

/*! \fn void GruvClient::stateChanged(GruvClient::State state)
    It is \a state now. */
/*! \fn void GruvClient::online()
    There is a connection. What waited is sent next, before what is sent from here on. */
/*! \fn void GruvClient::offline(const GruvDisconnectReason &reason)
    The connection that was online has ended, for \a reason. */
/*! \fn void GruvClient::reconnectScheduled(std::chrono::milliseconds delay, int attempt)
    The next attempt, the one with number \a attempt since the last connection that held, follows
    after \a delay. */
/*! \fn void GruvClient::messageReceived(const QByteArray &message)
    \a message has arrived; see GruvSocket::messageReceived(). */
/*! \fn void GruvClient::messageDropped(quint64 id, GruvClient::DropReason reason)
    The message that sendMessage() has numbered \a id will not be sent, for \a reason. */
/*! \fn void GruvClient::bytesWritten(qint64 wireBytes)
    The system has taken \a wireBytes. */
/*! \fn void GruvClient::writableChanged(bool writable)
    While there is a connection, isWritable() is \a writable now. */
/*! \fn void GruvClient::errorOccurred(GruvSocket::Error error, const QString &description)
    A call was refused, an attempt failed or the connection ended by \a error; \a description is a
    sentence for people. */
/*! \fn void GruvClient::sslErrors(const QList<QSslError> &errors)
    As GruvSocket::sslErrors(), with \a errors. */
