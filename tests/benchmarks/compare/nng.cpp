// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "meter.h"
#include "side.h"

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

/*
    One way PUSH/PULL, echo REQ/REP with one message in flight. What needs many sockets served at
    once in one thread (100 connections with 16 messages each, 1 000 subscribers) has no row.
*/
namespace {

void check(int error, const char *what)
{
    if (error == 0)
        return;
    std::fprintf(stderr, "%s: %s\n", what, nng_strerror(error));
    std::exit(1);
}

class Socket
{
public:
    explicit Socket(int (*open)(nng_socket *))
    {
        check(open(&m_socket), "nng open");
        check(nng_socket_set_size(m_socket, NNG_OPT_RECVMAXSZ, 0), "NNG_OPT_RECVMAXSZ");
    }
    ~Socket() { nng_close(m_socket); }
    nng_socket get() const { return m_socket; }

    quint16 listen()
    {
        nng_listener listener;
        check(nng_listen(m_socket, "tcp://127.0.0.1:0", &listener, 0), "nng_listen");
        int port = 0;
        check(nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port), "bound port");
        return quint16(port);
    }
    void dial(quint16 port) // returns when connected
    {
        const QByteArray url = "tcp://127.0.0.1:" + QByteArray::number(port);
        check(nng_dial(m_socket, url.constData(), nullptr, 0), "nng_dial");
    }
    void send(const QByteArray &message)
    {
        nng_msg *copy = nullptr;
        check(nng_msg_alloc(&copy, size_t(message.size())), "nng_msg_alloc");
        std::memcpy(nng_msg_body(copy), message.constData(), size_t(message.size()));
        check(nng_sendmsg(m_socket, copy, 0), "nng_sendmsg");
    }
    nng_msg *receive()
    {
        nng_msg *message = nullptr;
        check(nng_recvmsg(m_socket, &message, 0), "nng_recvmsg");
        return message;
    }
    void receiveInto(Checker *checker)
    {
        nng_msg *message = receive();
        checker->take(static_cast<const char *>(nng_msg_body(message)),
                      qsizetype(nng_msg_len(message)));
        nng_msg_free(message);
    }

private:
    Q_DISABLE_COPY_MOVE(Socket)
    nng_socket m_socket = NNG_SOCKET_INITIALIZER;
};

int sink(const Task &task)
{
    Socket socket(nng_pull0_open);
    const Ring ring(task.size);
    Checker checker(ring);
    Meter::ready(socket.listen());
    bool complete = false;
    while (true) {
        nng_msg *message = socket.receive();
        const auto *data = static_cast<const char *>(nng_msg_body(message));
        const auto size = qsizetype(nng_msg_len(message));
        const bool ended = size == EndMarkerSize;
        if (ended)
            complete = isEndMarker(QByteArray(data, size), checker.count());
        else
            checker.take(data, size);
        nng_msg_free(message);
        if (ended)
            break;
    }
    Meter::reportArrivals(checker, complete);
    Meter::lingerUntilDismissed();
    return 0;
}

int feed(const Task &task)
{
    Socket socket(nng_push0_open);
    const Ring ring(task.size);
    socket.dial(task.port);
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, Meter::strideFor(task.size));
    qint64 sent = 0;
    while (!watch.isOver())
        socket.send(ring.at(sent++));
    socket.send(endMarker(sent));
    Meter::reportStart(watch.start());
    Meter::lingerUntilDismissed();
    return 0;
}

int echo(const Task &task)
{
    Socket socket(nng_rep0_open);
    Meter::ready(socket.listen());
    while (true) {
        nng_msg *const message = socket.receive();
        if (task.digest) {
            const auto *body = static_cast<const char *>(nng_msg_body(message));
            socket.send(contentDigest(body, qsizetype(nng_msg_len(message))));
            nng_msg_free(message);
        } else {
            check(nng_sendmsg(socket.get(), message, 0), "nng_sendmsg");
        }
    }
}

int pingPong(const Task &task)
{
    Socket socket(nng_req0_open);
    const Ring ring(task.size);
    Checker checker(ring, task.digest);
    Meter::Latencies latencies;
    socket.dial(task.port);
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    for (qint64 sent = 0; !watch.isOver(); ++sent) {
        const qint64 start = Meter::now();
        socket.send(ring.at(sent));
        socket.receiveInto(&checker);
        latencies.add(Meter::now() - start);
    }
    Meter::reportEchoes(watch.start(), &latencies, checker.isRight());
    Meter::lingerUntilDismissed();
    return 0;
}

int reconnect(const Task &task)
{
    const Ring ring(task.size);
    Meter::Latencies latencies;
    bool right = true;
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    while (!watch.isOver() && right) {
        const qint64 start = Meter::now();
        Socket socket(nng_req0_open);
        socket.dial(task.port);
        Checker checker(ring);
        socket.send(ring.at(0));
        socket.receiveInto(&checker);
        right = checker.isRight();
        latencies.add(Meter::now() - start);
    }
    Meter::reportEchoes(watch.start(), &latencies, right);
    Meter::lingerUntilDismissed();
    return 0;
}

int idle(const Task &task)
{
    Socket socket(nng_req0_open); // one socket, a connection for each dialler
    const Ring ring(task.size);
    Checker checker(ring);
    for (int i = 0; i < task.idle; ++i)
        socket.dial(task.port);
    socket.send(ring.at(0));
    socket.receiveInto(&checker);
    Meter::say("connected");
    Meter::lingerUntilDismissed();
    std::exit(0);
}

} // namespace

bool nngCan(const Task &task)
{
    return task.burn == 0 && task.inFlight == 1 && task.work != Task::Work::Broadcast;
}

int runNng(const Task &task)
{
    if (task.role == Task::Role::Idle)
        return idle(task);
    const bool serves = task.role == Task::Role::Server;
    if (task.work == Task::Work::OneWay)
        return serves ? sink(task) : feed(task);
    if (serves)
        return echo(task);
    return task.work == Task::Work::Accept ? reconnect(task) : pingPong(task);
}
