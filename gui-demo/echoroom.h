// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ECHOROOM_H
#define ECHOROOM_H

#include <QtCore/qbytearray.h>
#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qhash.h>
#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <deque>

class GruvSocket;

// Answers each message of a connection with itself, in order: at once, after a delay, or not at
// all.
class EchoRoom : public QObject
{
    Q_OBJECT

public:
    static constexpr int DropInterval = 10;
    static constexpr qint64 MaximumWaiting = 8 * 1024 * 1024; // bytes of a connection

    explicit EchoRoom(QObject *parent = nullptr);

    std::chrono::milliseconds delay() const;
    void setDelay(std::chrono::milliseconds delay); // of messages that come from now on
    void setDropping(bool dropping); // every 10th message of a connection gets no answer
    bool isReadingPaused() const;
    void setReadingPaused(bool paused);

    void enter(GruvSocket *socket);
    void receive(GruvSocket *socket, const QByteArray &message);
    void leave(GruvSocket *socket);

Q_SIGNALS:
    void answerDropped(GruvSocket *socket);

private:
    struct Answer
    {
        QDeadlineTimer due;
        QByteArray message;
    };
    struct Guest
    {
        QPointer<GruvSocket> socket;
        std::deque<Answer> waiting;
        qint64 waitingBytes = 0;
        qint64 received = 0;
    };

    static qint64 costOf(const QByteArray &message);
    static bool canAnswer(const Guest &guest);
    static bool isAnswerDue(const Guest &guest);
    void answer(quint64 id);
    void answerDue();
    void regulate(quint64 id);
    void regulateAll();
    void schedule(quint64 id);

    QHash<quint64, Guest> m_guests; // by connectionId()
    std::chrono::milliseconds m_delay{ 0 };
    QTimer m_timer;
    bool m_isDropping = false;
    bool m_isReadingPaused = false;
};

#endif // ECHOROOM_H
