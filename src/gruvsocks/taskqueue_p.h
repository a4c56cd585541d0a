// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TASKQUEUE_P_H
#define TASKQUEUE_P_H

#include <QtCore/qcoreevent.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>

#include <deque>
#include <functional>
#include <mutex>

// Functions on their way to the thread of an object, in order. One event wakes it for a burst.
class TaskQueue
{
public:
    using Task = std::function<void()>;

    static QEvent::Type tasksEvent(); // what the owner is sent, to call runAll()

    void open(QObject *owner); // tasks may be there already
    void close();              // what is left is destroyed, and what comes
    void post(Task task);      // from any thread
    void runAll();             // in the owner's thread: those of this turn

private:
    void wakeOwner();
    bool take(Task *task);

    std::mutex m_mutex; // not QMutex, which ThreadSanitizer cannot see through
    QObject *m_owner = nullptr;
    bool m_isClosed = false;
    bool m_isEventOnItsWay = false;
    std::deque<Task> m_tasks;
    QPointer<QTimer> m_rest; // the owner's; runs while there are tasks
};

#endif // TASKQUEUE_P_H
