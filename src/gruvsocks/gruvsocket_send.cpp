// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/wording_p.h>

#include <QtCore/qthread.h>

#include <utility>

namespace {

// A batch of this size is not kept for the end of the event loop's turn.
constexpr qsizetype FlushSize = 64 * 1024;
// Signals of one flush before the event loop has its turn, where each slot sends again.
constexpr int TellsPerTurn = 64;

} // namespace

// Any thread. Checks what may refuse a message; what is accepted has its bytes reserved.
GruvSocket::Error GruvSocketPrivate::admit(qint64 payloadSize, QString *text)
{
    if (!takesMessages()) {
        *text = state == QAbstractSocket::UnconnectedState
                        ? QStringLiteral("not connected: call connectToHost() first")
                        : QStringLiteral(
                                "the connection is closing: nothing more can be sent on it");
        return Error::NotConnected;
    }
    if (payloadSize > m_maximumMessageSize) {
        *text = QStringLiteral("message of %1 bytes exceeds maximumMessageSize (%2)")
                        .arg(grouped(payloadSize), grouped(m_maximumMessageSize));
        return Error::MessageTooLarge;
    }
    const qint64 wireSize = payloadSize + FrameCodec::HeaderSize;
    const qint64 pending = m_pending.fetch_add(wireSize);
    if (pending + wireSize > m_writeBufferLimit) {
        m_pending -= wireSize;
        *text = QStringLiteral(
                        "message of %1 bytes refused: with the %2 bytes that wait to be sent "
                        "already it exceeds writeBufferLimit (%3)")
                        .arg(grouped(payloadSize), grouped(pending), grouped(m_writeBufferLimit));
        return Error::WriteBufferFull;
    }
    return Error::NoError;
}

// Any thread. bytes is a message or, with Mailbox::Request::SendFrame, an encoded frame.
bool GruvSocketPrivate::submit(const QByteArray &bytes, Mailbox::Request request)
{
    const bool framed = request == Mailbox::Request::SendFrame;
    QString text;
    const Error refusal = admit(bytes.size() - (framed ? FrameCodec::HeaderSize : 0), &text);
    if (refusal != Error::NoError)
        return refuse(refusal, text);
    if (!isOwnThread()) {
        if (m_mailbox.post({ request, m_connection, bytes, {}, {} }))
            wake();
        return true;
    }
    enqueue(bytes, request);
    return true;
}

// Any thread. A connection that is closing is passed over.
bool GruvSocketPrivate::broadcast(const QByteArray &frame)
{
    return takesMessages() && submit(frame, Mailbox::Request::SendFrame);
}

// Any thread.
bool GruvSocketPrivate::takesMessages() const
{
    const State now = state;
    return now != QAbstractSocket::UnconnectedState && now != QAbstractSocket::ClosingState
           && !m_closeWhenConnected;
}

// Any thread. Says why a call did nothing; always returns false.
bool GruvSocketPrivate::refuse(Error refusal, const QString &text)
{
    if (!isOwnThread()) {
        if (m_mailbox.post({ Mailbox::Request::Refuse, m_connection, {}, int(refusal), text }))
            wake();
        return false;
    }
    const auto keep = shared_from_this();
    trace(text);
    error = refusal;
    errorString = text;
    if (std::exchange(m_refusing, true))
        return false; // the slot that is told of a refusal tries again: told once is enough
    Q_EMIT q->errorOccurred(refusal, text);
    m_refusing = false;
    return false;
}

// Any thread.
void GruvSocketPrivate::ask(Mailbox::Request request)
{
    if (!isOwnThread()) {
        if (m_mailbox.post({ request, m_connection, {}, {}, {} }))
            wake();
        return;
    }
    if (request == Mailbox::Request::Abort)
        abort();
    else
        disconnectFromHost();
}

void GruvSocketPrivate::wake()
{
    QMetaObject::invokeMethod(
            q, [self = shared_from_this()] { self->openMail(); }, Qt::QueuedConnection);
}

// A nested call goes on where the outer one is, so the order holds.
void GruvSocketPrivate::openMail()
{
    const auto keep = shared_from_this();
    m_mailbox.takeAll(&m_letters);
    while (!m_letters.empty()) {
        const Mailbox::Letter letter = std::move(m_letters.front());
        m_letters.pop_front();
        open(letter);
    }
}

