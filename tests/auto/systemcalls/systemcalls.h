// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SYSTEMCALLS_H
#define SYSTEMCALLS_H

#include <QtCore/qbytearray.h>

#include <array>
#include <atomic>

/*
    Counts system calls, thread by thread: systemcalls.cpp defines the functions of libc that make
    them, and what the executable defines comes before libc's for all shared libraries too. What
    libc calls within itself (stdio, futexes) is not seen.
*/
namespace SystemCalls {

enum Kind {
    Read,    // of a socket
    Write,   // to a socket
    Refused, // one of these that found nothing, or no room
    Wait,    // poll() and the like, once it has returned
    WakeUp,  // a write to an eventfd or a pipe
    Woken,   // a read of one
    Control, // epoll_ctl(), setsockopt(), getsockopt(), ioctl()
    Kinds
};

struct Counts
{
    std::array<int, Kinds> of{};

    int operator[](Kind kind) const { return of[kind]; }
    Counts operator-(const Counts &other) const;
    QByteArray text() const; // what is not 0, such as "3 read, 1 write"
};

// Of one thread, as long as the thread lives. To be read by any thread.
class Meter
{
public:
    void count(Kind kind) { ++m_counts[kind]; }
    Counts now() const;

private:
    std::array<std::atomic<int>, Kinds> m_counts{};
};

Meter *ofThisThread();

} // namespace SystemCalls

#endif // SYSTEMCALLS_H
