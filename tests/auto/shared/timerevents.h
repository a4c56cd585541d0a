// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TIMEREVENTS_H
#define TIMEREVENTS_H

#include <QtCore/qcoreevent.h>
#include <QtCore/qobject.h>

#include <functional>

// Calls function with the id of each timer event.
class TimerEvents : public QObject
{
public:
    explicit TimerEvents(const std::function<void(int)> &function = [](int) {})
        : m_function(function)
    {}

protected:
    void timerEvent(QTimerEvent *event) override { m_function(event->timerId()); }

private:
    const std::function<void(int)> m_function;
};

#endif // TIMEREVENTS_H
