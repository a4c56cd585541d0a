// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SOCKETTABLE_H
#define SOCKETTABLE_H

#include <QtCore/qglobal.h>

#include <array>
#include <unordered_map>

#include <sys/types.h>

namespace Faults {

// One end of a connection under test.
struct Socket
{
    quint64 key = 0;        // the same in each run of a seed
    int descriptor = -1;    // the last one it was seen under
    quint16 clientPort = 0; // what both ends have in common; 0: not known
    bool isServer = false;
    int error = 0; // of the fault that ended it; 0: none
    bool isErrorTold = false;
    int bytesLost = 0;
    std::array<quint64, 8> calls{};
};

/*
    Known by inode, for the library duplicates descriptors and their numbers come again. Not for
    several threads at once.
*/
class SocketTable
{
public:
    void clear();
    // null: not a socket under test.
    Socket *find(int descriptor);
    Socket *addClient(int descriptor); // before connect()
    void setClientPort(int descriptor);
    void addServer(int descriptor);
    Socket *otherEnd(const Socket &socket);
    const Socket *endOf(quint16 clientPort, bool isServer);
    static ino_t inodeOf(int descriptor);

private:
    std::unordered_map<ino_t, Socket> m_sockets;
    std::unordered_map<quint32, ino_t> m_byPort;
    quint64 m_clients = 0;
    quint64 m_orphans = 0;
};

} // namespace Faults

#endif // SOCKETTABLE_H
