// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FAULTS_H
#define FAULTS_H

#include <QtCore/qbytearray.h>

#include <array>

/*
    What a system may answer and a healthy one rarely does. interposers.cpp defines the functions of
    libc that move bytes, accept, connect and wait; what the executable defines comes before libc's
    for all shared libraries too. Only TCP sockets over loopback are lied about, and waits are
    interrupted, as any signal does.

    The answer to the n-th call of a kind on the n-th connection of a seed depends on nothing else.
*/
namespace Faults {

enum Kind {
    ShortTransfer,
    TransferInterrupted, // EINTR
    NothingYet,          // EAGAIN; the descriptors are level-triggered, so the caller is told again
    NoMemory,            // ENOBUFS or ENOMEM
    Reset,               // ECONNRESET, and the peer sees RST
    PeerReset,       // the peer's end is gone, and this one sees its RST behind what came before
    Broken,          // EPIPE
    TimedOut,        // ETIMEDOUT
    AcceptExhausted, // EMFILE, ENFILE
    AcceptAborted,   // ECONNABORTED, and the connection is gone
    AcceptFailed,    // EINTR, EPROTO, ECONNABORTED; who waits still does
    ConnectRefused,
    ConnectTimedOut,
    ConnectInterrupted, // EINTR, and connecting goes on
    WaitInterrupted,    // EINTR of poll() and the like
    Kinds
};

// Of a thousand calls.
using Rates = std::array<int, Kinds>;
using Counts = std::array<qint64, Kinds>;

const char *name(Kind kind);

void begin(quint64 seed, const Rates &rates);
// From here on nothing new happens; a connection that has ended stays so.
void rest();
// What was injected since the process began.
Counts counts();
// Whether the connection from this port was ended by a fault of this seed.
bool hasEnded(quint16 clientPort);

} // namespace Faults

#endif // FAULTS_H
