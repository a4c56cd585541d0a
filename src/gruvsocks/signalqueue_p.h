// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SIGNALQUEUE_P_H
#define SIGNALQUEUE_P_H

#include <deque>
#include <functional>

/*
    Signals that are due, in the order of what they tell, each told once. Who emits goes on first
   and tells then, so a slot finds everything done, and may run an event loop: what comes up in it
   is told there, after what was due before.
*/
class SignalQueue
{
public:
    using Signal = std::function<void()>;

    void add(Signal signal) { m_due.push_back(std::move(signal)); }
    bool isEmpty() const { return m_due.empty(); }
    bool isTelling() const { return m_depth > 0; }
    void tellFirst()
    {
        const Signal signal = std::move(m_due.front());
        m_due.pop_front();
        ++m_depth;
        signal();
        --m_depth;
    }
    void clear() { m_due.clear(); }

private:
    std::deque<Signal> m_due;
    int m_depth = 0;
};

#endif // SIGNALQUEUE_P_H
