// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qtcpsocket.h>

/*!
    \class GruvSocket
    \inmodule GruvSocks
    \brief A TCP connection that carries messages.

    Each message is a byte array of 0 to \l{GruvSocketOptions}{maximumMessageSize} bytes. On the
    wire it is its length, four bytes in network order, and then its bytes; this is what Python's
    gruv_socks, Erlang's \c{{packet, 4}} and Netty's LengthFieldBasedFrameDecoder speak.

    \section1 Promises
    \list
    \li A message is delivered exactly once, whole and in order: by messageReceived(), or by
        read(). While nothing is connected to messageReceived(), messages wait for read(); beyond
        about 1 MiB of them TCP slows the peer.
    \li A connection that came up ends with exactly one disconnected(); a fault emits exactly one
        errorOccurred() before it. A peer that closes between messages is no fault. Nothing is
        emitted after disconnected() or by the destructor, and the object can connect again.
    \li A slot may do anything: delete the socket, close, connect again, or run an event loop.
        While a slot of messageReceived() runs, further messages of that socket wait for its
        return, but read() may be called in it.
    \li disconnectFromHost() loses nothing that sendMessage() accepted before and that the peer
   takes within closeTimeout. \li Memory is bounded by the options in both directions, and a length
   is never believed before its bytes arrive. \endlist

    \section1 Threads
    sendMessage(), sendText(), disconnectFromHost() and abort() may be called from any thread and
    take effect in the order in which each thread called them. Everything else belongs to the
    thread of the object, which can be moved with moveToThread() while it is unconnected. The
    object must outlive calls from other threads. A QCoreApplication must exist.
*/

/*!
    \enum GruvSocket::Error
    \value NoError
    \value NotConnected The call needs a connection; it was refused.
    \value AlreadyConnected connectToHost() was refused, for there is a connection.
    \value MessageTooLarge The message exceeds maximumMessageSize; it was refused.
    \value WriteBufferFull The message would exceed writeBufferLimit; it was refused.
    \value HostNotFound The name has no address.
    \value ConnectionRefused Nothing listens there.
    \value ConnectTimeout No connection within connectTimeout.
    \value TlsHandshakeFailed The peer's certificate was refused, or it refused ours, or it does not
           speak TLS. With TLS 1.3 a peer may refuse our certificate when the connection is up.
    \value ConnectionReset The peer reset the connection, or data could no longer reach it.
    \value PeerUnresponsive The peer stopped acknowledging for deadPeerTimeout.
    \value TruncatedMessage The peer closed the connection inside a message.
    \value IncomingMessageTooLarge The peer announced more than maximumMessageSize, or does not
           speak this protocol; the description names what it seems to speak.
    \value MessageTimeout A message that had begun was not complete within messageTimeout.
    \value IdleTimeout Nothing moved either way for idleTimeout.
    \value CloseTimeout The peer did not take what was left within closeTimeout.
    \value NetworkError Anything else; the description has the system's text.

    NotConnected, AlreadyConnected, MessageTooLarge and WriteBufferFull leave the connection as it
    is; after every other error there is none any more.
*/

/*!
    \enum GruvSocket::ReadStatus
    \value Ok A message was read.
    \value Error There is no connection, or it ended; SOCK_ERROR in gruv-socks.
    \value Timeout No message came in time; the connection stays. SOCK_TIMEOUT in gruv-socks.
*/

/*!
    \class GruvSocket::ReadResult
    \inmodule GruvSocks
    \brief What read() returns; made for \c{auto [status, data] = socket.read();}.
    True in a condition if the status is ReadStatus::Ok.
*/

/*!
    \class GruvSocket::Statistics
    \inmodule GruvSocks
    \brief What has moved since the connection came up. Bytes are counted on the wire.
*/

/*! Creates an unconnected socket with parent \a parent. */
GruvSocket::GruvSocket(QObject *parent)
    : QObject(parent)
    , d(std::make_shared<GruvSocketPrivate>(this))
{}

// In a slot of it, perhaps. Where no event loop would delete it, owner does.
static void disposeLater(QTcpSocket *socket, QObject *owner)
{
    if (!socket)
        return;
    if (QThread::currentThread()->loopLevel() == 0)
        socket->setParent(owner);
    socket->deleteLater();
}

/*!
    Takes over the connection of \a socket, which must be connected, and \a socket itself, which was
    made by new: it belongs to the new object, its signal connections are cut, and it is deleted
    when it is no longer needed, which may be soon. Bytes that it has read already are not lost. If
    it is null or not connected, be it that its peer has gone already, the new object is not
    connected either. \a parent becomes the parent of the new object.

    One that Qt goes on to read and write (a class derived from QTcpSocket, a connection by a proxy)
    is closed by Qt when the peer stops sending: such a peer does not get the answers still to come.
    A QSslSocket may still be in its handshake: encrypted() tells when that is through.
*/
GruvSocket::GruvSocket(QTcpSocket *socket, QObject *parent)
    : GruvSocket(parent)
{
    if (socket) {
        socket->disconnect();
        socket->flush(); // which may tell Qt that the peer has gone
    }
    if (socket && socket->state() == QAbstractSocket::ConnectedState) {
        d->adopt(socket);
    } else {
        qCWarning(gruvSocketLog, "GruvSocket: the QTcpSocket to take over is %s",
                  socket ? "not connected" : "null");
        disposeLater(socket, this);
    }
}

