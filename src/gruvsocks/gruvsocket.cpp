// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qmetaobject.h>
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
    \li disconnectFromHost() loses nothing that sendMessage() accepted before.
    \li Memory is bounded by the options in both directions, and a length is never believed before
        its bytes arrive.
    \endlist

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
    \value TlsHandshakeFailed Reserved for encrypted connections.
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

/*!
    Takes over the connection of \a socket, which must be connected, and \a socket itself: its own
    signal connections are cut, and it may be deleted at any time. Bytes that it has read already
    are not lost. If it is not connected, the new object is not either. \a parent becomes the parent
    of the new object.
*/
GruvSocket::GruvSocket(QTcpSocket *socket, QObject *parent)
    : GruvSocket(parent)
{
    if (socket->state() == QAbstractSocket::ConnectedState) {
        d->adopt(socket);
    } else {
        qCWarning(gruvSocketLog, "GruvSocket: the QTcpSocket to take over is not connected");
        delete socket;
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
    d->options.timeout = timeout;
    d->setOptions(d->options);
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
    errorOccurred() with HostNotFound, ConnectionRefused, ConnectTimeout or NetworkError, and no
    disconnected() then; stateChanged(QAbstractSocket::UnconnectedState) follows in either case, and
    is the place to try again. Messages may be sent right away; they leave when the connection is
    up.

    The application's proxy (QNetworkProxy) is used if one is set for this host.
*/
void GruvSocket::connectToHost(const QString &host, quint16 port)
{
    d->connectToHost(host, port);
}

/*! \overload */
void GruvSocket::connectToHost(const QHostAddress &address, quint16 port)
{
    d->connectToHost(address.toString(), port);
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
    if it does not fit into writeBufferLimit (WriteBufferFull); then nothing is sent.

    Messages are gathered and leave together: at 64 KiB, at the end of the delivery or of the turn
    of the event loop in which they were sent, and at once in a thread that runs no event loop. A
    large message is not copied. An empty one is legal.

    Any thread; the refusal is then emitted in the thread of the object.
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
    at the latest after closeTimeout (CloseTimeout, if the peer did not take everything). Messages
    that arrive meanwhile, or have not been delivered yet, are dropped. Any thread.
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
    by sending only.
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
    if (event->type() != Mailbox::mailEvent())
        return QObject::event(event);
    d->openMail();
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
    With \a writable false, writeHighWatermark bytes wait and a sender had better stop; with true,
    they are down to writeLowWatermark. */
/*! \fn void GruvSocket::errorOccurred(GruvSocket::Error error, const QString &description)
    A call was refused, no connection came up, or it ended by \a error; \a description is a
    sentence for people. */
