// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FLOOD_H
#define FLOOD_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qsemaphore.h>

#include <atomic>
#include <chrono>
#include <thread>

#include <sys/socket.h>

// Sends in a thread of its own as long as the server takes what it sends.
class Flood
{
public:
    Flood(quint16 port, int messages, int size)
        : m_thread([=] { run(port, messages, size); })
    {}
    ~Flood() { m_thread.join(); }

    // So that it takes few messages until nothing goes any more.
    static void lessRoom(const GruvSocket &socket, int option)
    {
        constexpr int Bytes = 64 * 1024;
        ::setsockopt(int(socket.socketDescriptor()), SOL_SOCKET, option, &Bytes, sizeof Bytes);
    }

    QSemaphore stalled; // for each time that nothing goes any more
    std::atomic<int> sent{ 0 };
    std::atomic<bool> isOver{ false };

private:
    void run(quint16 port, int messages, int size)
    {
        GruvSocket client;
        GruvSocketOptions options;
        options.writeHighWatermark = options.writeLowWatermark = 64 * 1024;
        client.setOptions(options);
        client.connectToHost(QHostAddress::LocalHost, port);
        if (!client.waitForConnected())
            return;
        lessRoom(client, SO_SNDBUF);
        for (; sent < messages; ++sent) {
            client.sendMessage(QByteArray::number(sent).leftJustified(size, ' ', true));
            while (!client.isWritable()
                   && !client.waitForMessagesWritten(std::chrono::milliseconds(300))) {
                stalled.release();
                if (client.state() != QAbstractSocket::ConnectedState)
                    return;
            }
        }
        client.disconnectFromHost();
        isOver = client.waitForDisconnected(std::chrono::seconds(20));
    }

    std::thread m_thread; // not QThread, whose end ThreadSanitizer does not see
};

#endif // FLOOD_H
