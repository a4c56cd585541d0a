// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FAULTS_P_H
#define FAULTS_P_H

#include "faults.h"

#include <optional>

#include <sys/socket.h>

// What interposers.cpp asks of faults.cpp.
namespace Faults {

enum class Call { Receive, Send, Accept, Connect, Wait };

struct Answer
{
    bool isGiven = false; // else the system is asked, for this many bytes at most
    int error = 0;        // given and 0: end of stream
    size_t size = 0;
};

// Before a transfer of size bytes.
Answer transfer(int descriptor, Call call, size_t size);
// After the system has answered error: what a thread that ended the connection meanwhile made of
// it.
Answer afterFailure(int descriptor, Call call, int error);
std::optional<Kind> beforeAccept(int *error);
void accepted(int descriptor);
bool isLoopback(const sockaddr *address);
std::optional<Kind> beforeConnect(int descriptor);
void connecting(int descriptor);
bool interruptsWait();
int closeDescriptor(int descriptor);

// libc's own.
namespace Real {
int connect(int descriptor, const sockaddr *address, socklen_t size);
int ioctl(int descriptor, unsigned long request, void *argument);
int close(int descriptor);
} // namespace Real

// The bytes that an ended connection had under way; -1: it has not ended.
int bytesLost(int descriptor);

} // namespace Faults

#endif // FAULTS_P_H
