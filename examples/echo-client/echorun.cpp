// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "echorun.h"

#include <algorithm>
#include <cstdio>

EchoRun::EchoRun(const QList<QByteArray> &messages, std::chrono::milliseconds timeout)
    : m_messages(messages)
{
    GruvSocketOptions options;
    options.connectTimeout = timeout;
    options.idleTimeout = timeout; // no message either way
    m_socket.setOptions(options);
    connect(&m_socket, &GruvSocket::connected, this, &EchoRun::sendMore);
    connect(&m_socket, &GruvSocket::writableChanged, this, &EchoRun::sendMore);
    connect(&m_socket, &GruvSocket::messageReceived, this, &EchoRun::compare);
    connect(&m_socket, &GruvSocket::disconnected, this, &EchoRun::conclude);
    connect(&m_socket, &GruvSocket::errorOccurred, this,
            [this](GruvSocket::Error, const QString &description) { fail(description); });
}

void EchoRun::start(const QString &host, quint16 port)
{
    m_socket.connectToHost(host, port);
}

void EchoRun::sendMore()
{
    if (!m_clock.isValid())
        m_clock.start();
    while (!m_isFinished && m_sent < m_messages.size() && m_socket.isWritable())
        m_socket.sendMessage(m_messages.at(m_sent++)); // a refusal arrives as errorOccurred()
}

void EchoRun::compare(const QByteArray &message)
{
    if (m_isFinished)
        return;
    if (m_received == m_messages.size())
        return fail(QStringLiteral("the server sent more messages than it was sent"));
    if (message != m_messages.at(m_received))
        return fail(difference(message));
    m_bytes += message.size();
    if (++m_received < m_messages.size())
        return;
    m_nanoseconds = m_clock.nsecsElapsed();
    m_socket.disconnectFromHost();
}

void EchoRun::conclude()
{
    if (m_isFinished)
        return;
    if (m_received < m_messages.size()) {
        return fail(QStringLiteral("the server closed the connection after %1 of %2 messages")
                            .arg(m_received)
                            .arg(m_messages.size()));
    }
    m_isFinished = true;
    report();
    Q_EMIT finished(0);
}

void EchoRun::report() const
{
    const double seconds = double(m_nanoseconds) / 1e9;
    std::printf("messages %lld\n", qlonglong(m_received));
    std::printf("bytes %lld\n", qlonglong(m_bytes));
    std::printf("rate %.1f MB/s\n", double(m_bytes) / 1e6 / seconds);
    std::printf("identical\n");
}

void EchoRun::fail(const QString &sentence)
{
    if (m_isFinished)
        return;
    m_isFinished = true;
    std::fprintf(stderr, "echo-client: %s\n", qUtf8Printable(sentence));
    Q_EMIT finished(1);
}

QString EchoRun::difference(const QByteArray &message) const
{
    const QByteArray &expected = m_messages.at(m_received);
    const QString which = QStringLiteral("message %1 came back different").arg(m_received + 1);
    if (message.size() != expected.size()) {
        return QStringLiteral("%1: %2 bytes instead of %3")
                .arg(which)
                .arg(message.size())
                .arg(expected.size());
    }
    const auto wrong = std::mismatch(message.begin(), message.end(), expected.begin()).first;
    return QStringLiteral("%1: its byte %2 is wrong").arg(which).arg(wrong - message.begin());
}
