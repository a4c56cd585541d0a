// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/epollset_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace {

constexpr int RetryTime = 50;   // ms; for descriptors or watches, where the system has none
constexpr int MostEvents = 512; // of one wait; the others are still ready in the next
constexpr const char *TypeNames[] = { "Read", "Write", "Exception" };

// How often this process is the child of a fork() that went on in Qt's event loop.
std::atomic<quint32> forks{ 0 };

void countForks()
{
    static const int registered = ::pthread_atfork(
            nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    Q_UNUSED(registered);
}

quint64 tagOf(int descriptor, quint32 generation)
{
    return quint64(generation) << 32 | quint32(descriptor);
}

} // namespace

/*
    Level-triggered, as Qt's notifiers are. The system's set holds just the descriptors that have a
    notifier: one whose last notifier goes is taken out at once, for it may be closed next. What it
    cannot know is a descriptor that is closed while a copy of it lives elsewhere: such an entry
    stays in the set, cannot be named any more and would be told of for ever. It shows by an event
    with a tag that nobody has, and then the set is made anew.

    A program that is out of descriptors has none for the set either. Then poll() does, for a short
    time, after which it is tried again: Qt's own event loops end the program there (Qt 6.4, with
    and without GLib). So it is, beside the set, with a descriptor that the system has no room for
    in there: it is out of memory, or its user watches as many as fs.epoll.max_user_watches.
*/
EpollSet::EpollSet()
{
    countForks();
    m_forks = forks.load(std::memory_order_relaxed);
    open();
}

EpollSet::~EpollSet()
{
    if (m_epoll >= 0)
        ::close(m_epoll);
    if (m_wakeUp >= 0)
        ::close(m_wakeUp);
}

bool EpollSet::open()
{
    if (m_wakeUp < 0)
        openWakeUp();
    if (m_wakeUp >= 0 && m_epoll < 0)
        openSet();
    return m_epoll >= 0;
}

void EpollSet::openWakeUp()
{
    if (m_wakeUp >= 0)
        ::close(m_wakeUp);
    m_wakeUp = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (m_isWakeUpPending && m_wakeUp >= 0) // by a thread that found no descriptor yet
        ::eventfd_write(m_wakeUp, 1);
}

// Without a descriptor for a new set, or a watch for what wakes it up, the old one goes on.
void EpollSet::openSet()
{
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0)
        return;
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.u64 = tagOf(m_wakeUp, 0);
    if (::epoll_ctl(set, EPOLL_CTL_ADD, m_wakeUp, &event) != 0) {
        ::close(set);
        return;
    }
    m_epoll = set;
    m_refused.clear();
    for (auto entry = m_entries.begin(); entry != m_entries.end(); ++entry) {
        if (entry->isPollable)
            watch(entry.key(), &entry.value(), EPOLL_CTL_ADD);
    }
}

// A child of fork() has its parent's set: what it added or took out would be so for both.
void EpollSet::reopenAfterFork()
{
    const quint32 now = forks.load(std::memory_order_relaxed);
    if (Q_LIKELY(m_forks == now))
        return;
    m_forks = now;
    if (m_epoll >= 0)
        ::close(std::exchange(m_epoll, -1));
    openWakeUp();
    open();
}

quint32 EpollSet::eventsOf(const Entry &entry)
{
    constexpr quint32 Events[] = { EPOLLIN, EPOLLOUT, EPOLLPRI };
    quint32 events = 0;
    for (int type = 0; type < Types; ++type)
        events |= entry.notifiers[type] ? Events[type] : 0;
    return events;
}

// An error or a hang-up is told to every notifier of the descriptor.
quint32 EpollSet::readyTypes(const Entry &entry, quint32 events)
{
    constexpr quint32 Events[] = { EPOLLIN, EPOLLOUT, EPOLLPRI };
    quint32 types = 0;
    for (int type = 0; type < Types; ++type) {
        if (entry.notifiers[type] && (events & (Events[type] | EPOLLHUP | EPOLLERR)))
            types |= 1U << type;
    }
    return types;
}

