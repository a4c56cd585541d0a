// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SESSION_H
#define SESSION_H

#include "options.h"

#include <stdinlines.h>

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

// What both ways of being connected share: input, output, and how it all ends.
class Session : public QObject
{
    Q_OBJECT

public:
    explicit Session(const Options &options);

    virtual void start() = 0;

Q_SIGNALS:
    void finished(int exitCode);

protected:
    const Options &options() const { return m_options; }
    bool isFinishing() const { return m_isFinishing; }
    bool isInputWaiting() const;

    void setInputRunning(bool running);
    void inputEnded();
    void receive(const QByteArray &message);
    void finish(ExitCode exitCode);
    void fail(const QString &sentence);
    void closed(); // the answer to close()

    virtual void send(const QByteArray &message) = 0;
    virtual void close() = 0;

private:
    void print(const QByteArray &message);
    void timeOut();

    const Options m_options;
    StdinLines m_input;
    QTimer m_deadline;
    qint64 m_received = 0;
    ExitCode m_exitCode = Success;
    bool m_isFinishing = false;
};

#endif // SESSION_H