/*!
    Closes the connection without waiting and without emitting anything. What the system has not
    taken by then is lost, and the peer then sees a reset, not an orderly end; call
    disconnectFromHost() and wait for disconnected() where that matters.
*/
GruvSocket::~GruvSocket()
{
    // A receiver that goes in another thread tells disconnectNotify(); this waits for it.
    QObject::disconnect(this, &GruvSocket::messageReceived, nullptr, nullptr);
    d->destroy();
}

/*! Returns the limits and deadlines of this socket. */
GruvSocketOptions GruvSocket::options() const
{
    return d->options;
}

/*!
    Sets the limits and deadlines to \a options, each brought into its range (see
    GruvSocketOptions::bounded()). They hold at once, for a running connection too; a message that
    is already arriving keeps the limit it began with.
*/
void GruvSocket::setOptions(const GruvSocketOptions &options)
{
    d->setOptions(options);
}

/*!
    \property GruvSocket::timeout
    \brief how long read() waits, GruvSocketOptions::timeout.
*/
std::chrono::milliseconds GruvSocket::timeout() const
{
    return d->options.timeout;
}

void GruvSocket::setTimeout(std::chrono::milliseconds timeout)
{
    GruvSocketOptions wanted = d->options;
    wanted.timeout = timeout;
    d->options = wanted.bounded(); // only blocking calls read it
}

/*!
    \property GruvSocket::debug
    \brief whether each step is logged to the category \c gruv.socket, GruvSocketOptions::debug.
*/
bool GruvSocket::isDebug() const
{
    return d->options.debug;
}

void GruvSocket::setDebug(bool debug)
{
    d->options.debug = debug;
}

/*!
    Connects to \a port of \a host, a name or an address, and does not wait. connected() follows, or
    errorOccurred() with HostNotFound, ConnectionRefused, ConnectionReset, ConnectTimeout or
    NetworkError, and no disconnected() then; stateChanged(QAbstractSocket::UnconnectedState)
    follows in either case, and is the place to try again. Messages may be sent right away; they
    leave when the connection is up.

    A name is looked up in another thread. Of its addresses, those of IPv6 first and then in turn,
    each is tried when the one before has failed or has been silent for 250 ms, and the first that
    answers is taken (RFC 8305). The application's proxy (QNetworkProxy) is used if one is set for
    this host, and then looks it up.
*/
void GruvSocket::connectToHost(const QString &host, quint16 port)
{
    d->connectToHost(host, port, nullptr);
}

/*! \overload */
void GruvSocket::connectToHost(const QHostAddress &address, quint16 port)
{
    d->connectToHost(address.toString(), port, nullptr);
}

/*!
    Connects to \a port as connectToHost() does, and then encrypts the connection with TLS as
    sslConfiguration() says; encrypted() and connected() follow, or errorOccurred(), with
    TlsHandshakeFailed where it was the handshake. connectTimeout holds for all of it.

    The certificate of the peer is verified: it has to be valid, vouched for by one of the
    caCertificates() of the configuration (the system's, if it names none), and made out for
    \a host. One that is not is refused after sslErrors(); the description then has its subject and
    what is wrong with it. TLS 1.2 is the least that is spoken (RFC 8996), whatever the
    configuration allows.
*/
void GruvSocket::connectToHostEncrypted(const QString &host, quint16 port)
{
    d->connectToHost(host, port, d->tls ? d->tls : Tls::ofClient());
}

/*!
    Returns the TLS configuration: while the connection is encrypted, and after its end, the one it
    has agreed on, with the certificate of its peer; else that of setSslConfiguration().
*/
QSslConfiguration GruvSocket::sslConfiguration() const
{
    const Tls::Configuration &known = d->session ? d->session : d->tls;
    return known ? *known : QSslConfiguration();
}

/*!
    Sets what connectToHostEncrypted() trusts and shows to \a configuration, from the next
    connection on. Verification is on unless it says QSslSocket::VerifyNone.
    \sa Gruv::loadTlsConfiguration()
*/
void GruvSocket::setSslConfiguration(const QSslConfiguration &configuration)
{
    d->tls = std::make_shared<const QSslConfiguration>(configuration);
}

/*!
    Goes on in spite of \a errors and no others, in the slot of sslErrors(): for a certificate that
    you know, which QSslError::certificate() returns.
*/
void GruvSocket::ignoreSslErrors(const QList<QSslError> &errors)
{
    d->ignoreSslErrors(errors);
}

/*! Returns whether there is a connection and it is encrypted. */
bool GruvSocket::isEncrypted() const
{
    return d->isUp() && d->session;
}

/*!
    Has \a handler called with each message, in the thread of the object and before
    messageReceived(); what is promised of its slots holds for it. An empty one takes it away. For
    messages by the million: a signal with a receiver costs each 30 ns (Qt 6.4), a handler 2.
*/
void GruvSocket::setMessageHandler(const MessageHandler &handler)
{
    d->setMessageHandler(handler);
}

