// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "meter.h"
#include "side.h"

#include <deque>

#include <zmq.h>

/*
    One way PUSH/PULL, echo REQ/REP (DEALER/ROUTER where several messages are in flight), broadcast
    XPUB/SUB. Messages are sent by zmq_send_const(), which does not copy them.
*/
namespace {

constexpr int Queue = 16'384; // messages; the default of 1000 is slower with small ones

void check(int result, const char *what)
{
    if (result >= 0)
        return;
    std::fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    std::exit(1);
}

class Context
{
public:
    Context() { zmq_ctx_set(m_context, ZMQ_MAX_SOCKETS, 20'000); }
    ~Context() { zmq_ctx_term(m_context); }
    void *get() const { return m_context; }

private:
    Q_DISABLE_COPY_MOVE(Context)
    void *m_context = zmq_ctx_new();
};

class Socket
{
public:
    Socket(const Context &context, int type, qint64 messageSize)
        : m_socket(zmq_socket(context.get(), type))
    {
        check(m_socket ? 0 : -1, "zmq_socket");
        const int queue = int(std::clamp<qint64>((64 << 20) / messageSize, 4, Queue));
        set(ZMQ_SNDHWM, queue);
        set(ZMQ_RCVHWM, queue);
        set(ZMQ_LINGER, 0);
        set(ZMQ_IMMEDIATE, 1);
        set(ZMQ_BACKLOG, 4096);
    }
    Socket(Socket &&other) noexcept
        : m_socket(std::exchange(other.m_socket, nullptr))
    {}
    ~Socket()
    {
        if (m_socket)
            zmq_close(m_socket);
    }
    void *get() const { return m_socket; }
    void set(int option, int value) { zmq_setsockopt(m_socket, option, &value, sizeof value); }

    quint16 bind()
    {
        check(zmq_bind(m_socket, "tcp://127.0.0.1:*"), "zmq_bind");
        char endpoint[64];
        size_t size = sizeof endpoint;
        check(zmq_getsockopt(m_socket, ZMQ_LAST_ENDPOINT, endpoint, &size), "zmq_getsockopt");
        return QByteArray(endpoint).split(':').last().toUShort();
    }
    void connect(quint16 port)
    {
        const QByteArray endpoint = "tcp://127.0.0.1:" + QByteArray::number(port);
        check(zmq_connect(m_socket, endpoint.constData()), "zmq_connect");
    }
    void awaitConnected()
    {
        zmq_pollitem_t item = { m_socket, 0, ZMQ_POLLOUT, 0 };
        check(zmq_poll(&item, 1, 30'000), "zmq_poll");
    }
    void send(const QByteArray &message)
    {
        check(zmq_send_const(m_socket, message.constData(), size_t(message.size()), 0), "zmq_send");
    }
    // Returns false where nothing is there (ZMQ_DONTWAIT).
    template<typename Receiver>
    bool receive(int flags, Receiver receive)
    {
        zmq_msg_t message;
        zmq_msg_init(&message);
        const bool received = zmq_msg_recv(&message, m_socket, flags) >= 0;
        if (received)
            receive(static_cast<const char *>(zmq_msg_data(&message)),
                    qsizetype(zmq_msg_size(&message)));
        zmq_msg_close(&message);
        return received;
    }

private:
    void *m_socket;
};

int sink(const Task &task)
{
    const Context context;
    Socket socket(context, ZMQ_PULL, task.size);
    const Ring ring(task.size);
    Checker checker(ring);
    Meter::ready(socket.bind());
    bool ended = false;
    bool complete = false;
    while (!ended) {
        socket.receive(0, [&](const char *data, qsizetype size) {
            ended = size == EndMarkerSize;
            if (ended)
                complete = isEndMarker(QByteArray(data, size), checker.count());
            else
                checker.take(data, size);
        });
    }
    Meter::reportArrivals(checker, complete);
    Meter::lingerUntilDismissed();
    return 0;
}

int feed(const Task &task)
{
    const Context context;
    Socket socket(context, ZMQ_PUSH, task.size);
    const Ring ring(task.size);
    socket.connect(task.port);
    socket.awaitConnected();
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, Meter::strideFor(task.size));
    qint64 sent = 0;
    while (!watch.isOver())
        socket.send(ring.at(sent++));
    const QByteArray marker = endMarker(sent); // it and the ring live until the driver has finished
    socket.send(marker);
    Meter::reportStart(watch.start());
    Meter::lingerUntilDismissed();
    return 0;
}

// Sends every part back as it came: with ROUTER the first one says to whom.
int echo(const Task &task)
{
    const Context context;
    Socket socket(context, task.inFlight > 1 ? ZMQ_ROUTER : ZMQ_REP, task.size);
    Meter::ready(socket.bind());
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, socket.get(), 0) >= 0) {
        if (task.digest) {
            const QByteArray digest =
                    contentDigest(static_cast<const char *>(zmq_msg_data(&message)),
                                  qsizetype(zmq_msg_size(&message)));
            check(zmq_send(socket.get(), digest.constData(), size_t(digest.size()), 0), "zmq_send");
            continue;
        }
        const int more = zmq_msg_more(&message) ? ZMQ_SNDMORE : 0;
        check(zmq_msg_send(&message, socket.get(), more), "zmq_msg_send");
    }
    return 0;
}

int pingPong(const Task &task)
{
    const Context context;
    Socket socket(context, ZMQ_REQ, task.size);
    const Ring ring(task.size);
    Checker checker(ring, task.digest);
    Meter::Latencies latencies;
    socket.connect(task.port);
    socket.awaitConnected();
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    for (qint64 sent = 0; !watch.isOver(); ++sent) {
        const qint64 start = Meter::now();
        socket.send(ring.at(sent));
        socket.receive(0, [&](const char *data, qsizetype size) { checker.take(data, size); });
        latencies.add(Meter::now() - start);
    }
    Meter::reportEchoes(watch.start(), &latencies, checker.isRight());
    Meter::lingerUntilDismissed();
    return 0;
}

std::vector<Socket> connectMany(const Context &context, int type, const Task &task, int count)
{
    std::vector<Socket> sockets;
    for (int i = 0; i < count; ++i) {
        sockets.emplace_back(context, type, task.size);
        if (type == ZMQ_SUB)
            zmq_setsockopt(sockets.back().get(), ZMQ_SUBSCRIBE, "", 0);
        sockets.back().connect(task.port);
    }
    for (Socket &socket : sockets) {
        if (type != ZMQ_SUB)
            socket.awaitConnected();
    }
    return sockets;
}

int bounce(const Task &task)
{
    const Context context;
    const Ring ring(task.size);
    std::vector<Socket> sockets = connectMany(context, ZMQ_DEALER, task, task.connections);
    std::vector<zmq_pollitem_t> items;
    for (const Socket &socket : sockets)
        items.push_back({ socket.get(), 0, ZMQ_POLLIN, 0 });
    std::vector<Checker> checkers(sockets.size(), Checker(ring));
    std::vector<std::deque<qint64>> sentAt(sockets.size());
    Meter::Latencies latencies;
    bool right = true;
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    const auto send = [&](size_t i) {
        sockets[i].send(ring.at(checkers[i].count() + qint64(sentAt[i].size())));
        sentAt[i].push_back(Meter::now());
    };
    for (size_t i = 0; i < sockets.size() * size_t(task.inFlight); ++i)
        send(i % sockets.size());
    while (!watch.isOver() && right) {
        check(zmq_poll(items.data(), int(items.size()), 1000), "zmq_poll");
        for (size_t i = 0; i < items.size(); ++i) {
            const auto receive = [&](const char *data, qsizetype size) {
                checkers[i].take(data, size);
                latencies.add(Meter::now() - sentAt[i].front());
                sentAt[i].pop_front();
                send(i);
            };
            while (items[i].revents && sockets[i].receive(ZMQ_DONTWAIT, receive)) {
            }
            right = right && checkers[i].isRight();
        }
    }
    Meter::reportEchoes(watch.start(), &latencies, right);
    Meter::lingerUntilDismissed();
    std::exit(0);
}

int reconnect(const Task &task)
{
    const Context context;
    const Ring ring(task.size);
    Meter::Latencies latencies;
    bool right = true;
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    while (!watch.isOver() && right) {
        const qint64 start = Meter::now();
        Socket socket(context, ZMQ_REQ, task.size);
        socket.connect(task.port);
        socket.awaitConnected();
        Checker checker(ring);
        socket.send(ring.at(0));
        socket.receive(0, [&](const char *data, qsizetype size) { checker.take(data, size); });
        right = checker.isRight();
        latencies.add(Meter::now() - start);
    }
    Meter::reportEchoes(watch.start(), &latencies, right);
    Meter::lingerUntilDismissed();
    return 0;
}

int idle(const Task &task)
{
    const Context context;
    std::vector<Socket> sockets = connectMany(context, ZMQ_REQ, task, task.idle);
    const Ring ring(task.size);
    for (Socket &socket : sockets)
        socket.send(ring.at(0));
    for (Socket &socket : sockets)
        socket.receive(0, [](const char *, qsizetype) {});
    Meter::say("connected");
    Meter::lingerUntilDismissed();
    std::exit(0);
}

int publish(const Task &task)
{
    const Context context;
    Socket socket(context, ZMQ_XPUB, task.size);
    socket.set(ZMQ_XPUB_VERBOSE, 1);
    const Ring ring(task.size);
    Meter::ready(socket.bind());
    for (int subscribed = 0; subscribed < task.connections; ++subscribed)
        socket.receive(0, [](const char *, qsizetype) {});
    Meter::say("subscribed");
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    qint64 sent = 0;
    while (!watch.isOver())
        socket.send(ring.at(sent++));
    const QByteArray marker = endMarker(sent);
    socket.send(marker);
    Meter::reportStart(watch.start());
    Meter::lingerUntilDismissed();
    return 0;
}

int subscribe(const Task &task)
{
    const Context context;
    const Ring ring(task.size);
    std::vector<Socket> sockets = connectMany(context, ZMQ_SUB, task, task.connections);
    std::vector<zmq_pollitem_t> items;
    for (const Socket &socket : sockets)
        items.push_back({ socket.get(), 0, ZMQ_POLLIN, 0 });
    std::vector<Checker> checkers(sockets.size(), Checker(ring));
    Meter::say("connected");
    int ended = 0;
    bool right = true;
    while (ended < task.connections) {
        check(zmq_poll(items.data(), int(items.size()), 1000), "zmq_poll");
        for (size_t i = 0; i < items.size(); ++i) {
            const auto receive = [&](const char *data, qsizetype size) {
                if (size != EndMarkerSize) {
                    checkers[i].take(data, size);
                    return;
                }
                ++ended;
                right = right && isEndMarker(QByteArray(data, size), checkers[i].count());
            };
            while (items[i].revents && sockets[i].receive(ZMQ_DONTWAIT, receive)) {
            }
        }
    }
    qint64 count = 0;
    for (const Checker &checker : checkers) {
        count += checker.count();
        right = right && checker.isRight();
    }
    Meter::reportArrivals(count, right);
    Meter::lingerUntilDismissed();
    std::exit(0);
}

int serve(const Task &task)
{
    switch (task.work) {
    case Task::Work::OneWay:
        return sink(task);
    case Task::Work::Broadcast:
        return publish(task);
    default:
        return echo(task);
    }
}

} // namespace

bool zeroMqCan(const Task &task)
{
    return task.burn == 0;
}

int runZeroMq(const Task &task)
{
    if (task.role == Task::Role::Server)
        return serve(task);
    if (task.role == Task::Role::Idle)
        return idle(task);
    switch (task.work) {
    case Task::Work::OneWay:
        return feed(task);
    case Task::Work::Broadcast:
        return subscribe(task);
    case Task::Work::Accept:
        return reconnect(task);
    default:
        return task.inFlight > 1 ? bounce(task) : pingPong(task);
    }
}
