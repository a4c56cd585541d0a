// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/foreignprotocol_p.h>
#include <gruvsocks/gruvsocket_p.h>

#include <algorithm>
#include <utility>

namespace {

// Unread input is dropped before a close, within reason, for it turns FIN into RST.
constexpr int ReadsBeforeClose = 16;
constexpr qint64 LargestRest = 16 * 1024 * 1024; // more than a system keeps of what came before
// How often the system is asked whether the peer has acknowledged the last byte; doubles.
constexpr qint64 FirstAckCheck = 5;    // ms
constexpr qint64 SlowestAckCheck = 20; // ms
// For how long a peer that has had everything, and may still send, has to be silent before a close.
constexpr qint64 Linger = 500; // ms

using EndedBy = GruvDisconnectReason::EndedBy;
using Stage = GruvDisconnectReason::Stage;

EndedBy culprit(GruvSocket::Error error)
{
    switch (error) {
    case GruvSocket::Error::HostNotFound:
    case GruvSocket::Error::NetworkError:
        return EndedBy::Network;
    case GruvSocket::Error::ConnectTimeout:
    case GruvSocket::Error::PeerUnresponsive:
    case GruvSocket::Error::MessageTimeout:
    case GruvSocket::Error::IdleTimeout:
    case GruvSocket::Error::CloseTimeout:
        return EndedBy::Deadline;
    default:
        return EndedBy::Peer;
    }
}

} // namespace

/*
    Every way a connection ends leads through end():

      end of stream, reset, time-out     readable -> deliver -> inputEnded() -> end()
      a send that failed                 readRest(), then as above: what came before still counts
      a length over the limit            incomingTooLarge() -> end()
      disconnectFromHost()               startClosing() -> advanceClosing() ... -> end()
      abort(), deadlines                 end()

    and end() emits last: errorOccurred() for a fault, then stateChanged() and disconnected().
*/
void GruvSocketPrivate::end(Error why, const QString &text)
{
    if (state == QAbstractSocket::UnconnectedState)
        return;
    const auto keep = shared_from_this();
    reason = reasonOf(why);
    m_hasEnded = true;
    m_endToAnnounce = isUp();
    m_stateToAnnounce = true;
    trace(QStringLiteral("connection ended: ") + text);
    if (isUp())
        closeTransport();
    m_connector.reset();
    if (m_closedBy == EndedBy::ThisEnd || !hasMessage())
        forget();
    else
        forgetOutput(); // read() still has what had arrived
    state = QAbstractSocket::UnconnectedState;
    writable = paused = false;
    statistics.connectedSince = {};
    error = why;
    errorString = text;
    if (why != Error::NoError) {
        Q_EMIT q->errorOccurred(why, text);
    }
    announceEnd();
}

void GruvSocketPrivate::endInOrder()
{
    end(Error::NoError, m_closedBy == EndedBy::Peer
                                ? QStringLiteral("the peer closed the connection")
                                : QStringLiteral("the connection was closed by this end"));
}

// Before it is forgotten.
GruvDisconnectReason GruvSocketPrivate::reasonOf(Error why) const
{
    GruvDisconnectReason ended;
    ended.endedBy = why == Error::NoError ? m_closedBy : culprit(why);
    ended.unsentBytes = pendingBytes();
    if (fault().isFault()) {
        ended.osError = fault().osError;
        ended.osErrorString = fault().osErrorString;
    }
    if (!isUp()) {
        ended.stage = Stage::Connecting;
        ended.isTlsRefusal = m_connector && m_connector->isRefused();
        return ended;
    }
    const bool inside = why == Error::TruncatedMessage || why == Error::IncomingMessageTooLarge
                        || m_decoder.isMidFrame();
    if (state == QAbstractSocket::ClosingState)
        ended.stage = Stage::Closing;
    else
        ended.stage = inside ? Stage::InsideMessage : Stage::BetweenMessages;
    ended.unacknowledgedBytes = transport->undeliveredBytes();
    ended.protocol = m_refusedProtocol;
    ended.isTlsRefusal = why == Error::TlsHandshakeFailed;
    return ended;
}

// What is owed to the connection that ended. A slot that connects again owes it before that.
void GruvSocketPrivate::announceEnd()
{
    if (q && std::exchange(m_stateToAnnounce, false))
        Q_EMIT q->stateChanged(QAbstractSocket::UnconnectedState);
    if (q && std::exchange(m_endToAnnounce, false))
        Q_EMIT q->disconnected();
}

