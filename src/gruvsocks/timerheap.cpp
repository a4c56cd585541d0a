// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/timerheap_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <tuple>

namespace {

constexpr qint64 Millisecond = 1'000'000;
constexpr qint64 Second = 1000 * Millisecond;

// Below 20 ms 5 % is less than the clock's millisecond; above 20 s it is more than a second.
constexpr qint64 ShortestCoarse = 20;
constexpr qint64 LongestCoarse = 20'000;

int roundedUp(qint64 time) // to milliseconds
{
    return int(std::clamp<qint64>((time + Millisecond - 1) / Millisecond, 0, INT_MAX));
}

// Under 100 ms: to a multiple of 2 or 4, in the direction of a multiple of 50 or 100.
int roundShort(int interval, int ms)
{
    const int step = interval < 50 ? 2 : 4;
    const int goal = interval < 50 ? 50 : 100;
    const int up = ms % goal >= goal / 2 ? 1 : 0;
    return ((ms / step) | up) * step;
}

// Which multiples a timer of this interval tries to meet.
int goalOf(int interval)
{
    if (interval % 500 == 0)
        return 500;
    if (interval % 50 != 0)
        return 25;
    for (const int multiple : { 200, 100, 250 }) {
        if (interval % multiple == 0)
            return multiple;
    }
    return 50;
}

// Within 5 % of the interval: to a whole second if that is near, else towards a round fraction.
int roundLong(int interval, int ms)
{
    const int earliest = std::max(0, ms - interval / 20);
    const int latest = std::min(1000, ms + interval / 20);
    if (earliest == 0)
        return 0;
    if (latest == 1000)
        return 1000;
    if (interval % 500 == 0 && interval >= 5000)
        return ms >= 500 ? latest : earliest;
    const int goal = goalOf(interval);
    const int below = ms / goal * goal;
    return ms < below + goal / 2 ? std::max(below, earliest) : std::min(below + goal, latest);
}

} // namespace

struct TimerHeap::Timer
{
    int id;
    qint64 interval; // milliseconds; of a very coarse one seconds
    Qt::TimerType type;
    QObject *object;
    qint64 due = 0;
    quint64 order = 0;     // among those due at the same time, and of this registration
    size_t place = 0;      // in the heap
    Timer *next = nullptr; // of the same object
    Timer *previous = nullptr;

    void start(qint64 now);
    void advance(qint64 now);
};

/*
    Qt::CoarseTimer: timers of many objects shall come due together, so each moves by up to 5 % to a
    round fraction of a second (as qtimerinfo_unix.cpp of Qt 6.4 does).
*/
qint64 TimerHeap::coarseDue(qint64 interval, qint64 due, qint64 now)
{
    const int ms = int(due % Second / Millisecond);
    const int span = int(interval);
    const bool isShort = span < 100 && span % 25 != 0;
    const int rounded = isShort ? roundShort(span, ms) : roundLong(span, ms);
    const qint64 result = due - due % Second + rounded * Millisecond;
    return result < now ? result + interval * Millisecond : result;
}

void TimerHeap::Timer::start(qint64 now)
{
    if (type == Qt::CoarseTimer && interval >= LongestCoarse)
        type = Qt::VeryCoarseTimer;
    else if (type == Qt::CoarseTimer && interval <= ShortestCoarse)
        type = Qt::PreciseTimer;
    due = now + interval * Millisecond;
    if (type == Qt::CoarseTimer) {
        due = coarseDue(interval, due, now);
    } else if (type == Qt::VeryCoarseTimer) {
        interval = (interval + 500) / 1000;
        due = (now / Second + interval + (now % Second > Second / 2 ? 1 : 0)) * Second;
    }
}

// After it fired; what was missed is not made up for.
void TimerHeap::Timer::advance(qint64 now)
{
    if (type == Qt::VeryCoarseTimer) {
        due += interval * Second;
        if (due / Second <= now / Second)
            due = (now / Second + interval) * Second;
        return;
    }
    due += interval * Millisecond;
    if (due < now)
        due = now + interval * Millisecond;
    if (type == Qt::CoarseTimer)
        due = coarseDue(interval, due, now);
}

TimerHeap::TimerHeap() = default;
TimerHeap::~TimerHeap() = default;

