// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>

#include <algorithm>

static constexpr qint64 LongestAlarm = 3'600'000; // ms

/*
    Runs the thread's event loop until done() is true; returns false once deadline has passed.

    All blocking calls end here. The waitFor functions of QAbstractSocket were weighed: they sleep
    through sendMessage() and abort() of other threads, through deadlines and through a name lookup
    (qabstractsocket.cpp), and have a second set of rules for every ending. This way one mechanism
    serves both styles; the price is that other objects of the thread get their events meanwhile.

    It is also asked where the dispatcher is about to block: a turn that has just sent the posted
    event that mattered would go on to wait for another one (the unix dispatcher does).
*/
bool waitInEventLoop(QDeadlineTimer deadline, const std::function<bool()> &done)
{
    QEventLoop loop;
    bool isDone = false; // for done() may take what it has found
    const auto look = [&] { return isDone = isDone || done(); };
    QAbstractEventDispatcher *const dispatcher = QAbstractEventDispatcher::instance();
    QObject::connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &loop, [&] {
        if (!isDone && look()) // once: a loop that runs in a slot meanwhile shall not spin
            dispatcher->interrupt();
    });
    QTimer alarm;
    const auto setAlarm = [&] { // again where it came a little early, or the time is very long
        if (deadline.hasExpired())
            alarm.stop(); // a slot may run an event loop long after it
        else
            alarm.start(int(std::min<qint64>(deadline.remainingTime(), LongestAlarm)));
    };
    QObject::connect(&alarm, &QTimer::timeout, &alarm, setAlarm);
    alarm.setTimerType(Qt::PreciseTimer);
    if (!deadline.isForever())
        setAlarm();
    while (!look()) {
        if (deadline.hasExpired()) {
            if (QThread::currentThread()->loopLevel() == 0)
                loop.processEvents(QEventLoop::ExcludeUserInputEvents); // nobody else does it
            return look();
        }
        loop.processEvents(QEventLoop::ExcludeUserInputEvents | QEventLoop::WaitForMoreEvents);
    }
    return true;
}
