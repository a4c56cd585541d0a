// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STOPONSIGNAL_H
#define STOPONSIGNAL_H

// Ctrl+C and SIGTERM as a function call in an ordinary thread, where everything is allowed that a
// signal handler must not do. Elsewhere than on Unix nothing is installed: Ctrl+C just ends the
// program.

#include <QtCore/qglobal.h>

#include <functional>
#include <utility>

#ifdef Q_OS_UNIX
#include <atomic>
#include <csignal>
#include <future>
#include <pthread.h>
#include <thread>

inline sigset_t stopSignals()
{
    sigset_t signalSet;
    sigemptyset(&signalSet);
    sigaddset(&signalSet, SIGINT);
    sigaddset(&signalSet, SIGTERM);
    return signalSet;
}

// First line of main(): threads inherit the mask, so none may exist yet.
inline void blockStopSignals()
{
    const sigset_t signalSet = stopSignals();
    pthread_sigmask(SIG_BLOCK, &signalSet, nullptr);
}

// Declare it after the objects that the function uses, so that it ends before they do.
class StopOnSignal
{
public:
    explicit StopOnSignal(std::function<void()> stop)
        : m_stop(std::move(stop))
    {}
    ~StopOnSignal();
    Q_DISABLE_COPY_MOVE(StopOnSignal)

    // A signal that came earlier has waited for this.
    void start()
    {
        if (!m_thread.joinable())
            m_thread = std::thread([this] { waitForSignal(); });
    }

private:
    void waitForSignal();

    const std::function<void()> m_stop;
    std::atomic<bool> m_decided = false; // by the first of: a signal, the destructor
    std::promise<void> m_ending;
    std::thread m_thread;
};

inline StopOnSignal::~StopOnSignal()
{
    if (!m_thread.joinable())
        return;
    m_ending.set_value();
    if (!m_decided.exchange(true))
        pthread_kill(m_thread.native_handle(), SIGTERM); // only wakes sigwait()
    m_thread.join();
}

inline void StopOnSignal::waitForSignal()
{
    const sigset_t signalSet = stopSignals();
    int signalNumber = 0;
    sigwait(&signalSet, &signalNumber);
    if (m_decided.exchange(true))
        return;
    pthread_sigmask(SIG_UNBLOCK, &signalSet, nullptr); // a second Ctrl+C ends the program at once
    m_stop();
    m_ending.get_future().wait();
}

#else

inline void blockStopSignals() {}

class StopOnSignal
{
public:
    explicit StopOnSignal(const std::function<void()> &) {}
    void start() {}
};

#endif

#endif // STOPONSIGNAL_H
