// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DEADLINEQUEUE_P_H
#define DEADLINEQUEUE_P_H

#include <QtCore/qbasictimer.h>
#include <QtCore/qobject.h>

#include <memory>
#include <set>
#include <utility>

// One timer for all deadlines of a thread.
class DeadlineQueue : public QObject
{
    Q_OBJECT
public:
    class Client
    {
    public:
        virtual void deadlineReached() = 0;

    protected:
        ~Client() = default;

    private:
        friend class DeadlineQueue;
        qint64 m_due = -1; // -1: not scheduled
    };

    static std::shared_ptr<DeadlineQueue> ofThisThread();
    static qint64 now(); // ms, monotonic

    void schedule(Client *client, qint64 due);
    void cancel(Client *client);

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    void remove(Client *client);
    void arm();

    std::set<std::pair<qint64, Client *>> m_queue;
    QBasicTimer m_timer;
    qint64 m_armedFor = -1;
};

#endif // DEADLINEQUEUE_P_H
