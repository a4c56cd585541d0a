// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvserver_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/handlerpool_p.h>

#include <QtCore/qdebug.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qsslconfiguration.h>

#include <algorithm>

/*!
    \class GruvPeer
    \inmodule GruvSocks
    \brief Who is at the other end: what a GruvServer::BlockingHandler is told.
*/

/*!
    \class GruvServer
    \inmodule GruvSocks
    \brief Listens, and hands each connection to a callback or a signal.

    There are two ways to serve.

    \list
    \li listen(): in the event loop of the server's thread. Each connection is a GruvSocket, told by
        the handler of setConnectionHandler() and then by clientConnected(). The server is its
        parent and deletes it after clientDisconnected(); deleting it earlier is allowed, and then
        there is no clientDisconnected().
    \li start(): as in gruv-socks. Each connection's handler runs in a thread of its own, where the
        blocking calls of GruvSocket are right. No event loop is needed. The signals with a
        GruvSocket are not emitted and clients() does not list these connections, for they belong
        to their threads; broadcast() and disconnectClient() reach them.
    \endlist

    The server and all its functions belong to one thread, except stop(). newConnection(),
    nextPendingConnection() and waitForNewConnection() of QTcpServer are not used. To pause, use
    stop(), close() or maximumConnections: pauseAccepting() of QTcpServer has no effect.
*/

/*!
    \enum GruvServer::Error
    \value NoError
    \value AlreadyListening listen() or start() was called twice.
    \value AddressInUse The port is taken.
    \value PermissionDenied The system does not let this program listen there.
    \value AddressNotAvailable The address is null, or not one of this machine.
    \value NoHandler start() was given an empty function.
    \value ResourceExhausted Out of descriptors, memory or threads. Accepting goes on when some are
           free.
    \value NetworkError Anything else; the description has the system's text.
*/

/*!
    \enum GruvServer::StartMode
    \value Background start() returns when the server listens.
    \value Blocking start() returns after stop(), or after QCoreApplication::exit() (quit() has no
           effect where QCoreApplication::exec() does not run).
*/

/*!
    \enum GruvServer::RejectReason
    \value TooManyConnections There are maximumConnections already.
    \value TooManyFromAddress The address has maximumConnectionsPerAddress already.
    \value TooFast More came within a second than maximumAcceptRate.
    \value WaitedTooLong All maximumHandlerThreads handlers of start() were busy for
           firstMessageTimeout or idleTimeout, whichever of those that are set is shorter.
    \value TlsHandshakeFailed It does not speak TLS, has no certificate that is demanded, or was not
           through with the handshake within connectTimeout; the log tells which, with debug.
*/

/*!
    \property GruvServer::listening
    \brief whether the server listens.
*/

/*! Creates a server with parent \a parent. */
GruvServer::GruvServer(QObject *parent)
    : QTcpServer(parent)
    , d(std::make_shared<GruvServerPrivate>(this))
{}

/*!
    Stops listening and ends all connections without emitting anything. Handlers of start() are
    told and waited for, as by stop().
*/
GruvServer::~GruvServer()
{
    d->destroy();
}

/*!
    Listens on \a port of \a address; port 0 lets the system choose one, see serverPort(). Returns
    false, with errorOccurred() and errorString(), if that is not possible; with setThreadCount()
    also where the system has not one thread to give (ResourceExhausted).
*/
bool GruvServer::listen(const QHostAddress &address, quint16 port)
{
    const bool listens = d->beginThreads() && d->listen(address, port, true);
    if (listens) {
        d->startAccepting();
        Q_EMIT listeningChanged(true);
    }
    return listens;
}

/*!
    Listens on \a port of \a address and runs \a handler for each connection in a thread of its own;
    the connection is closed gracefully when it returns. If it throws, the connection is ended with
    a line in the log. A thread serves one connection after another: QThread::quit() and
    requestInterruption() in a handler mean itself only. Returns false, with errorOccurred() and
    errorString(), if the server cannot listen, or the system has no thread to accept in
    (ResourceExhausted).

    Beyond maximumHandlerThreads connections wait their turn, unread. One is closed, with a second's
    tolerance, when its peer has left without a word, or when it has waited for firstMessageTimeout
    or idleTimeout of socketOptions(), whichever of those that are set is shorter; the latter with
    connectionRejected().

    With \a mode Blocking it runs an event loop and returns after stop(), which may be called in any
    thread.
*/
bool GruvServer::start(const BlockingHandler &handler, quint16 port, const QHostAddress &address,
                       StartMode mode)
{
    const auto keep = d;
    if (!d->accepts(handler) || !d->listen(address, port, false) || !d->startHandlers(handler))
        return false;
    Q_EMIT listeningChanged(true);
    if (mode == StartMode::Blocking && keep->q && isListening())
        keep->runUntilStopped();
    return true;
}

