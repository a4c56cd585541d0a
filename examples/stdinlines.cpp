// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "stdinlines.h"

#include <QtCore/qscopedvaluerollback.h>

#include <cerrno>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

StdinLines::StdinLines(qsizetype maximumLineSize, QObject *parent)
    : QObject(parent)
    , m_maximumLineSize(maximumLineSize)
    , m_notifier(STDIN_FILENO, QSocketNotifier::Read)
{
    m_notifier.setEnabled(false);
    connect(&m_notifier, &QSocketNotifier::activated, this, &StdinLines::readSome);
}

bool StdinLines::isRunning() const
{
    return m_state == State::Running;
}

void StdinLines::setRunning(bool running)
{
    if (m_state == State::Over || isRunning() == running)
        return;
    m_state = running ? State::Running : State::Stopped;
    m_notifier.setEnabled(running && !m_isAtEnd);
    deliver();
}

bool StdinLines::hasMore() const
{
    int waiting = 0;
    return !m_buffer.isEmpty() || (::ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting > 0);
}

// Not with stdio: what it had buffered already, the notifier would never report.
void StdinLines::readSome()
{
    char chunk[64 * 1024];
    const ssize_t count = ::read(STDIN_FILENO, chunk, sizeof chunk);
    if (count < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (count < 0) {
        const int error = errno;
        finish();
        Q_EMIT failed(QString::fromLocal8Bit(std::strerror(error)));
        return;
    }
    m_buffer.append(chunk, count);
    if (count == 0) {
        m_isAtEnd = true;
        m_notifier.setEnabled(false);
    }
    deliver();
}

void StdinLines::deliver()
{
    if (m_isDelivering)
        return; // setRunning() called by a slot: the loop below goes on or ends by itself
    const QScopedValueRollback guard(m_isDelivering, true);
    deliverLines();
    if (isRunning() && m_buffer.size() > m_maximumLineSize) {
        finish();
        Q_EMIT failed(QStringLiteral("a line longer than %1 bytes").arg(m_maximumLineSize));
    } else if (isRunning() && m_isAtEnd) {
        deliverEnd();
    }
}

void StdinLines::deliverLines()
{
    qsizetype delivered = 0;
    while (isRunning()) {
        const qsizetype newline = m_buffer.indexOf('\n', m_searched);
        m_searched = newline < 0 ? m_buffer.size() : newline + 1;
        if (newline < 0)
            break;
        const QByteArray line = m_buffer.mid(delivered, newline - delivered);
        delivered = m_searched;
        Q_EMIT lineRead(line);
    }
    m_buffer.remove(0, delivered);
    m_searched -= delivered;
}

void StdinLines::deliverEnd()
{
    const QByteArray lastLine = std::exchange(m_buffer, {}); // one without a newline
    m_searched = 0;
    if (!lastLine.isEmpty())
        Q_EMIT lineRead(lastLine);
    finish();
    Q_EMIT ended();
}

void StdinLines::finish()
{
    m_state = State::Over;
    m_notifier.setEnabled(false);
}
