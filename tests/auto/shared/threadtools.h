// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef THREADTOOLS_H
#define THREADTOOLS_H

#include <QtCore/qcoreapplication.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qsemaphore.h>

#include <atomic>
#include <functional>
#include <thread>

// What tests with threads have in common. Nothing here waits without an end.
namespace ThreadTools {

constexpr int Patience = 10'000; // ms; a test that waits so long has failed

// Handlers stop at pass() until the test opens the gate for so many of them.
class Gate
{
public:
    bool pass()
    {
        m_arrived.release();
        return m_open.tryAcquire(1, Patience);
    }
    bool awaitArrivals(int count) { return m_arrived.tryAcquire(count, Patience); }
    void open(int count) { m_open.release(count); }

private:
    QSemaphore m_arrived;
    QSemaphore m_open;
};

// Calls rescue when it is not gone after Patience: a call that never returns becomes a failure.
class Watchdog
{
public:
    explicit Watchdog(const std::function<void()> &rescue)
        : m_thread([this, rescue] {
            m_barked = !m_gone.tryAcquire(1, Patience);
            if (m_barked)
                rescue();
        })
    {}
    ~Watchdog() { rest(); }
    // Returns whether it was not needed.
    bool rest()
    {
        m_gone.release();
        if (m_thread.joinable())
            m_thread.join();
        return !m_barked;
    }

private:
    Q_DISABLE_COPY_MOVE(Watchdog)
    QSemaphore m_gone;
    std::atomic<bool> m_barked{ false };
    std::thread m_thread;
};

} // namespace ThreadTools

#endif // THREADTOOLS_H
