// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "session.h"

#include "hexdump.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

Session::Session(const Options &options)
    : m_options(options)
    , m_input(options.largestMessage)
{
    connect(&m_input, &StdinLines::lineRead, this, &Session::send);
    connect(&m_input, &StdinLines::ended, this, &Session::inputEnded);
    connect(&m_input, &StdinLines::failed, this, [this](const QString &description) {
        fail(QStringLiteral("standard input: %1").arg(description));
    });
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &Session::timeOut);
    if (options.timeout.count() > 0)
        m_deadline.start(options.timeout);
}

bool Session::isInputWaiting() const
{
    return !m_options.file && m_input.hasMore();
}

void Session::setInputRunning(bool running)
{
    if (!m_isFinishing)
        m_input.setRunning(running && !m_options.file);
}

void Session::inputEnded()
{
    if (m_options.closesAtEnd)
        finish(Success);
}

void Session::receive(const QByteArray &message)
{
    if (m_options.count > 0 && m_received == m_options.count)
        return; // closing already
    ++m_received;
    print(message);
    if (m_received == m_options.count)
        finish(Success);
}

void Session::print(const QByteArray &message)
{
    const QByteArray line = (m_options.hex ? hexDump(message) : message) + '\n';
    const size_t size = size_t(line.size());
    if (std::fwrite(line.constData(), 1, size, stdout) == size && std::fflush(stdout) == 0)
        return;
    const QString reason = QString::fromLocal8Bit(std::strerror(errno));
    fail(QStringLiteral("cannot write to standard output: %1").arg(reason));
}

void Session::timeOut()
{
    const qint64 wanted = qMax(m_options.count, qint64(1));
    if (m_received >= wanted)
        return finish(Success);
    std::fprintf(stderr, "gruvcat: timeout: %lld of %lld messages received\n",
                 qlonglong(m_received), qlonglong(wanted));
    finish(TimedOut);
}

void Session::finish(ExitCode exitCode)
{
    if (m_isFinishing)
        return;
    setInputRunning(false);
    m_deadline.stop();
    m_exitCode = exitCode;
    m_isFinishing = true;
    close();
}

void Session::fail(const QString &sentence)
{
    std::fprintf(stderr, "gruvcat: %s\n", qUtf8Printable(sentence));
    if (m_isFinishing && m_exitCode == Success)
        m_exitCode = ConnectionFault; // the graceful close failed
    finish(ConnectionFault);
}

void Session::closed()
{
    Q_EMIT finished(m_exitCode);
}