qint64 TimerHeap::now()
{
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

TimerHeap::Timer *TimerHeap::find(int id) const
{
    const auto found = m_timers.find(id);
    return found == m_timers.end() ? nullptr : found->second.get();
}

void TimerHeap::insert(int id, qint64 interval, Qt::TimerType type, QObject *object, qint64 now)
{
    auto timer = std::make_unique<Timer>(Timer{ id, interval, type, object });
    timer->start(now);
    Timer *&first = m_byObject[object];
    timer->next = first;
    if (first)
        first->previous = timer.get();
    first = timer.get();
    push(timer.get());
    m_timers[id] = std::move(timer);
}

bool TimerHeap::remove(int id)
{
    Timer *const timer = find(id);
    if (!timer)
        return false;
    if (timer->next)
        timer->next->previous = timer->previous;
    if (timer->previous)
        timer->previous->next = timer->next;
    else if (timer->next)
        m_byObject[timer->object] = timer->next;
    else
        m_byObject.remove(timer->object);
    const auto running = std::find(m_running.begin(), m_running.end(), timer);
    if (running == m_running.end())
        take(timer);
    else
        m_running.erase(running);
    m_timers.erase(id);
    return true;
}

bool TimerHeap::removeAll(const QObject *object)
{
    const bool any = !m_timers.empty();
    while (const Timer *first = m_byObject.value(object))
        remove(first->id);
    return any;
}

QList<TimerHeap::TimerInfo> TimerHeap::timersOf(const QObject *object) const
{
    std::vector<const Timer *> timers;
    for (const Timer *timer = m_byObject.value(object); timer; timer = timer->next)
        timers.push_back(timer);
    std::sort(timers.begin(), timers.end(),
              [this](const Timer *a, const Timer *b) { return isEarlier(a, b); });
    QList<TimerInfo> infos;
    for (const Timer *timer : timers) {
        const qint64 unit = timer->type == Qt::VeryCoarseTimer ? 1000 : 1;
        infos.append(TimerInfo(timer->id, int(timer->interval * unit), timer->type));
    }
    return infos;
}

int TimerHeap::remainingTime(int id, qint64 now) const
{
    const Timer *timer = find(id);
    return timer ? roundedUp(timer->due - now) : -1;
}

int TimerHeap::timeUntilNext(qint64 now) const
{
    return m_heap.empty() ? -1 : roundedUp(m_heap.front()->due - now);
}

// Those due now, each once: what becomes due meanwhile has its turn after the event loop's.
int TimerHeap::fire(qint64 now)
{
    if (m_timers.empty())
        return 0;
    skipRunning(now);
    std::vector<Due> due;
    collect(0, now, &due);
    std::sort(due.begin(), due.end(), [](const Due &a, const Due &b) {
        return std::tie(a.time, a.order) < std::tie(b.time, b.order);
    });
    int fired = 0;
    for (const Due &entry : due) {
        Timer *const timer = find(entry.id);
        if (!timer || timer->order != entry.order)
            continue; // it is gone, or a nested event loop has fired it
        fired += timer->interval > 0 ? 1 : 0;
        send(timer, now);
    }
    return fired;
}

void TimerHeap::send(Timer *timer, qint64 now)
{
    take(timer);
    timer->advance(now);
    m_running.push_back(timer);
    QTimerEvent event(timer->id);
    QCoreApplication::sendEvent(timer->object, &event);
    const auto running = std::find(m_running.begin(), m_running.end(), timer);
    if (running == m_running.end())
        return; // stopped, and gone
    m_running.erase(running);
    push(timer);
}

// An event loop inside a timer's own event leaves that timer out.
void TimerHeap::skipRunning(qint64 now)
{
    for (Timer *timer : m_running) {
        if (timer->due <= now)
            timer->advance(now);
    }
}

// The part of the heap from place downwards that is due.
void TimerHeap::collect(size_t place, qint64 now, std::vector<Due> *due) const
{
    if (place >= m_heap.size() || m_heap[place]->due > now)
        return;
    const Timer *timer = m_heap[place];
    due->push_back({ timer->due, timer->order, timer->id });
    collect(2 * place + 1, now, due);
    collect(2 * place + 2, now, due);
}

bool TimerHeap::isEarlier(const Timer *a, const Timer *b) const
{
    return std::tie(a->due, a->order) < std::tie(b->due, b->order);
}

void TimerHeap::put(Timer *timer, size_t place)
{
    m_heap[place] = timer;
    timer->place = place;
}

void TimerHeap::push(Timer *timer)
{
    timer->order = ++m_lastOrder;
    m_heap.push_back(timer);
    timer->place = m_heap.size() - 1;
    siftUp(timer->place);
}

void TimerHeap::take(Timer *timer)
{
    const size_t place = timer->place;
    Timer *const last = m_heap.back();
    m_heap.pop_back();
    if (last == timer)
        return;
    put(last, place);
    siftUp(place);
    siftDown(last->place);
}

void TimerHeap::siftUp(size_t place)
{
    Timer *const timer = m_heap[place];
    while (place > 0 && isEarlier(timer, m_heap[(place - 1) / 2])) {
        put(m_heap[(place - 1) / 2], place);
        place = (place - 1) / 2;
    }
    put(timer, place);
}

void TimerHeap::siftDown(size_t place)
{
    Timer *const timer = m_heap[place];
    while (2 * place + 1 < m_heap.size()) {
        size_t child = 2 * place + 1;
        if (child + 1 < m_heap.size() && isEarlier(m_heap[child + 1], m_heap[child]))
            ++child;
        if (!isEarlier(m_heap[child], timer))
            break;
        put(m_heap[child], place);
        place = child;
    }
    put(timer, place);
}
