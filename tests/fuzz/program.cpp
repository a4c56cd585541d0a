// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "program.h"

#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvsocket_p.h>

#include <memoryinuse.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qelapsedtimer.h>
#include <QtNetwork/qtcpsocket.h>

using Error = GruvSocket::Error;

namespace {

constexpr qsizetype KiB = 1024;
constexpr qint64 Maxima[] = { 0, 1, 63, 1000, 65'536, 1 << 20, 16 << 20, 0x7fff'fffb };
constexpr qsizetype Sizes[] = { 0,    1,      3,      63,     64,     200,     600,     1000,
                                5000, 16'380, 16'384, 65'160, 70'000, 100'000, 200'000, 262'144 };
constexpr qsizetype LargestSize = 262'144;
constexpr qsizetype MostWritten = 1000 * KiB; // by each end, so that an input takes milliseconds
constexpr int MostSteps = 100;
constexpr int DeepestSlot = 3;
constexpr qint64 Patience = 5000; // ms
// Receive buffers, spare blocks, the objects themselves.
constexpr qsizetype FixedMemory = 3000 * KiB;

QByteArray patterned(int number, qsizetype size)
{
    static const QByteArray pattern = [] {
        QByteArray bytes(LargestSize + 256, Qt::Uninitialized);
        for (qsizetype i = 0; i < bytes.size(); ++i)
            bytes[i] = char(i * 7 + i / 251);
        return bytes;
    }();
    return QByteArray(pattern.constData() + number % 256, size);
}

qsizetype sizeOf(uint8_t arg)
{
    return Sizes[arg % std::size(Sizes)];
}

} // namespace

Program::Program(Input input, int mode)
    : m_isTcp(mode & Tcp)
    , m_input(input)
    , m_maximum(Maxima[m_input.byte() % std::size(Maxima)])
    , m_finish(m_input.byte())
    , m_wire(m_isTcp ? Wire::Kind::Tcp : Wire::Kind::Pair, mode & SmallBuffers)
{
    m_memory = liveBytes();
    create(mode);
}

void Program::create(int mode)
{
    const int descriptor = m_wire.takeOther();
    if (descriptor < 0)
        return; // the system is out of something
    if (mode & TakenOver && m_isTcp) {
        auto *const taken = new QTcpSocket;
        taken->setSocketDescriptor(descriptor);
        m_socket = std::make_unique<GruvSocket>(taken);
    } else {
        m_socket = std::make_unique<GruvSocket>();
    }
    GruvSocketOptions options;
    options.maximumMessageSize = m_maximum;
    if (mode & SmallLimits) {
        options.writeBufferLimit = 150'000;
        options.writeHighWatermark = 5000;
        options.writeLowWatermark = 1000;
    }
    m_socket->setOptions(options);
    m_witness = std::make_unique<Witness>(m_socket.get(), m_maximum, [this] { slotRuns(); });
    m_witness->setReceiver(Witness::Receiver((mode & Receivers) / 8 % 3));
    if (m_socket->state() != QAbstractSocket::ConnectedState)
        GruvSocketPrivate::of(m_socket.get())->adopt(descriptor);
}

void Program::run()
{
    if (!m_socket)
        return;
    for (int steps = 0; steps < MostSteps && !m_input.isAtEnd(); ++steps) {
        perform(parse());
        settle();
    }
    finish(m_finish);
}

Program::Step Program::parse()
{
    Step step;
    step.op = Op(m_input.byte() % int(Op::Count));
    step.arg = m_input.byte();
    if (step.op == Op::Literal)
        step.literal = m_input.bytes(step.arg % 64);
    return step;
}

void Program::slotRuns()
{
    if (m_forSlots.empty() || m_depth >= DeepestSlot)
        return;
    const Step step = m_forSlots.front();
    m_forSlots.pop_front();
    ++m_depth;
    perform(step);
    --m_depth;
}

void Program::perform(const Step &step)
{
    if (step.op < Op::Send) {
        performPeer(step);
        return;
    }
    if (!m_socket)
        return;
    const auto keep = GruvSocketPrivate::of(m_socket.get())->shared_from_this();
    if (step.op < Op::Turn)
        performCall(step);
    else
        performOwner(step);
}

void Program::performPeer(const Step &step)
{
    switch (step.op) {
    case Op::Literal:
        peerWrites(step.literal);
        break;
    case Op::Frame:
        peerWrites(FrameCodec::encode(patterned(step.arg, sizeOf(step.arg))));
        break;
    case Op::Bulk:
        peerWrites(patterned(step.arg, sizeOf(step.arg)));
        break;
    case Op::PeerReads:
        peerReads(1 + step.arg * qsizetype(200));
        break;
    default:
        begin(step.op == Op::HalfClose ? 0 : step.op == Op::Reset ? 3 : 4);
        break;
    }
}

void Program::performCall(const Step &step)
{
    switch (step.op) {
    case Op::Send:
    case Op::Broadcast:
        send(patterned(step.arg, sizeOf(step.arg)), step.op == Op::Broadcast);
        break;
    case Op::Pause:
        m_socket->pauseReading();
        break;
    case Op::Resume:
        m_socket->resumeReading();
        break;
    case Op::Hold:
    case Op::Release:
        hold(step.op == Op::Hold);
        break;
    case Op::Disconnect:
        close();
        break;
    default:
        abort();
        break;
    }
}

void Program::performOwner(const Step &step)
{
    switch (step.op) {
    case Op::Turn:
        QCoreApplication::processEvents();
        break;
    case Op::Read:
        m_witness->read();
        break;
    case Op::WaitWritten:
        m_socket->waitForMessagesWritten(std::chrono::milliseconds(-1));
        break;
    case Op::WaitDisconnected:
        m_socket->waitForDisconnected(std::chrono::milliseconds(-1));
        break;
    case Op::Delete:
        m_socket.reset();
        break;
    case Op::Receive:
        if (m_depth == 0)
            m_witness->setReceiver(Witness::Receiver(step.arg % 3));
        break;
    default:
        if (m_depth == 0)
            m_forSlots.push_back(parse());
        break;
    }
}

void Program::peerWrites(const QByteArray &bytes)
{
    if (m_halfClosed || !m_wire.isOpen() || m_written + bytes.size() > MostWritten)
        return;
    const qsizetype written = m_wire.write(bytes.constData(), bytes.size());
    m_written += written;
    m_witness->peerWrote(bytes.constData(), written);
}

void Program::peerReads(qsizetype most)
{
    const Wire::Received saw = m_wire.read(&m_inbox, most);
    if (m_peerSaw == Wire::Received::Nothing || m_peerSaw == Wire::Received::Bytes)
        m_peerSaw = saw;
}

void Program::send(const QByteArray &payload, bool asBroadcast)
{
    if (m_sent + payload.size() > MostWritten)
        return;
    m_sent += payload.size();
    const size_t number = m_outbox.expect(payload);
    m_witness->calls(true);
    const bool accepted =
            asBroadcast
                    ? GruvSocketPrivate::of(m_socket.get())->broadcast(FrameCodec::encode(payload))
                    : m_socket->sendMessage(payload);
    m_witness->calls(false);
    if (!accepted)
        m_outbox.refused(number);
}

// Only what is connected is held.
void Program::hold(bool on)
{
    GruvSocketPrivate *const d = GruvSocketPrivate::of(m_socket.get());
    if (d->isUp())
        d->hold(on);
}

void Program::close()
{
    m_closedHere = m_closedHere || !m_witness->isOver();
    m_socket->disconnectFromHost();
}

void Program::abort()
{
    m_closedHere = m_closedHere || !m_witness->isOver();
    m_aborted = m_aborted || !m_witness->isOver();
    m_socket->abort();
}

// Between two steps nothing of the library is on the stack.
void Program::settle()
{
    m_outbox.peerReceived(std::exchange(m_inbox, {}));
    if (m_isTcp && m_peerSaw == Wire::Received::End) // a pair knows no reset
        require(m_outbox.isBetweenFrames(), "no frame is cut with FIN");
    if (m_socket)
        require(quint64(m_socket->statistics().messagesReceived) == m_witness->delivered(),
                "every message is counted");
    checkMemory();
}

void Program::checkMemory() const
{
    if (m_memory < 0)
        return;
    // Payloads lie in the outbox once, and shared or copied in the socket; the stream of the peer
    // in the witness, with room to grow.
    const qsizetype ours = m_sent + 2 * m_written;
    const qsizetype theirs = 2 * m_witness->undeliveredBytes() + m_outbox.bytesUnderWay();
    require(liveBytes() - m_memory <= ours + theirs + FixedMemory,
            "memory is bounded by what arrived and by what was accepted");
}

// One of the ways to an end.
void Program::begin(int how)
{
    switch (how % 5) {
    case 0:
        if (m_wire.isOpen())
            m_wire.halfClose();
        m_halfClosed = true;
        break;
    case 1:
        close();
        break;
    case 2:
        abort();
        break;
    default:
        m_peerGone = true;
        if (how % 5 == 3)
            m_wire.reset();
        else
            m_wire.close();
        break;
    }
}

void Program::finish(int how)
{
    for (Step &step : m_forSlots) {
        if (step.op == Op::Pause || step.op == Op::Hold)
            step.op = Op::Turn; // nobody would go on
    }
    if (m_socket) {
        GruvSocketPrivate::of(m_socket.get())->hold(false);
        m_socket->resumeReading();
        if (!m_witness->isOver())
            begin(how);
    }
    QElapsedTimer time;
    time.start();
    while (m_socket && !m_witness->isOver()) {
        require(!time.hasExpired(Patience), "every connection ends");
        QCoreApplication::processEvents();
        peerReads(LargestSize);
        if (m_socket && !m_witness->hasReceiver())
            m_witness->read();
        settle();
    }
    while (m_socket && !m_witness->hasReadAll())
        m_witness->read();
    while (m_wire.isOpen() && !hasPeerSeenTheEnd()) { // what the system has taken may still travel
        require(!time.hasExpired(2 * Patience), "the peer sees an end");
        peerReads(LargestSize);
        settle();
    }
    QCoreApplication::processEvents();
    if (m_socket)
        checkEnd();
}

void Program::checkEnd() const
{
    const Error fault = m_witness->fault();
    const Parsed &parsed = m_witness->parsed();
    const Error expected = parsed.end == Parsed::End::TooLarge ? Error::IncomingMessageTooLarge
                           : parsed.end == Parsed::End::BetweenFrames ? Error::NoError
                                                                      : Error::TruncatedMessage;
    if (!m_peerGone && !m_closedHere)
        require(fault == expected, "the peer's end is told as what it was");
    if (!m_peerGone && m_closedHere)
        require(fault == expected || fault == Error::NoError, "a close here is no fault");
    const bool wasCut = fault != expected && fault != Error::NoError;
    if (!m_closedHere && !wasCut)
        require(m_witness->delivered() == parsed.messages.size(), "every message is delivered");
    if (!m_peerGone && !m_aborted && fault == Error::NoError)
        require(m_outbox.hasAllArrived(), "a graceful close loses nothing");
}
