// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SIDE_H
#define SIDE_H

#include "task.h"

#include <vector>

// One way to carry messages. Its run() is one end of a measurement and returns an exit code.
struct Side
{
    const char *name;  // on the command line and in results.json
    const char *title; // in tables
    int (*run)(const Task &task);
    bool (*can)(const Task &task); // null: everything
};

const std::vector<Side> &allSides();
const Side *findSide(const QString &name);

int runPosix(const Task &task);
int runGruv(const Task &task);
int runGruvHandler(const Task &task);
bool gruvHandlerCan(const Task &task);
int runDataStream(const Task &task);
int runSslSocket(const Task &task);
int runSslSocketClient(const Task &task);
bool sslCan(const Task &task);
#ifdef COMPARE_WEBSOCKETS
int runWebSocket(const Task &task);
#endif
#ifdef COMPARE_ZEROMQ
int runZeroMq(const Task &task);
bool zeroMqCan(const Task &task);
#endif
#ifdef COMPARE_NNG
int runNng(const Task &task);
bool nngCan(const Task &task);
#endif

#endif // SIDE_H
