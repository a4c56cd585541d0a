// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SILENTCLIENTS_H
#define SILENTCLIENTS_H

#include <QtCore/qglobal.h>

#include <atomic>
#include <thread>
#include <vector>

// Clients that connect and say nothing; whoever is thrown out comes again, for ever.
class SilentClients
{
public:
    SilentClients(quint16 port, int count);
    ~SilentClients();

    int opened() const { return m_opened; }

private:
    Q_DISABLE_COPY_MOVE(SilentClients)
    int open();
    void comeAgain();

    const quint16 m_port;
    std::vector<int> m_descriptors;
    std::atomic<int> m_opened{ 0 };
    std::atomic<bool> m_isOver{ false };
    std::thread m_thread;
};

#endif // SILENTCLIENTS_H
