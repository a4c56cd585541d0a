// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ECHORUN_H
#define ECHORUN_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>

// Sends all messages without waiting for the answers, and compares what comes back.
class EchoRun : public QObject
{
    Q_OBJECT

public:
    explicit EchoRun(const QList<QByteArray> &messages, std::chrono::milliseconds timeout);

    void start(const QString &host, quint16 port);

Q_SIGNALS:
    void finished(int exitCode);

private:
    void sendMore();
    void compare(const QByteArray &message);
    void conclude();
    void report() const;
    void fail(const QString &sentence);
    QString difference(const QByteArray &message) const;

    const QList<QByteArray> m_messages;
    GruvSocket m_socket;
    QElapsedTimer m_clock;
    qint64 m_nanoseconds = 0;
    qint64 m_bytes = 0;
    qsizetype m_sent = 0;
    qsizetype m_received = 0;
    bool m_isFinished = false;
};

#endif // ECHORUN_H