/*!
    Stops listening, lets connections come to their end by themselves for \a drain (a day at most),
    then ends them as GruvSocket::abort() does, and returns when all is ended. Connections that wait
    for a handler are closed at once. To close gracefully, call GruvSocket::disconnectFromHost() for
    each of clients() first and give a drain.

    Handlers are told by ReadStatus::Error from their blocking calls; one that has not returned
    10 s later is left to itself with a line in the log. In a handler of the server itself, stop()
    does not wait: the others have their drain while the handler goes on, and so has its own
    connection. start() with StartMode::Blocking returns when that is over.

    Any thread. From another one than the server's it returns when the handlers of start() have
    ended, and isListening() becomes false in the next turn of the server's event loop; a server
    that was started with listen() must run its event loop then. If it was stopped or closed and has
    been started again before that turn, it goes on.
*/
void GruvServer::stop(std::chrono::milliseconds drain)
{
    const auto keep = d;
    const QDeadlineTimer deadline = GruvServerPrivate::drainUntil(drain);
    if (thread() == QThread::currentThread())
        keep->stop(deadline);
    else
        keep->stopFromOtherThread(deadline);
}

/*! Stops listening; connections stay. */
void GruvServer::close()
{
    const auto keep = d;
    keep->closeListening();
}

/*!
    Has \a handler called with each connection after listen(), in the connection's thread and before
    its first message. The server owns the socket.
*/
void GruvServer::setConnectionHandler(const ConnectionHandler &handler)
{
    d->handler = handler;
}

/*! Returns how many threads serve connections after listen(); 0: the server's own. */
int GruvServer::threadCount() const
{
    return d->threadCount;
}

/*!
    Spreads the connections that come from now on over \a count threads, each with an event loop of
    its own whose cost does not grow with the number of idle connections; the thread with the fewest
    takes the next one. With 0, as at first, they live in the server's own thread. Those that are
    there stay where they are.

    A connection's GruvSocket then belongs to its thread: the handler of setConnectionHandler() is
    called there, and slots of its own signals run there unless their object lives elsewhere. Of
    other threads it takes sendMessage(), sendText(), disconnectFromHost() and abort(), and it tells
    connectionId(), peerAddress() and peerPort() until it connects again. The signals
    of the server are emitted in the server's thread as ever, in the order of each connection:
    clientConnected(), messageReceived(), clientDisconnected(), after which the socket is deleted.
    A connection whose messages the server is behind with by 1 MiB is not read on until it has
    caught up.

    Where the system has fewer threads to give, those that it gave serve, and the next call of this
    function or of listen() tries again. With none at all listen() is refused; a server that listens
    already closes who comes, with one errorOccurred(), until there is a thread.
*/
void GruvServer::setThreadCount(int count)
{
    d->setThreadCount(std::max(0, count));
}

/*! Returns the options that new connections get. */
GruvSocketOptions GruvServer::socketOptions() const
{
    return d->options;
}

/*! Sets the options of new connections to \a options. With debug, the server logs as well. */
void GruvServer::setSocketOptions(const GruvSocketOptions &options)
{
    d->options = options.bounded();
    for (const auto &pool : d->pools())
        pool->setOptions(d->options);
}

/*! Returns the TLS configuration of new connections; null: they are not encrypted. */
QSslConfiguration GruvServer::sslConfiguration() const
{
    return d->tls ? *d->tls : QSslConfiguration();
}

/*!
    Has connections that come from now on encrypted as \a configuration says, which has a
    certificate and its private key at least (see Gruv::loadTlsConfiguration()); a null one, as at
    first, ends that. Those that are there stay as they are, so a certificate is replaced without a
    restart. TLS 1.2 is the least that is spoken (RFC 8996), whatever the configuration allows.

    A connection is told when its handshake is through. One whose handshake fails, or takes longer
    than connectTimeout, is closed with connectionRejected(TlsHandshakeFailed); until then it takes
    no place of maximumConnections. Beyond 2048 handshakes at a time in one thread the oldest is
    ended, so that peers who never finish theirs keep nobody out.

    Clients are asked for a certificate with QSslSocket::VerifyPeer, which refuses those without
    one, or QSslSocket::QueryPeer; one that the caCertificates() of the configuration do not vouch
    for is refused in either case, and whose it was is in GruvSocket::sslConfiguration(). With
    QSslSocket::AutoVerifyPeer, the default, they are not asked.
*/
void GruvServer::setSslConfiguration(const QSslConfiguration &configuration)
{
    d->tls = Tls::ofServer(configuration);
    for (const auto &pool : d->pools())
        pool->setTls(d->tls);
}

