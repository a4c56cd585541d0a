// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "faults_p.h"
#include "random.h"
#include "sockettable.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <set>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

namespace Faults {

namespace {

// Each costs the 100 ms after which the library tries again.
constexpr int MostExhausted = 2;
constexpr int MostConnectCalls = 8; // some fault in a row is enough

std::atomic<bool> isActive{ false };   // calls come before main() and from any thread
std::atomic<bool> hasBegun{ false };   // there is a table
std::atomic<quint64> currentSeed{ 0 }; // of the waits, which take no lock
std::atomic<int> waitRate{ 0 };
std::array<std::atomic<qint64>, Kinds> injected{};

struct State
{
    std::mutex mutex;
    quint64 seed = 0;
    Rates rates{};
    SocketTable table;
    std::set<quint16> ended; // by their clients' ports
    quint64 accepts = 0;
    int exhausted = 0;
};

// Never destroyed, for calls come after main() too.
State &state()
{
    static auto *const only = new State;
    return *only;
}

void count(Kind kind)
{
    injected[kind].fetch_add(1, std::memory_order_relaxed);
}

// One of kinds, or none, each as often as its rate says.
std::optional<Kind> draw(Random *random, std::initializer_list<Kind> kinds)
{
    int roll = random->below(1000);
    for (const Kind kind : kinds) {
        roll -= state().rates[kind];
        if (roll < 0)
            return kind;
    }
    return std::nullopt;
}

Random decision(Socket *socket, Call call)
{
    const quint64 number = socket->calls[size_t(call)]++;
    return Random::of({ state().seed, socket->key, quint64(call), number });
}

// RST to the other end; what was under way or unread here is gone.
void cut(Socket *socket, int error)
{
    Real::ioctl(socket->descriptor, TIOCOUTQ, &socket->bytesLost);
    sockaddr nobody = {};
    nobody.sa_family = AF_UNSPEC;
    Real::connect(socket->descriptor, &nobody, sizeof nobody);
    socket->error = error;
    state().ended.insert(socket->clientPort);
}

// Told once; after that a dead socket is at its end and takes nothing, as tcp(7) has it.
Answer answerOfDead(Socket *socket, Call call)
{
    if (!std::exchange(socket->isErrorTold, true))
        return { true, socket->error, 0 };
    return { true, call == Call::Receive ? 0 : EPIPE, 0 };
}

bool isConnected(int descriptor)
{
    tcp_info info = {};
    socklen_t size = sizeof info;
    return ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
           && info.tcpi_state != TCP_CLOSE;
}

size_t shorter(size_t size, Random *random)
{
    const int most = int(std::min<size_t>(size, size_t(random->oneOf({ 4, 100, 10'000 }))));
    return size_t(random->between(1, most));
}

Answer endedBy(Kind kind, Socket *socket, Call call, size_t size)
{
    if (kind == PeerReset) {
        if (Socket *other = state().table.otherEnd(*socket); other && other->error == 0) {
            cut(other, ECONNRESET);
            return { false, 0, size }; // the system tells
        }
    }
    cut(socket, kind == Broken ? EPIPE : kind == TimedOut ? ETIMEDOUT : ECONNRESET);
    return answerOfDead(socket, call);
}

Answer answerBy(Kind kind, Socket *socket, Call call, size_t size, Random *random)
{
    switch (kind) {
    case ShortTransfer:
        return { false, 0, shorter(size, random) };
    case TransferInterrupted:
        return { true, EINTR, 0 };
    case NothingYet:
        return { true, EAGAIN, 0 };
    case NoMemory:
        return { true, random->oneOf({ ENOBUFS, ENOMEM }), 0 };
    default:
        return endedBy(kind, socket, call, size);
    }
}

} // namespace

const char *name(Kind kind)
{
    constexpr const char *Names[Kinds] = { "short transfer",
                                           "transfer EINTR",
                                           "EAGAIN",
                                           "ENOBUFS/ENOMEM",
                                           "ECONNRESET",
                                           "reset by peer",
                                           "EPIPE",
                                           "ETIMEDOUT",
                                           "accept EMFILE",
                                           "accept aborted",
                                           "accept EINTR etc",
                                           "connect ECONNREFUSED",
                                           "connect ETIMEDOUT",
                                           "connect EINTR",
                                           "wait EINTR" };
    return Names[kind];
}

void begin(quint64 seed, const Rates &rates)
{
    State &now = state();
    const std::lock_guard lock(now.mutex);
    now.seed = seed;
    now.rates = rates;
    now.table.clear();
    now.ended.clear();
    now.accepts = 0;
    now.exhausted = 0;
    currentSeed = seed;
    waitRate = rates[WaitInterrupted];
    hasBegun = isActive = true;
}

void rest()
{
    const std::lock_guard lock(state().mutex);
    isActive = false;
}

Counts counts()
{
    Counts result;
    std::copy(injected.begin(), injected.end(), result.begin());
    return result;
}

bool hasEnded(quint16 clientPort)
{
    const std::lock_guard lock(state().mutex);
    return state().ended.count(clientPort) > 0;
}

Answer transfer(int descriptor, Call call, size_t size)
{
    const Answer honest = { false, 0, size };
    if (!hasBegun || size == 0)
        return honest;
    const std::lock_guard lock(state().mutex);
    Socket *const socket = state().table.find(descriptor);
    if (!socket)
        return honest;
    if (socket->error != 0)
        return answerOfDead(socket, call);
    if (!isActive)
        return honest;
    Random random = decision(socket, call);
    const std::optional<Kind> kind =
            draw(&random, { ShortTransfer, TransferInterrupted, NothingYet, NoMemory, Reset,
                            PeerReset, Broken, TimedOut });
    // A socket that a real reset has reached does none of this any more.
    if (!kind || (*kind != ShortTransfer && !isConnected(descriptor)))
        return honest;
    count(*kind);
    return answerBy(*kind, socket, call, size, &random);
}

Answer afterFailure(int descriptor, Call call, int error)
{
    if (!hasBegun || error == EAGAIN || error == EINTR)
        return {};
    const std::lock_guard lock(state().mutex);
    Socket *const socket = state().table.find(descriptor);
    if (socket && socket->error != 0)
        return answerOfDead(socket, call);
    errno = error;
    return {};
}

std::optional<Kind> beforeAccept(int *error)
{
    if (!isActive)
        return std::nullopt;
    State &now = state();
    const std::lock_guard lock(now.mutex);
    Random random = Random::of({ now.seed, quint64(Call::Accept), now.accepts++ });
    const auto kind = draw(&random, { AcceptExhausted, AcceptAborted, AcceptFailed });
    if (!kind || (*kind == AcceptExhausted && ++now.exhausted > MostExhausted))
        return std::nullopt;
    *error = ECONNABORTED;
    if (kind == AcceptExhausted)
        *error = random.oneOf({ EMFILE, ENFILE });
    else if (kind == AcceptFailed)
        *error = random.oneOf({ EINTR, EPROTO, ECONNABORTED });
    count(*kind);
    return kind;
}

void accepted(int descriptor)
{
    if (!hasBegun)
        return;
    const std::lock_guard lock(state().mutex);
    state().table.addServer(descriptor);
}

bool isLoopback(const sockaddr *address)
{
    return address->sa_family == AF_INET
           && reinterpret_cast<const sockaddr_in *>(address)->sin_addr.s_addr
                      == htonl(INADDR_LOOPBACK);
}

// What fails while connecting is over for the other end too.
std::optional<Kind> beforeConnect(int descriptor)
{
    if (!hasBegun)
        return std::nullopt;
    const std::lock_guard lock(state().mutex);
    Socket *const socket = state().table.addClient(descriptor);
    if (std::exchange(socket->error, 0) != 0)
        socket->clientPort = 0; // Qt tries again, as it may
    if (!isActive || socket->calls[size_t(Call::Connect)] >= MostConnectCalls)
        return std::nullopt;
    Random random = decision(socket, Call::Connect);
    const auto kind = draw(&random, { ConnectRefused, ConnectTimedOut, ConnectInterrupted });
    if (kind)
        count(*kind);
    if (kind && *kind != ConnectInterrupted && socket->clientPort != 0)
        cut(socket, *kind == ConnectRefused ? ECONNREFUSED : ETIMEDOUT);
    return kind;
}

void connecting(int descriptor)
{
    if (!hasBegun)
        return;
    const std::lock_guard lock(state().mutex);
    state().table.setClientPort(descriptor);
}

bool interruptsWait()
{
    if (!isActive)
        return false;
    thread_local quint64 seed = 0;
    thread_local quint64 waits = 0;
    if (const quint64 current = currentSeed; seed != current) {
        seed = current;
        waits = 0;
    }
    if (!Random::of({ seed, quint64(Call::Wait), waits++ }).chance(waitRate))
        return false;
    count(WaitInterrupted);
    return true;
}

// Under the lock, so that nobody ends a connection by a number that is just becoming another's.
int closeDescriptor(int descriptor)
{
    if (!hasBegun)
        return Real::close(descriptor);
    const std::lock_guard lock(state().mutex);
    return Real::close(descriptor);
}

int bytesLost(int descriptor)
{
    if (!hasBegun)
        return -1;
    const std::lock_guard lock(state().mutex);
    const Socket *const socket = state().table.find(descriptor);
    return socket && socket->error != 0 ? socket->bytesLost : -1;
}

} // namespace Faults
