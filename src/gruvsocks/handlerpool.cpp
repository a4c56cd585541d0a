// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/acceptor_p.h>
#include <gruvsocks/epolldispatcher_p.h>
#include <gruvsocks/handlerpool_p.h>
#include <gruvsocks/nativesocket_p.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace {

constexpr std::chrono::seconds LookInterval{ 1 }; // at those who wait for a thread

// Or until it is notified. For ever is more than a condition can add to the time of now.
void waitUntil(QDeadlineTimer deadline, std::condition_variable *condition,
               std::unique_lock<std::mutex> *lock)
{
    if (deadline.isForever())
        condition->wait(*lock);
    else
        condition->wait_for(*lock, deadline.remainingTimeAsDuration());
}

} // namespace

HandlerPool::HandlerPool(const Setup &setup)
    : m_setup(setup)
    , m_options(setup.options)
    , m_tls(setup.tls)
    , m_threads(setup.maximumThreads)
{}

/*
    Connections beyond the bound wait in the queue of the threads. The listening descriptor, which
    it owns from here on, is accepted from in a thread of its own, for the thread of the GruvServer
    may run no event loop. Returns false, and closes the descriptor, if that thread is not to be
    had.

    The accepting thread also looks at those who wait. Each has a place of maximumConnections: if
    those who have left kept theirs, some that came and went would close the door to all others for
    as long as the handlers are busy. They are asked one by one, and only while there are any, for
    a notifier each would cost more and most are taken at once.

    And when it accepts no more, it goes on looking at them, and it waits in the place of a handler
    that called stop(): others have the drain to come to their end, and the handler may be one of
    them. It ends with the last connection, for nothing can come after that.
*/
bool HandlerPool::accept(qintptr listeningDescriptor)
{
    m_acceptThread.reset(QThread::create([this, listeningDescriptor] {
        awaitBeginning();
        acceptUntilQuit(listeningDescriptor);
        awaitEnd();
    }));
    m_acceptThread->setObjectName(QStringLiteral("GruvServer accept"));
    if (EpollDispatcher::start(m_acceptThread.get()))
        return true;
    m_acceptThread.reset();
    NativeSocket::close(listeningDescriptor);
    return false;
}

void HandlerPool::awaitBeginning()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_hasBegun; });
}

void HandlerPool::begin()
{
    const std::lock_guard lock(m_mutex);
    m_hasBegun = true;
    m_changed.notify_all();
}

void HandlerPool::acceptUntilQuit(qintptr listeningDescriptor)
{
    {
        QTimer look;
        m_look = &look;
        look.setInterval(LookInterval);
        QObject::connect(&look, &QTimer::timeout, &look, [&] {
            if (!m_threads.lookAfterWaiting())
                look.stop();
        });
        QObject home; // of handshakes under way
        const auto accepted = [&](qintptr descriptor) { admit(descriptor, &home); };
        const auto listens = [] { return true; }; // the descriptor is its own
        const Acceptor acceptor(listeningDescriptor, listens, accepted, m_setup.acceptFailed);
        QEventLoop().exec();
    }
    NativeSocket::close(listeningDescriptor);
}

HandlerPool::~HandlerPool()
{
    stop({}, QDeadlineTimer(StopLimit));
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
        m_changed.notify_all();
    }
    if (m_acceptThread)
        m_acceptThread->wait();
}

// In the accepting thread. A stop() that comes later may have the shorter drain.
void HandlerPool::awaitEnd()
{
    QDeadlineTimer look(LookInterval);
    std::unique_lock lock(m_mutex);
    m_isAccepting = false;
    m_changed.notify_all();
    while (!m_isEnding && m_count > 0) {
        waitUntil(std::min(m_drain, look), &m_changed, &lock);
        if (m_drain.hasExpired())
            endDrain(&lock);
        if (look.hasExpired())
            look = lookAfterWaiting(&lock) ? QDeadlineTimer(LookInterval) : QDeadlineTimer::Forever;
    }
    endDrain(&lock);
}

// Returns whether any waits on; if not, nobody will, for nobody comes any more.
bool HandlerPool::lookAfterWaiting(std::unique_lock<std::mutex> *lock)
{
    lock->unlock();
    const bool waits = m_threads.lookAfterWaiting();
    lock->lock();
    return waits;
}

void HandlerPool::endDrain(std::unique_lock<std::mutex> *lock)
{
    auto over = std::exchange(m_over, {});
    m_drain = QDeadlineTimer::Forever;
    lock->unlock();
    if (!over.empty())
        stopAll();
    over.clear();
    lock->lock();
}

void HandlerPool::setOptions(const GruvSocketOptions &options)
{
    const std::lock_guard lock(m_mutex);
    m_options = options;
}

GruvSocketOptions HandlerPool::options()
{
    const std::lock_guard lock(m_mutex);
    return m_options;
}

void HandlerPool::setTls(const Tls::Configuration &tls)
{
    const std::lock_guard lock(m_mutex);
    m_tls = tls;
}

Tls::Configuration HandlerPool::tls()
{
    const std::lock_guard lock(m_mutex);
    return m_tls;
}

// It accepts no more and serves nobody: nothing will happen in it any more.
bool HandlerPool::isOver()
{
    const std::lock_guard lock(m_mutex);
    return !m_isAccepting && m_count == 0;
}

void HandlerPool::stopAccepting()
{
    if (!m_acceptThread)
        return;
    m_acceptThread->quit();
    begin(); // else it would not see that
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return !m_isAccepting; });
}

void HandlerPool::stopAll()
{
    m_table->close();
    m_table->stopAll();
}

void HandlerPool::left()
{
    const std::lock_guard lock(m_mutex);
    if (--m_count == 0)
        m_changed.notify_all();
}

/*
    Connections that no handler has begun to serve are closed; the others have drain to come to
    their end and are aborted then. Returns whether every handler has returned before limit. Not for
    a handler, which cannot wait for itself.
*/
bool HandlerPool::stop(QDeadlineTimer drain, QDeadlineTimer limit)
{
    stopAccepting();
    m_threads.forgetWaiting();
    if (!drain.hasExpired() && m_threads.waitForDone(drain))
        return true;
    stopAll();
    return m_threads.waitForDone(limit);
}

// As stop(), for a handler: it does not wait. Keeps over until the others have had their drain.
void HandlerPool::stopLater(QDeadlineTimer drain, const Token &over)
{
    stopAccepting();
    m_threads.forgetWaiting();
    if (drain.hasExpired()) {
        stopAll(); // at once, and the caller's connection too
        return;
    }
    const std::lock_guard lock(m_mutex);
    if (m_count == 0)
        return; // and the accepting thread has ended, or is about to
    m_drain = std::min(m_drain, drain);
    m_over.push_back(over);
    m_changed.notify_all();
}