// FIN if the peer has had every byte that was accepted, else RST: a frame is never cut with FIN.
void GruvSocketPrivate::closeTransport()
{
    const std::unique_ptr<Transport> closing = std::move(transport);
    if (!m_queue.isEmpty() || closing->unsentBytes() > 0) {
        closing->setResetOnClose(true);
        return;
    }
    const ReceiveBuffer::Loan buffer = ReceiveBuffer::borrow();
    for (int reads = 0; reads < ReadsBeforeClose; ++reads) {
        if (closing->receive(buffer->data(), ReceiveBuffer::Size).outcome != Outcome::Moved)
            break;
    }
}

void GruvSocketPrivate::forget()
{
    m_decoder.reset();
    m_ahead.reset();
    forgetOutput();
}

void GruvSocketPrivate::forgetOutput()
{
    ++m_connection;
    m_threadId = nullptr;
    m_decoder.keepInput();
    m_buffer.reset();
    m_input = Input::Open;
    m_inputEnd = m_outputEnd = {};
    m_queued = 0;
    m_queue.clear();
    m_isHeld = m_delivering = m_deliveryDue = m_telling = m_flushDue = m_blocked = m_dormant =
            false;
    m_untold = 0;
    m_roomAt = NoBound;
    m_closeWhenConnected = false;
    m_closedBy = EndedBy::Nobody;
    m_refusedProtocol = GruvDisconnectReason::Protocol::Unknown;
    m_frameBegunAt = m_silentSince = m_heldSince = m_ackCheckAt = m_deliveredAt = m_answeredAt =
            m_peerCheckAt = -1;
    m_acknowledged = m_unacknowledged = 0;
    m_wasSlowed = false;
    dropSpare();
    if (m_deadlines)
        m_deadlines->cancel(this);
    m_deadlines.reset();
    if (m_turnEnd)
        m_turnEnd->remove(this);
    m_turnEnd.reset();
}

// Whether the system told a fault; then the connection has ended.
bool GruvSocketPrivate::endedByFault()
{
    const auto withReason = [this](const char *text) {
        return QLatin1String(text) + QStringLiteral(" (%1)").arg(fault().osErrorString);
    };
    switch (fault().outcome) {
    case Outcome::Reset:
        end(Error::ConnectionReset, withReason("the peer reset the connection"));
        return true;
    case Outcome::Unresponsive:
        end(Error::PeerUnresponsive,
            fault().osErrorString.isEmpty()
                    ? QStringLiteral("the peer acknowledged nothing within %1 ms")
                              .arg(options.deadPeerTimeout.count())
                    : withReason("the peer no longer answers"));
        return true;
    case Outcome::TlsFailed: // before its first byte that is how TLS 1.3 refuses a certificate
        end(statistics.bytesReceived == 0 ? Error::TlsHandshakeFailed : Error::NetworkError,
            withReason("TLS has failed"));
        return true;
    case Outcome::Failed:
        end(Error::NetworkError, withReason("the connection failed"));
        return true;
    default:
        return false;
    }
}

void GruvSocketPrivate::inputEnded()
{
    const auto keep = shared_from_this();
    if (endedByFault())
        return;
    FrameDecoder last = m_decoder; // what comes behind messages that nobody has taken yet
    for (QByteArray message; last.next(&message) == FrameDecoder::Result::Message;) {
    }
    if (last.isFailed()) {
        incomingTooLarge(last);
        return;
    }
    if (last.isMidFrame()) {
        end(Error::TruncatedMessage, truncation(last));
        return;
    }
    const quint32 connection = m_connection;
    openMail(AllLetters); // what other threads were promised goes out too
    if (!q || m_connection != connection || state == QAbstractSocket::ClosingState)
        return;
    trace(QStringLiteral("the peer closed the connection"));
    m_closedBy = EndedBy::Peer;
    if (m_queued == 0)
        endInOrder();
    else
        startClosing(); // a peer that only stopped sending still gets its answers
}

QString GruvSocketPrivate::truncation(const FrameDecoder &decoder)
{
    if (decoder.headerBytes() < FrameCodec::HeaderSize)
        return QStringLiteral("the peer closed the connection inside a message: %1 of the 4 bytes "
                              "of its length had arrived")
                .arg(decoder.headerBytes());
    return QStringLiteral("the peer closed the connection inside a message: %1 of %2 bytes had "
                          "arrived")
            .arg(decoder.arrivedBytes())
            .arg(decoder.expectedBytes());
}

