// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/wording_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <utility>

namespace {

// Signals of one flush before the event loop has its turn, where each slot sends again.
constexpr int TellsPerTurn = 64;

} // namespace

inline bool GruvSocketPrivate::takesMessages() const
{
    const State now = state;
    return now != QAbstractSocket::UnconnectedState && now != QAbstractSocket::ClosingState
           && !m_closeWhenConnected;
}

void GruvSocketPrivate::addQueued(qint64 bytes)
{
    const bool begins = m_queued == 0;
    m_queued.store(m_queued + bytes, std::memory_order_relaxed);
    if (Q_UNLIKELY(m_heldSince >= 0) && begins) { // from here on the peer may be idle
        m_activeAt = DeadlineQueue::now();
        scheduleDeadline();
    }
}

/*
    Any thread. Checks what may refuse a message; what is accepted has its bytes reserved. Of two
    threads that reserve the last bytes of writeBufferLimit at the same instant both may pass; in
    return the own thread, which sends most, needs no atomic addition.
*/
inline GruvSocket::Error GruvSocketPrivate::admit(qint64 payloadSize, bool inOwnThread)
{
    if (!takesMessages())
        return Error::NotConnected;
    if (payloadSize > m_maximumMessageSize)
        return Error::MessageTooLarge;
    const qint64 wireSize = payloadSize + FrameCodec::HeaderSize;
    if (inOwnThread) {
        if (m_queued + m_posted + wireSize > m_writeBufferLimit)
            return Error::WriteBufferFull;
        addQueued(wireSize);
        return Error::NoError;
    }
    qint64 posted = m_posted;
    do {
        if (m_queued + posted + letterBytes() + wireSize > m_writeBufferLimit)
            return Error::WriteBufferFull;
    } while (!m_posted.compare_exchange_weak(posted, posted + wireSize));
    ++m_postedLetters;
    return Error::NoError;
}

void GruvSocketPrivate::letterOpened(qint64 wireSize)
{
    m_posted -= wireSize;
    --m_postedLetters;
}

QString GruvSocketPrivate::refusalText(Error refusal, qint64 payloadSize) const
{
    switch (refusal) {
    case Error::MessageTooLarge:
        return QStringLiteral("message of %1 bytes exceeds maximumMessageSize (%2)")
                .arg(grouped(payloadSize), grouped(m_maximumMessageSize));
    case Error::WriteBufferFull:
        return QStringLiteral("message of %1 bytes refused: with the %2 bytes that wait to be sent "
                              "already it exceeds writeBufferLimit (%3)")
                .arg(grouped(payloadSize), grouped(pendingBytes() + letterBytes()),
                     grouped(m_writeBufferLimit));
    default:
        return state == QAbstractSocket::UnconnectedState
                       ? QStringLiteral("not connected: call connectToHost() first")
                       : QStringLiteral(
                               "the connection is closing: nothing more can be sent on it");
    }
}

inline qint64 GruvSocketPrivate::wireSize(const QByteArray &bytes, Mailbox::Request request)
{
    return bytes.size() + (request == Mailbox::Request::SendFrame ? 0 : FrameCodec::HeaderSize);
}

inline bool GruvSocketPrivate::hasEventLoop() const
{
    const QThread *const thread = q->thread(); // quicker than currentThread(), for each message
    return thread && thread->loopLevel() > 0;
}

// Without an event loop there is no end of its turn to wait for, even if there was one before.
inline void GruvSocketPrivate::flushLater()
{
    if (hasEventLoop())
        flushNextTurn();
    else
        flush();
}

void GruvSocketPrivate::flushNextTurn()
{
    if (!m_flushDue && isUp()) {
        m_flushDue = true;
        m_turnEnd->add(this);
    }
}

// Its bytes are in m_queued already.
inline void GruvSocketPrivate::enqueue(const QByteArray &bytes, Mailbox::Request request)
{
    const qsizetype before = m_queue.size();
    if (request == Mailbox::Request::SendFrame)
        m_queue.appendFrame(bytes);
    else
        m_queue.appendMessage(bytes);
    ++statistics.messagesSent;
    if (options.debug)
        trace(QStringLiteral("sending a frame of %1 bytes").arg(wireSize(bytes, request)));
    if (writable && pendingBytes() >= options.writeHighWatermark)
        becomeUnwritable();
    else if (m_queue.size() > NativeSocket::LargestWrite) // a small one waits for the next write
        flushFirst(bytes.size() < NativeSocket::LargestWrite ? before : m_queue.size());
    else
        flushLater();
}

// Any thread. bytes is a message or, with Mailbox::Request::SendFrame, an encoded frame. Where no
// event loop opens the mail, a thread that only sends would never see that it shall end.
bool GruvSocketPrivate::submit(const QByteArray &bytes, Mailbox::Request request)
{
    const bool inOwnThread = isOwnThread();
    if (inOwnThread && hasMail() && !hasEventLoop() && !openMailFirst())
        return false;
    const qint64 payloadSize = wireSize(bytes, request) - FrameCodec::HeaderSize;
    const Error refusal = admit(payloadSize, inOwnThread);
    if (refusal != Error::NoError)
        return refuse(refusal, refusalText(refusal, payloadSize));
    if (inOwnThread)
        enqueue(bytes, request);
    else
        m_mailbox.post({ request, m_connection, bytes, {}, {} });
    return true;
}

// Any thread. A connection that is closing is passed over.
bool GruvSocketPrivate::broadcast(const QByteArray &frame)
{
    return takesMessages() && submit(frame, Mailbox::Request::SendFrame);
}