void EpollSet::add(QSocketNotifier *notifier)
{
    reopenAfterFork();
    const int descriptor = int(notifier->socket());
    const int type = notifier->type();
    Entry &entry = m_entries[descriptor];
    QSocketNotifier *&place = entry.notifiers[type];
    if (place && place != notifier)
        qWarning("QSocketNotifier: Multiple socket notifiers for same socket %d and type %s",
                 descriptor, TypeNames[type]);
    const bool isNew = eventsOf(entry) == 0;
    place = notifier;
    if (isNew)
        entry.generation = ++m_lastGeneration;
    if (entry.isPollable)
        watch(descriptor, &entry, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD);
}

void EpollSet::watch(int descriptor, Entry *entry, int operation)
{
    epoll_event event = {};
    event.events = eventsOf(*entry);
    event.data.u64 = tagOf(descriptor, entry->generation);
    if (m_epoll < 0)
        return;
    if (::epoll_ctl(m_epoll, operation, descriptor, &event) == 0)
        return;
    if (errno == EPERM) { // a regular file; poll(2): always ready to be read and written
        entry->isPollable = false;
        m_unpollable.append(descriptor);
    } else if (operation == EPOLL_CTL_MOD && errno == ENOENT) { // closed, and another one now
        watch(descriptor, entry, EPOLL_CTL_ADD);
    } else if (operation == EPOLL_CTL_ADD && errno == EEXIST) { // closed, and its copy is back
        watch(descriptor, entry, EPOLL_CTL_MOD);
    } else if (errno == EBADF) {
        m_invalid.append(descriptor);
    } else if (errno == ENOSPC || errno == ENOMEM) {
        m_refused.insert(descriptor);
    } else {
        qWarning("QSocketNotifier: cannot watch socket %d: %s", descriptor,
                 qPrintable(qt_error_string()));
    }
}

void EpollSet::watchRefused()
{
    const QSet<int> refused = std::exchange(m_refused, {});
    m_retry.setRemainingTime(RetryTime);
    for (const int descriptor : refused)
        watch(descriptor, &m_entries[descriptor], EPOLL_CTL_ADD);
}

void EpollSet::remove(QSocketNotifier *notifier)
{
    reopenAfterFork();
    const int descriptor = int(notifier->socket());
    const int type = notifier->type();
    const auto entry = m_entries.find(descriptor);
    if (entry == m_entries.end() || entry->notifiers[type] != notifier)
        return;
    entry->notifiers[type] = nullptr;
    entry->ready &= ~(1U << type);
    if (eventsOf(*entry) != 0) {
        if (entry->isPollable)
            watch(descriptor, &entry.value(), EPOLL_CTL_MOD);
        return;
    }
    if (entry->isPollable)
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
    else
        m_unpollable.removeOne(descriptor);
    m_invalid.removeAll(descriptor);
    m_refused.remove(descriptor);
    m_entries.erase(entry);
}

bool EpollSet::wait(int milliseconds)
{
    if (Q_UNLIKELY(m_epoll < 0))
        open();
    else if (Q_UNLIKELY(!m_refused.isEmpty()) && m_retry.hasExpired())
        watchRefused();
    disableInvalid();
    if (Q_UNLIKELY(m_epoll < 0))
        return waitWithoutSet(milliseconds, true);
    noteUnpollable();
    if (m_next < m_ready.size())
        milliseconds = 0;
    if (Q_UNLIKELY(!m_refused.isEmpty())) {
        poll(m_refused.values(), milliseconds);
        milliseconds = 0;
    }
    epoll_event events[MostEvents];
    const QDeadlineTimer deadline(milliseconds, Qt::PreciseTimer); // -1: forever
    int count = ::epoll_wait(m_epoll, events, MostEvents, milliseconds);
    while (count < 0 && errno == EINTR)
        count = ::epoll_wait(m_epoll, events, MostEvents, int(deadline.remainingTime()));
    bool isWoken = false;
    bool isClean = true;
    for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 == tagOf(m_wakeUp, 0))
            isWoken = consumeWakeUp();
        else
            isClean = noteEvent(events[i]) && isClean;
    }
    if (!isClean) {
        ::close(std::exchange(m_epoll, -1)); // what it tells of is gone: it is made anew
        openSet();
    }
    return isWoken;
}

