// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/connectionpool_p.h>
#include <gruvsocks/gruvsocket_p.h>
#include <gruvsocks/tlsentrance_p.h>

#include <QtCore/qpointer.h>
#include <QtNetwork/qsslsocket.h>

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
    Seat(const std::shared_ptr<EventThread::Seats> &seats, qintptr descriptor,
         ConnectionGuard::Ticket ticket)
        : m_ticket(std::move(ticket))
        , m_seats(seats)
        , m_descriptor(descriptor)
    {
        m_seats->take();
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
        if (const auto seats = std::exchange(m_seats, nullptr))
            seats->leave();
    }
    qintptr takeDescriptor() { return std::exchange(m_descriptor, -1); }
    ConnectionGuard::Ticket *ticket() { return &m_ticket; }

private:
    Q_DISABLE_COPY_MOVE(Seat)
    ConnectionGuard::Ticket m_ticket;
    std::shared_ptr<EventThread::Seats> m_seats; // null: left
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

// Beside a connection, in its thread: tells the server of it. Not of what comes after its end, when
// a slot has connected the socket again: the server deletes it.
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
        if (m_stage != Stage::Unannounced)
            return;
        m_stage = Stage::Announced;
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
    enum class Stage { Unannounced, Announced, Ended };

    void received(const QByteArray &message)
    {
        announce(); // its handler may run an event loop
        if (m_stage == Stage::Ended)
            return;
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
        const Stage before = std::exchange(m_stage, Stage::Ended);
        if (before == Stage::Unannounced)
            m_socket->deleteLater(); // nobody but the handler has seen it
        if (before != Stage::Announced)
            return;
        m_shared->tasks->post([shared = m_shared, id = m_id, socket = m_socket] {
            shared->listener->pooledDisconnected(id, socket);
        });
    }

    GruvSocket *const m_socket;
    const quint64 m_id;
    const std::shared_ptr<Shared> m_shared;
    const std::shared_ptr<Backlog> m_backlog = std::make_shared<Backlog>();
    Stage m_stage = Stage::Unannounced;
    bool m_relays = false;
};

ConnectionPool::ConnectionPool(Listener *listener, const std::shared_ptr<TaskQueue> &tasks,
                               const std::shared_ptr<ConnectionGuard> &guard, int threads)
    : m_shared(new Shared{ listener, tasks, guard })
{
    setThreadCount(threads);
}

bool ConnectionPool::isCallersOwn(const Listener *listener)
{
    return EventThread::isCurrentOneOf(listener);
}

// Those beyond count take no more connections and end with their last one. Where the system has no
// thread to give there are fewer, and the next call tries again.
void ConnectionPool::setThreadCount(int count)
{
    forgetEnded();
    while (int(m_threads.size()) > count) {
        m_threads.back()->retire();
        m_retired.push_back(std::move(m_threads.back()));
        m_threads.pop_back();
    }
    while (int(m_threads.size()) < count) {
        auto thread = EventThread::begin(QStringLiteral("GruvServer %1").arg(m_lastNumber + 1),
                                         m_shared->listener);
        if (!thread)
            return;
        ++m_lastNumber;
        m_threads.push_back(std::move(thread));
    }
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
        return a->seats()->taken() < b->seats()->taken();
    });
}

void ConnectionPool::take(qintptr descriptor, const Newcomer &newcomer)
{
    const std::shared_ptr<EventThread> thread = leastLoaded();
    const auto seat = std::make_shared<Seat>(thread->seats(), descriptor, newcomer.ticket);
    Newcomer known = newcomer;
    known.ticket.reset(); // the seat has it
    thread->post([shared = m_shared, seat, known](QObject *home) {
        if (known.tls) {
            shakeHands(shared, seat, known, home);
            return;
        }
        open(
                shared, seat, known,
                [seat](GruvSocketPrivate *socket) { return socket->adopt(seat->takeDescriptor()); },
                home);
    });
}

void ConnectionPool::endHandshakes()
{
    postToAll([shared = m_shared](QObject *home) {
        TlsEntrance::endAll(home);
        shared->tasks->post([] {}); // who waits for the last seat looks again
    });
}

// In the thread of the connection, as what follows.
void ConnectionPool::shakeHands(const std::shared_ptr<Shared> &shared,
                                const std::shared_ptr<Seat> &seat, const Newcomer &newcomer,
                                QObject *home)
{
    TlsEntrance::of(home)->admit(seat->takeDescriptor(), newcomer.tls,
                                 newcomer.options.connectTimeout,
                                 [=](QSslSocket *encrypted, const QString &failure) {
                                     if (encrypted)
                                         enter(shared, seat, newcomer, encrypted, home);
                                     else
                                         handshakeFailed(shared, seat, newcomer.address, failure);
                                 });
}

// The seat goes first, for who is told counts.
void ConnectionPool::handshakeFailed(const std::shared_ptr<Shared> &shared,
                                     const std::shared_ptr<Seat> &seat, const QHostAddress &address,
                                     const QString &failure)
{
    seat->leave();
    shared->tasks->post([=] { shared->listener->pooledHandshakeFailed(address, failure); });
}

void ConnectionPool::enter(const std::shared_ptr<Shared> &shared, const std::shared_ptr<Seat> &seat,
                           const Newcomer &newcomer, QSslSocket *encrypted, QObject *home)
{
    const auto verdict = shared->guard->enter(newcomer.address, seat->ticket());
    if (verdict == ConnectionGuard::Verdict::Admitted) {
        open(
                shared, seat, newcomer,
                [encrypted](GruvSocketPrivate *socket) { return socket->adopt(encrypted); }, home);
        return;
    }
    delete encrypted;
    seat->leave();
    shared->tasks->post(
            [=, address = newcomer.address] { shared->listener->pooledRefused(address, verdict); });
}

// The handler runs before the first byte is read.
void ConnectionPool::open(const std::shared_ptr<Shared> &shared, const std::shared_ptr<Seat> &seat,
                          const Newcomer &newcomer, const Adopt &adopt, QObject *home)
{
    const QPointer<GruvSocket> socket = new GruvSocket(home);
    socket->setOptions(newcomer.options);
    const bool isAdopted = adopt(GruvSocketPrivate::of(socket));
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
    if (newcomer.handler)
        newcomer.handler(socket);
    const bool isUp = socket && socket->state() != QAbstractSocket::UnconnectedState;
    if (isUp && socket->connectionId() == id)
        reporter->announce();
}

int ConnectionPool::connectionCount() const
{
    int count = 0;
    for (const auto *threads : { &m_threads, &m_retired }) {
        for (const auto &thread : *threads)
            count += thread->seats()->taken();
    }
    return count;
}

// Somebody listens to the messages of all.
void ConnectionPool::relayMessages()
{
    m_shared->relays = true;
    postToAll(relayMessagesOf);
}

void ConnectionPool::postToAll(const std::function<void(QObject *home)> &task)
{
    for (const auto *threads : { &m_threads, &m_retired }) {
        for (const auto &thread : *threads)
            thread->post(task);
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
        thread->end();
    bool haveEnded = true;
    for (const auto &thread : threads)
        haveEnded = thread->wait(deadline) && haveEnded;
    if (!haveEnded)
        new std::shared_ptr<ConnectionPool>(pool);
    return haveEnded;
}