/*!
    \property GruvServer::debug
    \brief whether each step is logged, to \c gruv.server and for new connections to
    \c gruv.socket; GruvSocketOptions::debug.
*/
bool GruvServer::isDebug() const
{
    return d->options.debug;
}

void GruvServer::setDebug(bool debug)
{
    GruvSocketOptions options = d->options;
    options.debug = debug;
    setSocketOptions(options);
}

/*!
    Returns how many connections there are, those included that wait for a handler of start(). One
    on its way to a thread of setThreadCount() counts from clientConnected() on.
*/
int GruvServer::clientCount() const
{
    int count = int(d->clients.size());
    for (const auto &pool : d->pools())
        count += pool->connectionCount();
    return count;
}

/*!
    Returns the connections after listen(). Those in threads of setThreadCount() take only calls
    that are for any thread.
*/
QList<GruvSocket *> GruvServer::clients() const
{
    QList<GruvSocket *> sockets;
    for (const auto &client : std::as_const(d->clients))
        sockets.append(client.socket);
    return sockets;
}

/*!
    Sends \a message to every connection, encoded once for all; returns how many accepted it.
    Connections that are closing are passed over.
    \sa GruvSocket::sendMessage()
*/
int GruvServer::broadcast(const QByteArray &message)
{
    const auto keep = d;
    const QByteArray frame = FrameCodec::encode(message);
    int accepted = 0;
    const QList<quint64> ids = keep->clients.keys();
    for (quint64 id : ids) {
        const auto client = keep->clients.value(id);
        if (GruvSocket *socket = client.pooled ? nullptr : client.socket)
            accepted += GruvSocketPrivate::of(socket)->broadcast(frame);
    }
    if (const auto pool = keep->connectionPool())
        accepted += pool->table().broadcast(frame);
    for (const auto &pool : keep->pools())
        accepted += pool->broadcast(frame);
    return accepted;
}

/*!
    Closes the connection with GruvSocket::connectionId() \a id gracefully; returns whether there
    is one.
*/
bool GruvServer::disconnectClient(quint64 id)
{
    const auto client = d->clients.value(id);
    if (client.socket && !client.pooled) {
        client.socket->disconnectFromHost();
        return true;
    }
    if (const auto pool = d->connectionPool(); pool && pool->table().disconnectClient(id))
        return true;
    const auto pools = d->pools();
    return std::any_of(pools.begin(), pools.end(),
                       [id](const auto &pool) { return pool->disconnectClient(id); });
}

/*! Returns the last error; NoError again after a successful listen() or start(). */
GruvServer::Error GruvServer::error() const
{
    return d->error;
}

/*! Returns the sentence that belongs to error(). */
QString GruvServer::errorString() const
{
    return d->errorString;
}

/*! \reimp */
bool GruvServer::event(QEvent *event)
{
    if (event->type() != TaskQueue::tasksEvent())
        return QTcpServer::event(event);
    d->runTasks();
    return true;
}

/*! \reimp */
void GruvServer::incomingConnection(qintptr socketDescriptor)
{
    d->accept(socketDescriptor);
}

/*! \reimp */
void GruvServer::connectNotify(const QMetaMethod &signal)
{
    if (signal == QMetaMethod::fromSignal(&GruvServer::messageReceived))
        d->relayMessages();
}

/*! \fn void GruvServer::clientConnected(GruvSocket *socket)
    \a socket is connected; the server owns it. */

/*! \fn void GruvServer::clientDisconnected(GruvSocket *socket)
    The connection of \a socket has ended; the server deletes it later, unless you did. */

/*! \fn void GruvServer::messageReceived(GruvSocket *socket, const QByteArray &message)
    \a message has come on \a socket. */

/*! \fn void GruvServer::listeningChanged(bool listening)
    Emitted with \a listening true when the server begins to listen, with false when it stops. */

/*! \fn void GruvServer::connectionRejected(const QHostAddress &address,
                                            GruvServer::RejectReason reason)
    A connection from \a address was closed for \a reason: at once, or after it had waited for a
    handler of start() (WaitedTooLong). One that left while it waited is only logged, with debug.
    After start() it is left out for connections that come faster than the server's event loop takes
    them. */

/*! \fn void GruvServer::errorOccurred(GruvServer::Error error, const QString &description)
    A call was refused, or accepting fails, because of \a error; \a description is a sentence for
    people. Emitted once for each spell of failing accepts. */

/*! \relates GruvPeer
    Writes address and port of \a peer to \a debug. */
QDebug operator<<(QDebug debug, const GruvPeer &peer)
{
    const QDebugStateSaver saver(debug);
    debug.noquote().nospace() << peer.address.toString() << ':' << peer.port;
    return debug;
}
