// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "witness.h"

#include "require.h"

#include <cstring>

using Error = GruvSocket::Error;
using Status = GruvSocket::ReadStatus;

Witness::Witness(GruvSocket *socket, qint64 maximum, const std::function<void()> &inSlot)
    : m_socket(socket)
    , m_maximum(maximum)
    , m_inSlot(inSlot)
{
    connect(socket, &QObject::destroyed, this, [this] { m_socket = nullptr; });
    connect(socket, &GruvSocket::connected, this,
            [] { require(false, "what was connected already is not told to connect"); });
    connect(socket, &GruvSocket::errorOccurred, this, [this](Error error) { told(error); });
    connect(socket, &GruvSocket::stateChanged, this, [this](auto state) { stateChanged(state); });
    connect(socket, &GruvSocket::disconnected, this, [this] { ended(); });
    connect(socket, &GruvSocket::bytesWritten, this, [this](qint64 bytes) {
        require(bytes > 0, "bytesWritten() tells of bytes");
        require(m_fault == Error::NoError && !m_disconnected, "nothing is written after the end");
        m_inSlot();
    });
    connect(socket, &GruvSocket::writableChanged, this, [this](bool writable) {
        require(m_fault == Error::NoError && !m_disconnected, "no writableChanged() after the end");
        require(writable == m_socket->isWritable(), "writableChanged() tells what is");
        m_inSlot();
    });
}

void Witness::peerWrote(const char *bytes, qsizetype size)
{
    m_stream.insert(m_stream.end(), bytes, bytes + size);
    parseOn(&m_parsed, m_stream.data(), qsizetype(m_stream.size()), m_maximum);
}

void Witness::setReceiver(Receiver receiver)
{
    disconnect(m_signal);
    m_socket->setMessageHandler({});
    m_receiver = receiver;
    if (receiver == Receiver::Signal)
        m_signal = connect(m_socket, &GruvSocket::messageReceived, this,
                           [this](const QByteArray &message) { received(message); });
    else if (receiver == Receiver::Handler)
        m_socket->setMessageHandler([this](const QByteArray &message) { received(message); });
}

void Witness::received(const QByteArray &message)
{
    require(m_receiver != Receiver::None, "only a receiver receives");
    require(m_fault == Error::NoError && !m_disconnected, "no message after the end");
    deliver(message);
    m_inSlot();
}

void Witness::deliver(const QByteArray &message)
{
    require(m_delivered < m_parsed.messages.size(), "no message is invented");
    const Parsed::Message &expected = m_parsed.messages[m_delivered++];
    require(message.size() == expected.size, "the next message is delivered, whole");
    require(expected.size == 0
                    || std::memcmp(message.constData(), m_stream.data() + expected.at,
                                   size_t(expected.size))
                               == 0,
            "the next message is delivered, with its bytes");
}

// At once; an event loop may run in it.
void Witness::read()
{
    const GruvSocket::ReadResult result = m_socket->read(std::chrono::milliseconds(-1));
    if (result.status == Status::Ok)
        deliver(result.data);
    else
        require(result.data.isEmpty(), "no bytes without a message");
    m_hasReadAll = result.status == Status::Error;
    if (m_socket && m_hasReadAll)
        require(m_socket->state() != QAbstractSocket::ConnectedState,
                "read() fails only where there is no connection");
}

void Witness::told(Error error)
{
    const bool isRefusal = error == Error::NotConnected || error == Error::AlreadyConnected
                           || error == Error::MessageTooLarge || error == Error::WriteBufferFull;
    if (isRefusal) {
        require(m_calls > 0, "only a call is refused");
    } else {
        require(m_fault == Error::NoError, "a fault is told once");
        require(!m_disconnected, "a fault is told before disconnected()");
        require(error != Error::NoError, "a fault has a name");
        m_fault = error;
    }
    require(!m_socket->errorString().isEmpty(), "an error has a text");
    m_inSlot();
}

void Witness::stateChanged(QAbstractSocket::SocketState state)
{
    const bool closes =
            m_state == QAbstractSocket::ConnectedState && state == QAbstractSocket::ClosingState;
    const bool ends = m_state != QAbstractSocket::UnconnectedState
                      && state == QAbstractSocket::UnconnectedState;
    require(closes || ends, "connected, closing, unconnected");
    require(!m_disconnected, "the state is told before disconnected()");
    m_state = state;
    m_inSlot();
}

void Witness::ended()
{
    require(!m_disconnected, "disconnected() comes once");
    require(m_state == QAbstractSocket::UnconnectedState, "stateChanged() comes before it");
    require(m_socket->state() == QAbstractSocket::UnconnectedState, "it is disconnected");
    m_disconnected = true;
    m_inSlot();
}

qsizetype Witness::undeliveredBytes() const
{
    const qsizetype read = m_delivered == 0 ? 0
                                            : m_parsed.messages[m_delivered - 1].at
                                                      + m_parsed.messages[m_delivered - 1].size;
    return qsizetype(m_stream.size()) - read;
}
