// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STDINLINES_H
#define STDINLINES_H

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qsocketnotifier.h>

// Standard input line by line, as signals. Reads only while it runs, and begins stopped.
class StdinLines : public QObject
{
    Q_OBJECT

public:
    explicit StdinLines(qsizetype maximumLineSize, QObject *parent = nullptr);

    bool isRunning() const;
    void setRunning(bool running);
    bool hasMore() const; // that was not delivered, here or still in the system

Q_SIGNALS:
    void lineRead(const QByteArray &line); // without its newline
    void ended();
    void failed(const QString &description);

private:
    enum class State { Stopped, Running, Over };

    void readSome();
    void deliver();
    void deliverLines();
    void deliverEnd();
    void finish();

    const qsizetype m_maximumLineSize;
    QSocketNotifier m_notifier;
    QByteArray m_buffer;
    qsizetype m_searched = 0; // no newline before this
    State m_state = State::Stopped;
    bool m_isAtEnd = false; // read to its end; lines may still wait here
    bool m_isDelivering = false;
};

#endif // STDINLINES_H
