// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/foreignprotocol_p.h>
#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <utility>

namespace {

// Reads of one notification before the event loop has its turn again.
constexpr int ReadsPerTurn = 4;
// Into a large message at once, so that others have their turn.
constexpr qsizetype LargestRead = 1024 * 1024;

} // namespace

void GruvSocketPrivate::transportReadable()
{
    const auto keep = shared_from_this();
    if (!isUp())
        return;
    if (m_input == Input::Discarded) {
        discardInput();
        return;
    }
    if ((m_delivering && m_readers == 0) || !wantsInput()) {
        transport->setReading(false); // whoever ends that calls resumeInput()
        return;
    }
    const quint32 connection = m_connection;
    for (int reads = 0; reads < ReadsPerTurn; ++reads) {
        const bool more = receive();
        deliver();
        if (!q || m_connection != connection)
            return;
        if (!more || m_input != Input::Open || !wantsInput())
            break;
    }
    resumeInput();
}

// Reads once. Returns whether there is likely more.
bool GruvSocketPrivate::receive()
{
    const bool direct = m_decoder.hasPayloadRoom();
    FrameDecoder::Room room;
    if (direct) {
        room = m_decoder.payloadRoom(transport->waitingBytes());
        room.size = std::min(room.size, LargestRead);
    } else {
        m_decoder.keepInput();
        if (!m_buffer)
            m_buffer = ReceiveBuffer::borrow();
        room = { m_buffer->data(), ReceiveBuffer::Size };
    }
    Transfer transfer = transport->receive(room.data, room.size);
    if (transfer.outcome == Outcome::Moved) {
        statistics.bytesReceived += transfer.bytes;
        m_activeAt = DeadlineQueue::now();
        if (direct)
            m_decoder.payloadArrived(transfer.bytes);
        else
            m_decoder.setInput(room.data, transfer.bytes);
        return transfer.bytes == room.size;
    }
    if (transfer.outcome != Outcome::WouldBlock) {
        m_input = Input::Ended;
        m_inputEnd = std::move(transfer);
        m_startedAt = DeadlineQueue::now();
    }
    return false;
}

bool GruvSocketPrivate::mayDeliver() const
{
    return !paused && !m_isHeld && m_readers == 0 && isUp() && m_input != Input::Discarded;
}

/*
    Qt tells every way in which a receiver can go (QObject::disconnectNotify(), Qt 6.4 sources), but
    the destructor of a receiver tells before it is gone. So what is told is only that it is time to
    ask again; 14 ns, too much for each message of a burst. But nobody knows how long a receiver of
    another thread is still there after it told: once one went, it is asked for each message.
*/
bool GruvSocketPrivate::hasReceiver()
{
    static const QMetaMethod signal = QMetaMethod::fromSignal(&GruvSocket::messageReceived);
    if (m_receiversChanged.load(std::memory_order_acquire)) {
        m_receiversChanged = false;
        if (m_asksAlways) // looked at behind that: it is set before the other
            m_receiversChanged = true;
        m_isSignalConnected = q->isSignalConnected(signal);
        m_hasReceiver = m_isSignalConnected || m_handler;
    }
    return m_hasReceiver;
}

// Any thread.
void GruvSocketPrivate::receiverLeaves()
{
    const Qt::HANDLE own = m_threadId;
    if (own && own != QThread::currentThreadId())
        m_asksAlways = true;
    receiversChanged();
}

void GruvSocketPrivate::setMessageHandler(const GruvSocket::MessageHandler &handler)
{
    m_handler = handler ? std::make_shared<const GruvSocket::MessageHandler>(handler) : nullptr;
    receiverCame();
}

void GruvSocketPrivate::hand(const QByteArray &message, const GruvSocket::MessageHandler *handler)
{
    const quint32 connection = m_connection;
    if (handler)
        (*handler)(message);
    if (m_isSignalConnected && q && m_connection == connection)
        Q_EMIT q->messageReceived(message);
}

// Emits what is complete. A nested call leaves it to the outermost one, so order is kept.
void GruvSocketPrivate::deliver()
{
    if (m_readers > 0)
        readAhead();
    if (m_delivering)
        return;
    const quint32 connection = m_connection;
    m_delivering = true;
    QByteArray message = m_buffer ? std::exchange(m_buffer->message, {}) : QByteArray();
    std::shared_ptr<const GruvSocket::MessageHandler> handler; // kept here: it may set another one
    receiversChanged(); // one in another thread may have gone just after it told
    while (hasReceiver() && mayDeliver()
           && takeMessage(&message) == FrameDecoder::Result::Message) {
        if (handler != m_handler)
            handler = m_handler;
        hand(message, handler.get());
        if (!q || m_connection != connection)
            return;
    }
    m_delivering = false;
    if (message.isDetached())
        keepMemory(std::move(message));
    afterDelivery();
}

// Of a message that nobody kept: it serves the next one of this thread or, for some time and if it
// is large, of this connection.
void GruvSocketPrivate::keepMemory(QByteArray message)
{
    const qsizetype capacity = message.capacity();
    if (capacity <= ReceiveBuffer::Size) {
        if (m_buffer)
            m_buffer->message = std::move(message);
    } else if (capacity > FrameDecoder::SpareSize) {
        m_decoder.setSpare(std::move(message));
        m_spareSince = DeadlineQueue::now();
        scheduleDeadline();
    }
}