// Any thread. Says why a call did nothing; always returns false.
bool GruvSocketPrivate::refuse(Error refusal, const QString &text)
{
    if (!isOwnThread()) {
        m_mailbox.post({ Mailbox::Request::Refuse, m_connection, {}, int(refusal), text });
        return false;
    }
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    trace(text);
    if (refusal == Error::WriteBufferFull && writable && pendingBytes() > 0) {
        m_roomAt = pendingBytes() / 2; // else who sends while isWritable() would try for ever
        becomeUnwritable();
        if (!q || m_connection != connection)
            return false;
    }
    if (!m_hasEnded) { // else they tell why it ended, perhaps to another thread at this moment
        error = refusal;
        errorString = text;
    }
    if (std::exchange(m_refusing, true))
        return false; // the slot that is told of a refusal tries again: told once is enough
    Q_EMIT q->errorOccurred(refusal, text);
    m_refusing = false;
    return false;
}

void GruvSocketPrivate::open(const Mailbox::Letter &letter)
{
    const bool current = q && letter.connection == m_connection;
    // Else its connection is gone, or FIN is on its way.
    const bool takes = current && state != QAbstractSocket::UnconnectedState && m_ackCheckAt < 0;
    switch (letter.request) {
    case Mailbox::Request::SendMessage:
    case Mailbox::Request::SendFrame:
        if (takes)
            addQueued(wireSize(letter.bytes, letter.request));
        letterOpened(wireSize(letter.bytes, letter.request));
        if (takes)
            enqueue(letter.bytes, letter.request);
        break;
    case Mailbox::Request::Refuse:
        if (current)
            refuse(Error(letter.error), letter.description);
        break;
    default:
        if (current)
            ask(letter.request);
        break;
    }
}

void GruvSocketPrivate::becomeUnwritable()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    writable = false;
    flushNextTurn();
    Q_EMIT q->writableChanged(false);
    if (q && m_connection == connection)
        flush();
}

void GruvSocketPrivate::turnEnded()
{
    m_flushDue = m_telling = false;
    if (m_closeWhenConnected && state == QAbstractSocket::ConnectedState)
        disconnectFromHost(); // a slot of connected() runs an event loop
    else
        flush();
}

void GruvSocketPrivate::flush()
{
    flushFirst(m_queue.size());
}

// Hands over what the system takes of the first bytes.
void GruvSocketPrivate::flushFirst(qsizetype bytes)
{
    if (!isUp() || m_outputEnd.isFault())
        return;
    if (m_blocked && QThread::currentThread()->loopLevel() == 0)
        m_blocked = false; // nobody would tell
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    const Transfer transfer = sendQueued(bytes);
    account();
    if (!q || m_connection != connection)
        return;
    if (transfer.isFault())
        outputFailed(transfer);
    else if (state == QAbstractSocket::ClosingState)
        advanceClosing();
    else if (!m_queue.isEmpty() && !m_blocked)
        flushLater();
}

NativeSocket::Transfer GruvSocketPrivate::sendQueued(qsizetype most)
{
    Transfer transfer{ Outcome::Moved };
    const qsizetype rest = m_queue.size() - most;
    while (m_queue.size() > rest && transfer.outcome == Outcome::Moved && !m_blocked) {
        transfer = transport->send(m_queue, m_queue.size() - rest);
        m_queue.sent(transfer.bytes);
        m_blocked = transfer.outcome == Outcome::WouldBlock;
    }
    transport->setResetOnClose((m_blocked && !m_queue.isEmpty()) || transport->unsentBytes() > 0);
    return transfer;
}

// Counts what has left since the last time, and tells it.
void GruvSocketPrivate::account()
{
    const qint64 gone = m_queued - (m_queue.size() + transport->unsentBytes());
    if (gone > 0) {
        addQueued(-gone);
        statistics.bytesSent += gone;
        m_activeAt = DeadlineQueue::now();
        m_untold += gone;
        if (m_peerCheckAt < 0)
            watchPeer();
    }
    tellWritten();
}

// Whether a sender that had to stop may go on.
bool GruvSocketPrivate::hasRoomAgain() const
{
    return !writable && state == QAbstractSocket::ConnectedState
           && pendingBytes() <= std::min(options.writeLowWatermark, m_roomAt);
}

/*
    A slot that sends in here comes back here: the outermost call tells, so the stack stays flat.
    After some it goes on in the next turn of an event loop, or in the next call. An event loop that
    the slot runs is told what is still to be told, and what comes up meanwhile, by its own turns.
*/
void GruvSocketPrivate::tellWritten()
{
    if (std::exchange(m_telling, true)) {
        flushNextTurn();
        return;
    }
    const quint32 connection = m_connection;
    int tells = 0;
    for (; tells < TellsPerTurn; ++tells) {
        if (m_untold > 0) {
            if (hasRoomAgain())
                flushNextTurn();
            Q_EMIT q->bytesWritten(std::exchange(m_untold, 0));
        } else if (hasRoomAgain()) {
            m_roomAt = NoBound;
            writable = true;
            Q_EMIT q->writableChanged(true);
        } else {
            m_telling = false;
            return;
        }
        if (!q || m_connection != connection)
            return;
    }
    m_telling = false;
    flushNextTurn();
}

void GruvSocketPrivate::transportWritable()
{
    m_blocked = m_telling = false;
    flush();
}

void GruvSocketPrivate::outputFailed(const Transfer &fault)
{
    m_outputEnd = fault;
    if (state == QAbstractSocket::ClosingState) {
        m_inputEnd = fault;
        advanceClosing();
    } else if (!m_delivering || m_readers > 0) { // else the delivery looks when it is done
        readRest();
    }
}
