// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/eventwait_p.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <algorithm>

static constexpr qint64 LongestAlarm = 3'600'000; // ms

/*
    Runs the thread's event loop until done() is true; returns false once deadline has passed.

    All blocking calls end here. The waitFor functions of QAbstractSocket were weighed: they sleep
    through sendMessage() and abort() of other threads, through deadlines and through a name lookup
    (qabstractsocket.cpp), and have a second set of rules for every ending. This way one mechanism
    serves both styles; the price is that other objects of the thread get their events meanwhile.
*/
bool waitInEventLoop(QDeadlineTimer deadline, const std::function<bool()> &done)
{
    QEventLoop loop;
    QTimer alarm;
    const auto setAlarm = [&] { // again where it came a little early, or the time is very long
        alarm.start(int(std::min<qint64>(deadline.remainingTime(), LongestAlarm)));
    };
    QObject::connect(&alarm, &QTimer::timeout, &alarm, setAlarm);
    alarm.setTimerType(Qt::PreciseTimer);
    if (!deadline.isForever())
        setAlarm();
    while (!done()) {
        if (deadline.hasExpired())
            return false;
        loop.processEvents(QEventLoop::ExcludeUserInputEvents | QEventLoop::WaitForMoreEvents);
    }
    return true;
}
