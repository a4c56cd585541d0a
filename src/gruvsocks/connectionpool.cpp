// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/connectionpool_p.h>
#include <gruvsocks/gruvsocket_p.h>

#include <QtCore/qpointer.h>

#include <algorithm>
#include <utility>

namespace {

// Messages that wait for the server's thread before their connection is held.
constexpr qint64 MostBacklog = 1024 * 1024; // bytes
// What each takes beside its bytes, about.
constexpr qint64 TaskSize = 128;

} // namespace

// An accepted descriptor on its way to a thread, then a place in it.
class ConnectionPool::Seat
{
public:
    Seat(const std::shared_ptr<EventThread> &thread, qintptr descriptor,
         ConnectionGuard::Ticket ticket)
        : m_ticket(std::move(ticket))
        , m_thread(thread.get())
        , m_descriptor(descriptor)
    {
        m_thread->takeSeat();
    }
    ~Seat()
    {
        if (m_descriptor >= 0)
            NativeSocket::close(m_descriptor);
        leave();
    }
    void leave()
    {
        m_ticket.reset();
        if (EventThread *thread = std::exchange(m_thread, nullptr))
            thread->leaveSeat();
    }
    qintptr takeDescriptor() { return std::exchange(m_descriptor, -1); }

private:
    Q_DISABLE_COPY_MOVE(Seat)
    ConnectionGuard::Ticket m_ticket;
    EventThread *m_thread; // it waits for its seats
    qintptr m_descriptor;
};

// Messages of one connection on their way to the server; too many hold its input.
struct ConnectionPool::Backlog
{
    // In the thread of the connection. Returns whether to hold. The server may catch up between the
    // two looks: whoever sees that last lets the connection go on.
    bool add(qint64 size)
    {
        bytes += size;
        if (bytes <= MostBacklog || isHolding)
            return false;
        isHolding = true;
        return bytes > MostBacklog / 2 || !isHolding.exchange(false);
    }
    // In the server's. Returns whether to let it go on.
    bool remove(qint64 size)
    {
        bytes -= size;
        return bytes <= MostBacklog / 2 && isHolding.exchange(false);
    }

    std::atomic<qint64> bytes{ 0 };
    std::atomic<bool> isHolding{ false };
};

// Beside a connection, in its thread: tells the server of it.
class ConnectionPool::Reporter : public QObject
{
public:
    Reporter(GruvSocket *socket, const std::shared_ptr<Shared> &shared)
        : QObject(socket)
        , m_socket(socket)
        , m_id(socket->connectionId())
        , m_shared(shared)
    {
        connect(socket, &GruvSocket::disconnected, this, &Reporter::disconnected);
        if (shared->relays)
            relay();
    }

    void announce()
    {
        if (std::exchange(m_isAnnounced, true))
            return;
        m_shared->tasks->post([listener = m_shared->listener, id = m_id, socket = m_socket] {
            listener->pooledConnected(id, socket);
        });
    }

    void relay()
    {
        if (!std::exchange(m_relays, true))
            connect(m_socket, &GruvSocket::messageReceived, this, &Reporter::received);
    }

private:
    void received(const QByteArray &message)
    {
        announce(); // its handler may run an event loop
        const qint64 size = message.size() + TaskSize;
        m_shared->tasks->post([message, size, shared = m_shared, backlog = m_backlog, id = m_id,
                               socket = m_socket] {
            shared->listener->pooledMessage(id, socket, message);
            if (backlog->remove(size))
                shared->table->use(id, [](GruvSocket *held) {
                    GruvSocketPrivate::of(held)->ask(Mailbox::Request::Release);
                });
        });
        if (m_backlog->add(size))
            GruvSocketPrivate::of(m_socket)->hold(true);
    }

    void disconnected()
    {
        if (!m_isAnnounced) {
            m_socket->deleteLater(); // nobody but the handler has seen it
            return;
        }
        m_shared->tasks->post([shared = m_shared, id = m_id, socket = m_socket] {
            shared->listener->pooledDisconnected(id, socket);
            shared->table->use(id, [](GruvSocket *ended) { ended->deleteLater(); });
        });
    }

    GruvSocket *const m_socket;
    const quint64 m_id;
    const std::shared_ptr<Shared> m_shared;
    const std::shared_ptr<Backlog> m_backlog = std::make_shared<Backlog>();
    bool m_isAnnounced = false;
    bool m_relays = false;
};

