// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TIMERHEAP_P_H
#define TIMERHEAP_P_H

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qhash.h>
#include <QtCore/qlist.h>

#include <memory>
#include <unordered_map>
#include <vector>

// The timers of one thread, by the rules of Qt's unix dispatcher. Times are nanoseconds of a
// monotonic clock, intervals milliseconds.
class TimerHeap
{
public:
    using TimerInfo = QAbstractEventDispatcher::TimerInfo;

    TimerHeap();
    ~TimerHeap();
    static qint64 now();
    static qint64 coarseDue(qint64 interval, qint64 due, qint64 now);

    bool isEmpty() const { return m_timers.empty(); }
    void insert(int id, qint64 interval, Qt::TimerType type, QObject *object, qint64 now);
    bool remove(int id);
    bool removeAll(const QObject *object);
    QList<TimerInfo> timersOf(const QObject *object) const;
    int remainingTime(int id, qint64 now) const; // rounded up; -1: there is no such timer
    int timeUntilNext(qint64 now) const;         // likewise; those whose event is being sent aside
    int fire(qint64 now);                        // sends the events that are due; returns how many

private:
    struct Timer;
    struct Due
    {
        qint64 time;
        quint64 order;
        int id;
    };

    Timer *find(int id) const;
    bool isEarlier(const Timer *a, const Timer *b) const;
    void push(Timer *timer);
    void take(Timer *timer);
    void siftUp(size_t place);
    void siftDown(size_t place);
    void put(Timer *timer, size_t place);
    void collect(size_t place, qint64 now, std::vector<Due> *due) const;
    void send(Timer *timer, qint64 now);
    void skipRunning(qint64 now);

    std::unordered_map<int, std::unique_ptr<Timer>> m_timers;
    QHash<const QObject *, Timer *> m_byObject; // the first of a list
    std::vector<Timer *> m_heap;                // the earliest on top; without those that run
    std::vector<Timer *> m_running;             // whose event is being sent
    quint64 m_lastOrder = 0;
};

#endif // TIMERHEAP_P_H
