// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "rawclient.h"

#include "meter.h"
#include "net.h"

#include <algorithm>
#include <deque>

namespace {

using RawClient::Wire;

// Asks for a WebSocket (RFC 6455, section 4.1).
void askForUpgrade(int descriptor, quint16 port)
{
    const QByteArray request =
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(port)
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    Net::sendAll(descriptor, request.constData(), size_t(request.size()));
}

void awaitUpgrade(int descriptor)
{
    QByteArray answer;
    while (!answer.endsWith("\r\n\r\n")) {
        char byte;
        Net::check(Net::receiveSome(descriptor, &byte, 1) == 1, "upgrade");
        answer += byte;
    }
    Net::check(answer.startsWith("HTTP/1.1 101"), "upgrade refused");
}

std::vector<int> connectMany(const Task &task, int count, Wire wire)
{
    constexpr int AtOnce = 25; // less than a listener's usual backlog
    std::vector<int> descriptors;
    for (int i = 0; i < count; ++i) {
        descriptors.push_back(Net::connectTo(task.port));
        if (wire != Wire::WebSocket)
            continue;
        askForUpgrade(descriptors.back(), task.port);
        const int asked = i % AtOnce + 1;
        if (asked == AtOnce || i + 1 == count)
            std::for_each(descriptors.end() - asked, descriptors.end(), awaitUpgrade);
    }
    return descriptors;
}

// Each connection has had one echo before it falls idle, so it is known to be accepted and served.
int idle(const Task &task, Wire wire)
{
    const std::vector<int> descriptors = connectMany(task, task.idle, wire);
    const Ring ring(task.size);
    std::vector<char> answer(size_t(task.size) + Net::HeaderSize);
    for (const int descriptor : descriptors) {
        if (wire == Wire::Length)
            Net::sendFrame(descriptor, ring.at(0));
    }
    for (const int descriptor : descriptors) {
        for (size_t arrived = 0; wire == Wire::Length && arrived < answer.size();)
            arrived += Net::receiveSome(descriptor, answer.data(), answer.size() - arrived);
    }
    Meter::say("connected");
    Meter::lingerUntilDismissed();
    return 0;
}

// A server's frames are not masked; so its headers can be cut by hand (RFC 6455, section 5.2).
class WebSocketFrames
{
public:
    template<typename Receiver>
    void take(const char *data, size_t size, Receiver receive)
    {
        m_bytes.append(data, qsizetype(size));
        qsizetype at = 0;
        while (m_bytes.size() - at >= 4) {
            const bool isLong = (m_bytes[at + 1] & 0x7f) == 126;
            const qsizetype start = at + (isLong ? 4 : 2);
            const qsizetype length = isLong ? qFromBigEndian<quint16>(m_bytes.constData() + at + 2)
                                            : m_bytes[at + 1] & 0x7f;
            if (m_bytes.size() - start < length)
                break;
            receive(m_bytes.constData() + start, size_t(length));
            at = start + length;
        }
        m_bytes.remove(0, at);
    }

private:
    QByteArray m_bytes;
};

template<typename Cutter>
int subscribe(const Task &task, Wire wire)
{
    const Ring ring(task.size);
    const std::vector<int> descriptors = connectMany(task, task.connections, wire);
    Net::Poller poller;
    for (size_t i = 0; i < descriptors.size(); ++i)
        poller.add(descriptors[i], int(i));
    std::deque<Cutter> cutters(descriptors.size());
    std::vector<Checker> checkers(descriptors.size(), Checker(ring));
    std::vector<char> buffer(Net::ReadSize);
    Meter::say("connected");
    int ended = 0;
    bool right = true;
    while (ended < task.connections && right) {
        for (const int i : poller.wait(-1)) {
            Checker &checker = checkers[size_t(i)];
            const size_t received =
                    Net::receiveSome(descriptors[size_t(i)], buffer.data(), Net::ReadSize);
            right = right && received > 0;
            cutters[size_t(i)].take(buffer.data(), received, [&](const char *data, size_t size) {
                if (size != EndMarkerSize) {
                    checker.take(data, qsizetype(size));
                    return;
                }
                ++ended;
                right = right && checker.isRight()
                        && isEndMarker(QByteArray(data, EndMarkerSize), checker.count());
            });
        }
    }
    qint64 count = 0;
    for (const Checker &checker : checkers)
        count += checker.count();
    Meter::reportArrivals(count, right);
    Meter::lingerUntilDismissed();
    return 0;
}

struct Bouncer
{
    int descriptor;
    Net::Frames frames;
    Checker checker;
    qint64 sent = 0;
    std::deque<qint64> sentAt;