// Returns false if it is of a descriptor that nobody watches.
bool EpollSet::noteEvent(const epoll_event &event)
{
    const int descriptor = int(event.data.u64 & 0xffff'ffff);
    const auto entry = m_entries.find(descriptor);
    if (entry == m_entries.end() || entry->generation != event.data.u64 >> 32)
        return false;
    note(descriptor, &entry.value(), readyTypes(*entry, event.events));
    return true;
}

void EpollSet::note(int descriptor, Entry *entry, quint32 types)
{
    if (entry->ready == 0 && types != 0)
        m_ready.push_back(descriptor);
    entry->ready |= types;
}

void EpollSet::noteUnpollable()
{
    for (const int descriptor : std::as_const(m_unpollable)) {
        Entry &entry = m_entries[descriptor];
        note(descriptor, &entry, readyTypes(entry, EPOLLIN | EPOLLOUT));
    }
}

// As poll() would tell.
void EpollSet::disableInvalid()
{
    const QList<int> invalid = std::exchange(m_invalid, {});
    for (const int descriptor : invalid) {
        for (int type = 0; type < Types; ++type) {
            QSocketNotifier *const notifier = m_entries.value(descriptor).notifiers[type];
            if (!notifier)
                continue;
            qWarning("QSocketNotifier: Invalid socket %d with type %s, disabling...", descriptor,
                     TypeNames[type]);
            notifier->setEnabled(false);
        }
    }
}

// A nested event loop goes on where the outer one is; a notifier disabled meanwhile is left out.
int EpollSet::activateReady()
{
    int activated = 0;
    QEvent event(QEvent::SockAct);
    while (m_next < m_ready.size()) {
        const auto entry = m_entries.find(m_ready[m_next]);
        if (entry == m_entries.end() || entry->ready == 0) {
            ++m_next;
            continue;
        }
        int type = 0;
        while (!(entry->ready & (1U << type)))
            ++type;
        entry->ready &= ~(1U << type);
        QCoreApplication::sendEvent(entry->notifiers[type], &event);
        ++activated;
    }
    m_ready.clear();
    m_next = 0;
    return activated;
}

bool EpollSet::waitForWakeUp(int milliseconds)
{
    if (Q_UNLIKELY(m_wakeUp < 0) && !open())
        return waitWithoutSet(milliseconds, false);
    pollfd wakeUp = { m_wakeUp, POLLIN, 0 };
    const QDeadlineTimer deadline(milliseconds, Qt::PreciseTimer);
    int count = ::poll(&wakeUp, 1, milliseconds);
    while (count < 0 && errno == EINTR)
        count = ::poll(&wakeUp, 1, int(deadline.remainingTime()));
    return count > 0 && consumeWakeUp();
}

// Read before the flag is cleared, so that no wake-up is lost: the event it was for is found by the
// next turn anyway.
bool EpollSet::consumeWakeUp()
{
    eventfd_t count;
    ::eventfd_read(m_wakeUp, &count);
    m_isWakeUpPending = false;
    return true;
}

void EpollSet::wakeUp()
{
    if (m_isWakeUpPending.exchange(true))
        return;
    const int descriptor = m_wakeUp;
    if (descriptor >= 0)
        ::eventfd_write(descriptor, 1);
}

bool EpollSet::waitWithoutSet(int milliseconds, bool withNotifiers)
{
    if (m_isWakeUpPending || m_next < m_ready.size())
        milliseconds = 0;
    const bool isWoken = poll(withNotifiers ? m_entries.keys() : QList<int>(), milliseconds);
    return (isWoken || m_isWakeUpPending) && consumeWakeUp();
}

// For a short time, beside the set if there is one. Returns whether woken up.
bool EpollSet::poll(const QList<int> &descriptors, int milliseconds)
{
    std::vector<pollfd> polled = { { m_wakeUp, POLLIN, 0 }, { m_epoll, POLLIN, 0 } }; // or -1
    const size_t first = polled.size();
    for (const int descriptor : descriptors) // their bits are the same
        polled.push_back({ descriptor, short(eventsOf(m_entries[descriptor])), 0 });
    if (milliseconds < 0 || milliseconds > RetryTime)
        milliseconds = RetryTime;
    if (::poll(polled.data(), polled.size(), milliseconds) <= 0)
        return false;
    for (size_t i = first; i < polled.size(); ++i) {
        const int descriptor = polled[i].fd;
        Entry &entry = m_entries[descriptor];
        note(descriptor, &entry, readyTypes(entry, quint32(polled[i].revents)));
        if (polled[i].revents & POLLNVAL)
            m_invalid.append(descriptor);
    }
    return polled.front().revents != 0;
}