/*!
    Sends \a message; returns whether it was accepted. It is refused, with errorOccurred(), if there
    is no connection (NotConnected), if it is larger than maximumMessageSize (MessageTooLarge) or
    if it does not fit into writeBufferLimit (WriteBufferFull); then nothing is sent, and after
    WriteBufferFull isWritable() is false until some of what waits has left.

    Messages are gathered and leave together: at 64 KiB, at the end of the delivery or of the turn
    of the event loop in which they were sent, and at once in a thread that runs no event loop. A
    large message is not copied. An empty one is legal.

    Any thread; the refusal is then emitted in the thread of the object, once for those in a row,
    and not if that connection has ended meanwhile.
*/
bool GruvSocket::sendMessage(const QByteArray &message)
{
    return d->submit(message, Mailbox::Request::SendMessage);
}

/*!
    Sends \a text as UTF-8; returns whether it was accepted.
    \sa sendMessage()
*/
bool GruvSocket::sendText(const QString &text)
{
    return sendMessage(text.toUtf8());
}

/*!
    Closes gracefully: what was accepted is sent, then the connection ends with disconnected(),
    at the latest after closeTimeout (CloseTimeout, if the peer did not take everything). An
   encrypted connection also waits for the peer to close, as long as it sends and half a second of
   silence, for its answers must not meet one that is gone. Messages that arrive meanwhile, or have
   not been delivered yet, are dropped (those that are on their way from a thread of
   GruvServer::setThreadCount() to the server's are told). Any thread.
*/
void GruvSocket::disconnectFromHost()
{
    d->ask(Mailbox::Request::Disconnect);
}

/*!
    Ends the connection at once and drops what was not sent; the peer sees a reset in that case, so
    that it never takes half a message for an end. disconnected() is emitted if the connection was
    up. Any thread.
*/
void GruvSocket::abort()
{
    d->ask(Mailbox::Request::Abort);
}

/*!
    Stops delivery before the next message, also when called inside messageReceived(). Unread input
    stays in the system, so TCP slows the peer. While paused, the end of the connection is noticed
    by sending only; if messages wait then, it is told after resumeReading(), or after closeTimeout,
    and read() still has them. A pause ends with its connection.
*/
void GruvSocket::pauseReading()
{
    d->setPaused(true);
}

/*! Goes on after pauseReading(), from the event loop; nothing was lost. */
void GruvSocket::resumeReading()
{
    d->setPaused(false);
}

/*! \reimp */
bool GruvSocket::event(QEvent *event)
{
    if (event->type() == QEvent::ThreadChange)
        d->leaveThread();
    const bool isMail = event->type() == Mailbox::mailEvent()
                        || (event->type() == QEvent::Timer
                            && d->isMailTimer(static_cast<QTimerEvent *>(event)->timerId()));
    if (!isMail)
        return QObject::event(event);
    d->mailCame();
    return true;
}

/*! \reimp */
void GruvSocket::connectNotify(const QMetaMethod &signal)
{
    if (signal == QMetaMethod::fromSignal(&GruvSocket::messageReceived))
        d->receiverCame();
}

/*! \reimp */
void GruvSocket::disconnectNotify(const QMetaMethod &signal)
{
    if (!signal.isValid() || signal == QMetaMethod::fromSignal(&GruvSocket::messageReceived))
        d->receiverLeaves();
}

/*! \fn void GruvSocket::connected()
    The connection is up. Not emitted for a socket that was taken over. */
/*! \fn void GruvSocket::encrypted()
    The handshake of connectToHostEncrypted() is through, and connected() follows; or that of a
    QSslSocket which was taken over in it. */
/*! \fn void GruvSocket::sslErrors(const QList<QSslError> &errors)
    The certificate of the peer is refused because of \a errors, unless ignoreSslErrors() is called
    in a slot of it. */
/*! \fn void GruvSocket::disconnected()
    The connection has ended; the last signal of it. */
/*! \fn void GruvSocket::stateChanged(QAbstractSocket::SocketState state)
    The connection is now in \a state. */
/*! \fn void GruvSocket::messageReceived(const QByteArray &message)
    \a message has arrived. Its memory is reused unless a copy (a cheap one, QByteArray is
    implicitly shared) is kept. With QObject::blockSignals() messages are told to nobody and gone.
 */
/*! \fn void GruvSocket::bytesWritten(qint64 wireBytes)
    The system has taken \a wireBytes: for progress, a message is its bytes and 4 more. */
/*! \fn void GruvSocket::writableChanged(bool writable)
    With \a writable false, writeHighWatermark bytes wait, or writeBufferLimit has refused one more
    message, and a sender had better stop; with true, they are down to writeLowWatermark, and after
    a refusal to at most half of what waited. */
/*! \fn void GruvSocket::errorOccurred(GruvSocket::Error error, const QString &description)
    A call was refused, no connection came up, or it ended by \a error; \a description is a
    sentence for people. */
