// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ATTACKERS_H
#define ATTACKERS_H

#include <chrono>
#include <cstdint>
#include <sys/types.h>

/*
    A process with a crowd of clients: silent ones, and ones that drip a byte at a time of a message
    after a first whole one. It knows nothing of the library, nor of Qt: it is made by fork() before
    there is an application.
*/
class Attackers
{
public:
    struct Order
    {
        uint16_t port = 0;
        int silent = 0;
        int dripping = 0;
        int dripInterval = 0; // ms
        int patience = 0;     // ms, then it gives up waiting to be thrown out
    };
    // Times since the first of them began to connect, in ms.
    struct Report
    {
        int connected = 0;
        int gone = 0;
        int longestSilent = 0; // from its connect to its end
        int longestDripping = 0;
    };

    Attackers();
    ~Attackers();
    void attack(const Order &order); // returns at once
    bool awaitReady(Report *report); // all are connected
    bool awaitEnd(Report *report);   // all are gone, or patience is over

private:
    bool receive(Report *report);

    pid_t m_child = -1;
    int m_wire = -1;
};

#endif // ATTACKERS_H
