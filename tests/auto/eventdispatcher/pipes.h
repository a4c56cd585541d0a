// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PIPES_H
#define PIPES_H

#include <QtCore/qsocketnotifier.h>

#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

// Two connected descriptors.
class Pair
{
public:
    Pair()
    {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, m_ends) != 0)
            qFatal("socketpair");
    }
    ~Pair()
    {
        closeNear();
        closeFar();
    }
    int near() const { return m_ends[0]; }
    int far() const { return m_ends[1]; }
    void closeNear() { close(&m_ends[0]); }
    void closeFar() { close(&m_ends[1]); }
    void tell() const { write(m_ends[1]); } // near becomes readable
    int take() const                        // how much there was
    {
        char bytes[100];
        return int(::read(m_ends[0], bytes, sizeof bytes));
    }
    static void write(int descriptor)
    {
        if (::write(descriptor, "x", 1) != 1)
            qFatal("write");
    }

private:
    Q_DISABLE_COPY_MOVE(Pair)
    static void close(int *end)
    {
        if (*end >= 0)
            ::close(std::exchange(*end, -1));
    }

    int m_ends[2];
};

template<typename Function>
void onActivated(QSocketNotifier *notifier, Function function)
{
    QObject::connect(notifier, &QSocketNotifier::activated, notifier, function);
}

#endif // PIPES_H