void GruvSocketPrivate::afterDelivery()
{
    if (!m_hasReceiver)
        readAhead();
    if (m_readers == 0) {
        m_decoder.keepInput();
        m_buffer.reset();
    }
    if (!isUp() || m_input == Input::Discarded)
        return;
    if (!m_ahead && m_decoder.isFailed() && !paused) {
        incomingTooLarge(m_decoder);
        return;
    }
    if (m_decoder.isMidFrame() && m_frameBegunAt < 0)
        m_frameBegunAt = DeadlineQueue::now();
    if (m_frameBegunAt >= 0)
        scheduleDeadline();
    updateHold();
    if (m_input == Input::Ended && m_readers == 0 && mayTellEnd())
        inputEnded();
    else if (m_input == Input::Open && m_outputEnd.isFault())
        readRest();
    else
        flush();
}

/*
    Whether an end is told before what has arrived is taken. Without an event loop the owner is a
    reader between two calls; with one it just does not care.
*/
bool GruvSocketPrivate::isForNobody() const
{
    return !m_hasReceiver && (m_inputEnd.isFault() || QThread::currentThread()->loopLevel() > 0);
}

// Not behind a message that waits; and who has paused is told of a fault only.
bool GruvSocketPrivate::mayTellEnd() const
{
    return isForNobody() || (!hasMessage() && (!paused || m_inputEnd.isFault()));
}

FrameDecoder::Result GruvSocketPrivate::takeMessage(QByteArray *message)
{
    FrameDecoder::Result result = FrameDecoder::Result::Message;
    if (m_ahead) {
        *message = std::move(*m_ahead);
        m_ahead.reset();
    } else {
        result = m_decoder.next(message);
    }
    if (result == FrameDecoder::Result::Message) {
        ++statistics.messagesReceived;
        m_frameBegunAt = m_silentSince = -1;
        if (options.debug)
            trace(QStringLiteral("received a message of %1 bytes").arg(message->size()));
    }
    return result;
}

void GruvSocketPrivate::readAhead()
{
    QByteArray message;
    if (!m_ahead && m_decoder.next(&message) == FrameDecoder::Result::Message) {
        m_ahead = std::move(message);
        m_frameBegunAt = m_silentSince = -1;
    }
}

bool GruvSocketPrivate::wantsInput() const
{
    if (m_input == Input::Discarded)
        return isUp() && m_inputEnd.outcome == Outcome::WouldBlock; // its end is met once
    return isUp() && m_input == Input::Open && !inputIsHeld();
}

void GruvSocketPrivate::resumeInput()
{
    if (isUp())
        transport->setReading(wantsInput());
}

void GruvSocketPrivate::deliverLater()
{
    m_deliveryDue = true;
    scheduleDeadline();
}

// Any thread. A receiver came; what waited for one is delivered from the event loop.
void GruvSocketPrivate::receiverCame()
{
    receiversChanged();
    ask(Mailbox::Request::Deliver);
}

// After disconnectFromHost() input is read only to be dropped: unread, it would turn FIN into RST.
void GruvSocketPrivate::discardInput()
{
    const ReceiveBuffer::Loan buffer = ReceiveBuffer::borrow();
    for (int reads = 0; reads < ReadsPerTurn; ++reads) {
        Transfer transfer = transport->receive(buffer->data(), ReceiveBuffer::Size);
        if (transfer.outcome == Outcome::Moved) {
            m_activeAt = DeadlineQueue::now();
            continue;
        }
        if (transfer.outcome != Outcome::WouldBlock) {
            m_inputEnd = std::move(transfer);
            resumeInput();
            advanceClosing();
            return;
        }
        break;
    }
    transport->setReading(true);
}

GruvSocket::ReadResult GruvSocketPrivate::read(std::chrono::milliseconds timeout)
{
    const auto keep = shared_from_this();
    GruvSocket::ReadResult result;
    if (!isCalledInOwnThread("read"))
        return result;
    const QDeadlineTimer deadline(deadlineOf(timeout, options.timeout));
    const quint32 connection = m_connection;
    ++m_readers;
    openMail(LettersPerTurn);
    flush();
    bool looked = false; // before waiting for a notification: is something there already?
    const bool done = waitFor(deadline, [&] {
        if (state != QAbstractSocket::UnconnectedState && m_connection != connection)
            return true; // a slot has connected again
        if (tryRead(&result))
            return true;
        if (std::exchange(looked, true) || !isUp() || m_input != Input::Open)
            return false;
        receive();
        resumeInput();
        return tryRead(&result);
    });
    --m_readers;
    if (q && isUp())
        updateHold();
    if (!done)
        result.status = GruvSocket::ReadStatus::Timeout;
    if (q && isUp() && !m_delivering) {
        m_decoder.keepInput();
        m_buffer.reset();
        if (m_input == Input::Ended || (hasReceiver() && hasMessage()))
            deliverLater();
        else
            resumeInput();
    }
    return result;
}

bool GruvSocketPrivate::explainError()
{
    if (q && errorString.isEmpty()) {
        error = Error::NotConnected;
        errorString = QStringLiteral("not connected: call connectToHost() first");
    }
    return true;
}

bool GruvSocketPrivate::tryRead(GruvSocket::ReadResult *result)
{
    const FrameDecoder::Result taken = takeMessage(&result->data);
    if (taken == FrameDecoder::Result::Message) {
        result->status = GruvSocket::ReadStatus::Ok;
        return true;
    }
    if (!q || state == QAbstractSocket::UnconnectedState)
        return explainError(); // ReadStatus::Error, as it stands
    if (m_input == Input::Discarded)
        return false; // closing: why it ended is known at the end
    if (taken == FrameDecoder::Result::TooLarge) {
        incomingTooLarge(m_decoder);
        return true;
    }
    if (m_input == Input::Ended) {
        inputEnded();
        return !q || !isUp();
    }
    if (m_decoder.isMidFrame() && m_frameBegunAt < 0) {
        m_frameBegunAt = DeadlineQueue::now();
        scheduleDeadline();
    }
    return false;
}
