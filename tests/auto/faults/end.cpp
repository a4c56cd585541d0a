// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "end.h"

#include <QtCore/qcoreevent.h>
#include <QtCore/qtimer.h>

#include <algorithm>

static bool isRefusal(GruvSocket::Error error)
{
    return error < GruvSocket::Error::HostNotFound;
}

End::End(GruvSocket *socket, const Script &script, Record *record,
         const std::function<void()> &ended)
    : m_socket(socket)
    , m_script(script)
    , m_record(record)
    , m_ended(ended)
    , m_random(Random::of({ script.id, quint64(script.messages) }))
{
    watch();
}

void End::watch()
{
    connect(m_socket, &GruvSocket::messageReceived, this, &End::received);
    connect(m_socket, &GruvSocket::errorOccurred, this, &End::failed);
    connect(m_socket, &GruvSocket::stateChanged, this, &End::stateChanged);
    connect(m_socket, &GruvSocket::connected, this, [this] {
        note(&m_record->connected);
        m_record->clientPort = m_socket->localPort();
        if (!m_script.sendsEarly)
            begin();
    });
    connect(m_socket, &GruvSocket::disconnected, this, [this] {
        note(&m_record->disconnected);
        m_record->text = m_socket->errorString();
        m_timer.stop();
        m_ended();
    });
    int *const late = &m_record->late;
    connect(m_socket, &GruvSocket::bytesWritten, this, [=] { *late += m_record->disconnected; });
    connect(m_socket, &GruvSocket::writableChanged, this, [=] { *late += m_record->disconnected; });
}

void End::note(int *count)
{
    m_record->late += m_record->disconnected;
    ++*count;
}

bool End::takesMessages() const
{
    const auto state = m_socket->state();
    return state != QAbstractSocket::UnconnectedState && state != QAbstractSocket::ClosingState;
}

void End::begin()
{
    m_timer.start(0, this);
}

void End::received(const QByteArray &message)
{
    m_record->late += m_record->disconnected;
    m_record->received.emplace_back(message);
    const int count = int(m_record->received.size());
    if (m_script.echoes && takesMessages())
        send(m_socket, message, m_record);
    if (count == m_script.pauseAtCount && takesMessages()) {
        m_socket->pauseReading();
        QTimer::singleShot(0, m_socket, &GruvSocket::resumeReading);
    }
    closeIfDone();
}

void End::failed(GruvSocket::Error error)
{
    if (isRefusal(error))
        return;
    note(&m_record->faults);
    m_record->fault = error;
    m_record->text = m_socket->errorString();
}

// disconnected() follows where the connection had come up.
void End::stateChanged(QAbstractSocket::SocketState state)
{
    m_record->late += m_record->disconnected;
    if (state == QAbstractSocket::UnconnectedState && !m_record->cameUp()) {
        m_timer.stop();
        m_ended();
    }
}

void End::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_timer.timerId())
        step();
}

void End::step()
{
    if (!takesMessages()) {
        m_timer.stop();
        return;
    }
    if (++m_steps == m_script.abortAtStep) {
        close(true);
        return;
    }
    const int burst = m_random.between(1, 4);
    const int count = m_script.sendsInThread ? 0 : m_script.messages;
    for (int i = 0; i < burst && m_next < count && takesMessages(); ++i)
        send(m_socket, messageOf(m_script, m_next++), m_record);
    if (m_next < count || m_steps < m_script.abortAtStep)
        return;
    m_timer.stop();
    if (!m_script.sendsInThread)
        allSent();
}

void End::send(GruvSocket *socket, const QByteArray &message, Record *record)
{
    if (socket->sendMessage(message))
        record->sent.emplace_back(message);
}

void End::allSent()
{
    m_allSent = true;
    if (m_script.closesWhenSent && takesMessages())
        close(m_script.closesByAbort);
    else
        closeIfDone();
}

void End::closeIfDone()
{
    const size_t count = m_record->received.size();
    const bool atCount = m_script.closeAtCount > 0 && count >= size_t(m_script.closeAtCount);
    // Asked in this order, for until then another thread may still write there.
    const auto isAnswered = [&] { return m_allSent && count >= m_record->sent.size(); };
    if (takesMessages() && (atCount || (m_script.closesWhenAnswered && isAnswered())))
        close(m_script.closesByAbort);
}

void End::close(bool byAbort)
{
    m_timer.stop();
    (byAbort ? m_record->hasAborted : m_record->hasClosed) = true;
    m_record->hasClosedInMidst = m_script.sendsInThread && !m_allSent;
    if (byAbort)
        m_socket->abort();
    else
        m_socket->disconnectFromHost();
}