    void send(Net::Batch *batch, const Ring &ring)
    {
        sentAt.push_back(Meter::now());
        const QByteArray &message = ring.at(sent++);
        if (size_t(message.size()) < Net::BatchSize / 2)
            batch->append(message);
        else
            Net::sendFrame(descriptor, message);
    }
};

int bounce(const Task &task)
{
    const Ring ring(task.size);
    std::deque<Bouncer> bouncers;
    Net::Poller poller;
    for (const int descriptor : connectMany(task, task.connections, Wire::Length)) {
        poller.add(descriptor, int(bouncers.size()));
        bouncers.push_back({ descriptor, {}, Checker(ring, task.digest), 0, {} });
    }
    std::vector<char> buffer(Net::ReadSize);
    Net::Batch batch;
    Meter::Latencies latencies;
    bool right = true;
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    for (Bouncer &bouncer : bouncers) {
        for (int i = 0; i < task.inFlight; ++i)
            bouncer.send(&batch, ring);
        batch.flush(bouncer.descriptor);
    }
    while ((!watch.isOver() || latencies.count() == 0) && right) {
        for (const int i : poller.wait(1000)) {
            Bouncer &bouncer = bouncers[size_t(i)];
            const size_t received =
                    Net::receiveSome(bouncer.descriptor, buffer.data(), Net::ReadSize);
            right = right && received > 0;
            bouncer.frames.take(buffer.data(), received, [&](const char *data, size_t size) {
                bouncer.checker.take(data, qsizetype(size));
                latencies.add(Meter::now() - bouncer.sentAt.front());
                bouncer.sentAt.pop_front();
                bouncer.send(&batch, ring);
            });
            batch.flush(bouncer.descriptor);
            right = right && bouncer.checker.isRight();
        }
    }
    Meter::reportEchoes(watch.start(), &latencies, right);
    Meter::lingerUntilDismissed();
    return 0;
}

// Sends all at once and sleeps until all is answered, so that the server has the processors.
int queueAndWait(const Task &task)
{
    const int each = std::max(1, int(task.seconds * 1e6 / task.burn / task.connections));
    const size_t bytes = size_t(each) * (size_t(task.size) + Net::HeaderSize);
    const Ring ring(task.size);
    const std::vector<int> descriptors = connectMany(task, task.connections, Wire::Length);
    std::vector<char> answers(bytes);
    Meter::connectedAwaitGo();
    const qint64 start = Meter::now();
    for (const int descriptor : descriptors) {
        Net::wakeOnlyFor(descriptor, bytes);
        Net::Batch batch;
        for (int i = 0; i < each; ++i)
            batch.append(ring.at(i));
        batch.flush(descriptor);
    }
    qint64 count = 0;
    bool right = true;
    for (const int descriptor : descriptors) {
        for (size_t arrived = 0, got = 1; arrived < bytes && got > 0; arrived += got)
            got = Net::receiveSome(descriptor, answers.data() + arrived, bytes - arrived);
        Checker checker(ring);
        Net::Frames().take(answers.data(), bytes, [&](const char *data, size_t size) {
            checker.take(data, qsizetype(size));
        });
        right = right && checker.isRight() && checker.count() == each;
        count += checker.count();
    }
    Meter::reportRate(start, count, right);
    Meter::lingerUntilDismissed();
    return 0;
}

// One connection after the other: connect, one echo, away.
int reconnect(const Task &task)
{
    const Ring ring(task.size);
    std::vector<char> buffer(Net::ReadSize);
    Meter::Latencies latencies;
    bool right = true;
    Meter::connectedAwaitGo();
    Meter::Stopwatch watch(task.seconds, 1);
    while (!watch.isOver() && right) {
        const qint64 begin = Meter::now();
        const int descriptor = Net::connectTo(task.port);
        Checker checker(ring);
        Net::Frames frames;
        Net::sendFrame(descriptor, ring.at(0));
        while (checker.count() == 0 && right) {
            const size_t received = Net::receiveSome(descriptor, buffer.data(), Net::ReadSize);
            right = received > 0;
            frames.take(buffer.data(), received, [&](const char *data, size_t size) {
                checker.take(data, qsizetype(size));
            });
        }
        right = right && checker.isRight();
        Net::closeWithReset(descriptor);
        latencies.add(Meter::now() - begin);
    }
    Meter::reportEchoes(watch.start(), &latencies, right);
    Meter::lingerUntilDismissed();
    return 0;
}

} // namespace

int RawClient::run(const Task &task, Wire wire)
{
    if (task.role == Task::Role::Idle)
        return idle(task, wire);
    switch (task.work) {
    case Task::Work::Broadcast:
        return wire == Wire::WebSocket ? subscribe<WebSocketFrames>(task, wire)
                                       : subscribe<Net::Frames>(task, wire);
    case Task::Work::Accept:
        return reconnect(task);
    default:
        return task.burn > 0 ? queueAndWait(task) : bounce(task);
    }
}