ConnectionPool::ConnectionPool(Listener *listener, const std::shared_ptr<TaskQueue> &tasks,
                               int threads)
    : m_shared(new Shared{ listener, tasks })
{
    setThreadCount(threads);
}

bool ConnectionPool::isCallersOwn(const Listener *listener)
{
    return EventThread::isCurrentOneOf(listener);
}

// Those beyond count take no more connections and end with their last one.
void ConnectionPool::setThreadCount(int count)
{
    forgetEnded();
    while (int(m_threads.size()) > count) {
        m_threads.back()->retire();
        m_retired.push_back(std::move(m_threads.back()));
        m_threads.pop_back();
    }
    while (int(m_threads.size()) < count)
        m_threads.push_back(std::make_shared<EventThread>(
                QStringLiteral("GruvServer %1").arg(++m_lastNumber), m_shared->listener));
}

void ConnectionPool::forgetEnded()
{
    m_retired.erase(std::remove_if(m_retired.begin(), m_retired.end(),
                                   [](const auto &thread) { return thread->isFinished(); }),
                    m_retired.end());
}

std::shared_ptr<EventThread> ConnectionPool::leastLoaded() const
{
    return *std::min_element(m_threads.begin(), m_threads.end(), [](const auto &a, const auto &b) {
        return a->seatsTaken() < b->seatsTaken();
    });
}

void ConnectionPool::take(qintptr descriptor, const ConnectionGuard::Ticket &ticket,
                          const GruvSocketOptions &options,
                          const GruvServer::ConnectionHandler &handler)
{
    const std::shared_ptr<EventThread> thread = leastLoaded();
    const auto seat = std::make_shared<Seat>(thread, descriptor, ticket);
    thread->post([shared = m_shared, seat, options, handler](QObject *home) {
        open(shared, seat, options, handler, home);
    });
}

// In the thread of the connection; the handler runs before the first byte is read.
void ConnectionPool::open(const std::shared_ptr<Shared> &shared, const std::shared_ptr<Seat> &seat,
                          const GruvSocketOptions &options,
                          const GruvServer::ConnectionHandler &handler, QObject *home)
{
    const QPointer<GruvSocket> socket = new GruvSocket(home);
    socket->setOptions(options);
    const bool isAdopted = GruvSocketPrivate::of(socket)->adopt(seat->takeDescriptor());
    const quint64 id = socket->connectionId();
    const auto gone = [shared, seat, id] {
        seat->leave(); // first, for who is told counts
        shared->tasks->post([listener = shared->listener, id] { listener->pooledGone(id); });
    };
    if (!isAdopted || !shared->table->add(socket, gone)) {
        delete socket;
        gone();
        return;
    }
    auto *const reporter = new Reporter(socket, shared);
    if (handler)
        handler(socket);
    const bool isUp = socket && socket->state() != QAbstractSocket::UnconnectedState;
    if (isUp && socket->connectionId() == id)
        reporter->announce();
}

int ConnectionPool::connectionCount() const
{
    int count = 0;
    for (const auto *threads : { &m_threads, &m_retired }) {
        for (const auto &thread : *threads)
            count += thread->seatsTaken();
    }
    return count;
}

// Somebody listens to the messages of all.
void ConnectionPool::relayMessages()
{
    m_shared->relays = true;
    for (const auto *threads : { &m_threads, &m_retired }) {
        for (const auto &thread : *threads)
            thread->post(relayMessagesOf);
    }
}

// In a thread: of the connections that live there.
void ConnectionPool::relayMessagesOf(QObject *home)
{
    const auto children = home->findChildren<QObject *>();
    for (QObject *child : children) {
        if (auto *reporter = dynamic_cast<Reporter *>(child))
            reporter->relay();
    }
}

/*
    Ends the threads, and with them quietly what still lives in them. A thread whose slot does not
    return is left to itself, with all that it may use. Returns whether all have ended.
*/
bool ConnectionPool::end(const std::shared_ptr<ConnectionPool> &pool, QDeadlineTimer deadline)
{
    pool->m_shared->table->close();
    pool->m_shared->table->stopAll(); // a slot may wait for its peer
    Threads threads = pool->m_threads;
    threads.insert(threads.end(), pool->m_retired.begin(), pool->m_retired.end());
    for (const auto &thread : threads)
        thread->quit();
    bool haveEnded = true;
    for (const auto &thread : threads)
        haveEnded = thread->wait(deadline) && haveEnded;
    if (!haveEnded)
        new std::shared_ptr<ConnectionPool>(pool);
    return haveEnded;
}
