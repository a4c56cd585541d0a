// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef END_H
#define END_H

#include "record.h"
#include "script.h"

#include <QtCore/qbasictimer.h>
#include <QtCore/qobject.h>

#include <functional>

// Lives beside a socket, in its thread: plays its script and writes down what it is told.
class End : public QObject
{
public:
    // ended is called, in the thread of the socket, when no more is to come.
    End(GruvSocket *socket, const Script &script, Record *record,
        const std::function<void()> &ended);

    // Begins to send; for a client after connectToHost().
    void begin();
    // Its messages are sent by another thread, which calls this for each, and then allSent().
    static void send(GruvSocket *socket, const QByteArray &message, Record *record);
    void allSent();

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    void watch();
    void received(const QByteArray &message);
    void failed(GruvSocket::Error error);
    void stateChanged(QAbstractSocket::SocketState state);
    void step();
    void closeIfDone();
    void close(bool byAbort);
    void note(int *count);
    bool takesMessages() const;

    GruvSocket *const m_socket;
    const Script m_script;
    Record *const m_record;
    const std::function<void()> m_ended;
    QBasicTimer m_timer;
    Random m_random;
    int m_steps = 0;
    int m_next = 0; // message
    bool m_allSent = false;
};

#endif // END_H