void GruvSocketPrivate::open(const Mailbox::Letter &letter)
{
    const bool current = q && letter.connection == m_connection;
    switch (letter.request) {
    case Mailbox::Request::SendMessage:
    case Mailbox::Request::SendFrame:
        if (current && state != QAbstractSocket::UnconnectedState && m_ackCheckAt < 0)
            enqueue(letter.bytes, letter.request);
        else // its connection is gone, or FIN is on its way
            m_pending -= wireSize(letter.bytes, letter.request);
        break;
    case Mailbox::Request::Refuse:
        if (q)
            refuse(Error(letter.error), letter.description);
        break;
    case Mailbox::Request::Disconnect:
    case Mailbox::Request::Abort:
        if (current)
            ask(letter.request);
        break;
    }
}

qint64 GruvSocketPrivate::wireSize(const QByteArray &bytes, Mailbox::Request request)
{
    return bytes.size() + (request == Mailbox::Request::SendFrame ? 0 : FrameCodec::HeaderSize);
}

void GruvSocketPrivate::enqueue(const QByteArray &bytes, Mailbox::Request request)
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    if (request == Mailbox::Request::SendFrame)
        m_queue.appendFrame(bytes);
    else
        m_queue.appendMessage(bytes);
    m_inFlight += wireSize(bytes, request);
    ++statistics.messagesSent;
    if (options.debug)
        trace(QStringLiteral("sending a frame of %1 bytes").arg(wireSize(bytes, request)));
    if (writable && m_pending >= options.writeHighWatermark) {
        writable = false;
        Q_EMIT q->writableChanged(false);
        if (!q || m_connection != connection)
            return;
    }
    // Without an event loop there is no end of its turn to wait for.
    if (m_queue.size() >= FlushSize || QThread::currentThread()->loopLevel() == 0)
        flush();
    else
        flushLater();
}

void GruvSocketPrivate::flushLater()
{
    if (m_flushDue || !isUp())
        return;
    m_flushDue = true;
    scheduleDeadline();
}

// Hands over what the system takes.
void GruvSocketPrivate::flush()
{
    if (std::exchange(m_flushDue, false)) {
        m_deadlines->cancel(this);
        scheduleDeadline();
    }
    if (!isUp() || m_outputEnd.isFault())
        return;
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    const Transfer transfer = sendQueued();
    account();
    if (!q || m_connection != connection)
        return;
    if (transfer.isFault())
        outputFailed(transfer);
    else if (state == QAbstractSocket::ClosingState)
        advanceClosing();
}

NativeSocket::Transfer GruvSocketPrivate::sendQueued()
{
    Transfer transfer{ Outcome::Moved, 0, {} };
    while (!m_queue.isEmpty() && transfer.outcome == Outcome::Moved) {
        transfer = transport->send(m_queue);
        m_queue.sent(transfer.bytes);
    }
    transport->setResetOnClose(!m_queue.isEmpty());
    return transfer;
}

// Counts what has left since the last time, and tells it.
void GruvSocketPrivate::account()
{
    const qint64 left = m_queue.size() + transport->unsentBytes();
    const qint64 gone = std::exchange(m_inFlight, left) - left;
    if (gone > 0) {
        m_pending -= gone;
        statistics.bytesSent += gone;
        m_activeAt = DeadlineQueue::now();
        m_untold += gone;
    }
    tellWritten();
}

// A slot that sends in here comes back here: the outermost call tells, so the stack stays flat.
void GruvSocketPrivate::tellWritten()
{
    if (std::exchange(m_telling, true))
        return;
    const quint32 connection = m_connection;
    int tells = 0;
    for (; tells < TellsPerTurn; ++tells) {
        if (m_untold > 0) {
            Q_EMIT q->bytesWritten(std::exchange(m_untold, 0));
        } else if (!writable && state == QAbstractSocket::ConnectedState
                   && m_pending <= options.writeLowWatermark) {
            writable = true;
            Q_EMIT q->writableChanged(true);
        } else {
            break;
        }
        if (!q || m_connection != connection)
            return;
    }
    m_telling = false;
    if (tells == TellsPerTurn)
        flushLater();
}

void GruvSocketPrivate::transportWritable()
{
    flush();
}

void GruvSocketPrivate::outputFailed(const Transfer &fault)
{
    m_outputEnd = fault;
    if (state == QAbstractSocket::ClosingState) {
        m_inputEnd = fault;
        advanceClosing();
    } else if (!m_delivering) { // else the delivery looks when it is done
        readRest();
    }
}
