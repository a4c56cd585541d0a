// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef EPOLLSET_P_H
#define EPOLLSET_P_H

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qhash.h>
#include <QtCore/qlist.h>
#include <QtCore/qset.h>
#include <QtCore/qsocketnotifier.h>

#include <atomic>
#include <vector>

struct epoll_event;

// The descriptors one thread watches, in an epoll set of the system; Linux.
class EpollSet
{
public:
    EpollSet();
    ~EpollSet();

    void add(QSocketNotifier *notifier);
    void remove(QSocketNotifier *notifier);

    void reopenAfterFork();
    bool wait(int milliseconds);          // for notifiers and wakeUp(); returns if woken by that
    bool waitForWakeUp(int milliseconds); // for it alone
    int activateReady();                  // sends what wait() found; returns how many
    void wakeUp();                        // from any thread

private:
    Q_DISABLE_COPY_MOVE(EpollSet)
    static constexpr int Types = 3; // QSocketNotifier::Read, Write, Exception

    struct Entry
    {
        QSocketNotifier *notifiers[Types] = {};
        quint32 generation = 0; // another one when a descriptor's number is used again
        quint32 ready = 0;      // a bit for each type
        bool isPollable = true; // a regular file is not: it is always ready
    };

    bool open();
    void openSet();
    void openWakeUp();
    static quint32 eventsOf(const Entry &entry);
    static quint32 readyTypes(const Entry &entry, quint32 events);
    void watch(int descriptor, Entry *entry, int operation);
    void note(int descriptor, Entry *entry, quint32 types);
    bool noteEvent(const epoll_event &event);
    void noteUnpollable();
    void disableInvalid();
    bool consumeWakeUp();
    void watchRefused();
    bool waitWithoutSet(int milliseconds, bool withNotifiers);
    bool poll(const QList<int> &descriptors, int milliseconds);

    int m_epoll = -1;
    std::atomic<int> m_wakeUp{ -1 }; // an eventfd
    std::atomic<bool> m_isWakeUpPending{ false };
    quint32 m_forks = 0; // this set was opened after so many
    QHash<int, Entry> m_entries;
    QList<int> m_unpollable;
    QList<int> m_invalid;     // descriptors that the system does not know
    QSet<int> m_refused;      // that it has no room for now
    QDeadlineTimer m_retry;   // of those
    std::vector<int> m_ready; // from m_next on: to be activated
    size_t m_next = 0;
    quint32 m_lastGeneration = 0;
};

#endif // EPOLLSET_P_H
