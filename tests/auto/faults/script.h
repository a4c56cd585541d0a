// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SCRIPT_H
#define SCRIPT_H

#include "faults.h"
#include "random.h"

#include <gruvsocks/gruvsocketoptions.h>

#include <QtCore/qbytearray.h>

#include <vector>

// What one end of a connection does.
struct Script
{
    quint64 id = 0;       // of its messages
    int messages = 0;     // of its own
    bool echoes = false;  // and sends back what comes
    int closeAtCount = 0; // it closes once so many have come; 0: not for that
    bool closesWhenSent = false;
    bool closesWhenAnswered = false; // once as many have come as it sent
    bool closesByAbort = false;
    int abortAtStep = 0; // in the midst of it all; 0: not
    int pauseAtCount = 0;
    bool sendsEarly = false;    // before the connection is up
    bool sendsInThread = false; // of its own
};

// All that a seed decides.
struct Plan
{
    explicit Plan(quint64 seed);

    quint64 seed;
    int threads = 0; // of the server
    GruvSocketOptions clientOptions;
    GruvSocketOptions serverOptions;
    Script server; // of each connection
    std::vector<Script> clients;
    Faults::Rates rates{};
};

// The number-th message of a script.
QByteArray messageOf(const Script &script, int number);

#endif // SCRIPT_H