void GruvSocketPrivate::incomingTooLarge(const FrameDecoder &decoder)
{
    m_refusedProtocol = ForeignProtocol::recognise(decoder.header());
    end(Error::IncomingMessageTooLarge,
        ForeignProtocol::describe(decoder.header(), options.maximumMessageSize));
}

// A send failed: the connection is over, but messages that came before are still in the system.
void GruvSocketPrivate::readRest()
{
    const qint64 most = statistics.bytesReceived + LargestRest;
    while (m_input == Input::Open) {
        const qint64 before = statistics.bytesReceived;
        receive();
        if (statistics.bytesReceived == before || statistics.bytesReceived >= most)
            m_input = Input::Ended;
    }
    m_inputEnd = m_outputEnd;
    m_startedAt = DeadlineQueue::now();
    deliver();
    if (q)
        scheduleDeadline();
}

void GruvSocketPrivate::disconnectFromHost()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    openMail(AllLetters);
    if (!q || m_connection != connection)
        return; // a letter has ended the connection that was meant
    switch (state) {
    case QAbstractSocket::HostLookupState:
    case QAbstractSocket::ConnectingState:
        m_closedBy = EndedBy::ThisEnd;
        m_closeWhenConnected = pendingBytes() > 0;
        if (!m_closeWhenConnected)
            endInOrder();
        break;
    case QAbstractSocket::ConnectedState:
        m_closedBy = EndedBy::ThisEnd;
        trace(QStringLiteral("closing, %1 bytes to send").arg(m_queued));
        dropInput();
        startClosing();
        break;
    default:
        break;
    }
}

void GruvSocketPrivate::abort()
{
    const auto keep = shared_from_this();
    if (isUp())
        m_input = Input::Discarded;
    m_closedBy = EndedBy::ThisEnd;
    endInOrder();
}

// As abort(), but what the system takes at once is still sent: the server stops.
void GruvSocketPrivate::stop()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    flush();
    if (q && m_connection == connection)
        abort();
}

void GruvSocketPrivate::dropInput()
{
    m_decoder.reset();
    m_ahead.reset();
}

/*
    A graceful close: what was accepted is sent, then FIN, then the peer's own end or its
    acknowledgement of the last byte is awaited, and where Transport::awaitsPeer() some silence. Two
   shorter ways were weighed: close() right after the last write, which lets an RST for unread input
   destroy data under way (RFC 2525, 2.17); and waiting for the peer's FIN alone, which keeps a
   thread waiting for a peer that stays open.
*/
void GruvSocketPrivate::startClosing()
{
    const quint32 connection = m_connection;
    m_input = Input::Discarded; // read() still has what arrived before, unless that was dropped
    m_startedAt = DeadlineQueue::now();
    state = QAbstractSocket::ClosingState;
    m_deadlines->cancel(this);
    scheduleDeadline();
    resumeInput();
    flushNextTurn();
    Q_EMIT q->stateChanged(QAbstractSocket::ClosingState);
    if (!q || m_connection != connection)
        return;
    if (m_outputEnd.isFault())
        outputFailed(m_outputEnd);
    else
        flush();
}

void GruvSocketPrivate::advanceClosing()
{
    if (m_inputEnd.isFault()) {
        inputEnded();
        return;
    }
    if (m_queued > 0)
        return;
    const qint64 now = DeadlineQueue::now();
    const bool hasEnded = m_inputEnd.outcome == Outcome::EndOfStream;
    const bool isDelivered = hasEnded || transport->finishWriting();
    if (hasEnded || (isDelivered && hasLingered(now))) {
        endInOrder();
        return;
    }
    const qint64 step = m_ackCheckAt < 0 ? FirstAckCheck : 2 * m_ackCheckStep;
    m_ackCheckStep = std::min(step, SlowestAckCheck);
    m_ackCheckAt = isDelivered ? lingersUntil() : now + m_ackCheckStep;
    scheduleDeadline();
}

qint64 GruvSocketPrivate::lingersUntil() const
{
    return std::max(m_deliveredAt, m_activeAt) + Linger;
}

bool GruvSocketPrivate::hasLingered(qint64 now)
{
    if (m_deliveredAt < 0)
        m_deliveredAt = now;
    return !transport->awaitsPeer() || now >= lingersUntil();
}
