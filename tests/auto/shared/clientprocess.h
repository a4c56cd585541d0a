// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CLIENTPROCESS_H
#define CLIENTPROCESS_H

#include <QtCore/qbytearray.h>

#include <functional>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

// Clients in a process of their own: they take no descriptors and no memory of the server's.
// What runs there may not touch Qt's event loop, for that belongs to the process it came from.
class ClientProcess
{
public:
    using Work = std::function<qint64()>;

    ClientProcess() = default;
    ~ClientProcess() { end(); }

    // Runs work in the new process, which stays until end().
    bool start(const Work &work)
    {
        int report[2];
        int control[2];
        if (::pipe2(report, O_CLOEXEC) != 0)
            return false;
        if (::pipe2(control, O_CLOEXEC) != 0)
            return false;
        m_pid = ::fork();
        if (m_pid == 0)
            run(work, report[1], control[0]);
        ::close(report[1]);
        ::close(control[0]);
        m_report = report[0];
        m_control = control[1];
        ::fcntl(m_report, F_SETFL, O_NONBLOCK);
        return m_pid > 0;
    }

    // Whether work has returned; then result() is what it returned.
    bool isDone()
    {
        return m_result >= 0 || ::read(m_report, &m_result, sizeof m_result) == sizeof m_result;
    }
    qint64 result() const { return m_result; }

    // What awaitGo() in the work waits for.
    bool go() { return ::write(m_control, "g", 1) == 1; }

    // All that the process has open is closed.
    void end()
    {
        if (m_pid <= 0)
            return;
        ::close(m_control);
        ::close(m_report);
        ::waitpid(std::exchange(m_pid, -1), nullptr, 0);
    }

    // For the work.
    static bool awaitGo()
    {
        char letter;
        return ::read(Control, &letter, 1) == 1;
    }
    // For the work: false after end().
    static bool isAttended()
    {
        pollfd control = { Control, POLLIN, 0 };
        return ::poll(&control, 1, 0) == 0;
    }
    // For the work: a connection that never waits longer than some seconds for anything; or -1.
    static int connectTo(quint16 port)
    {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        const timeval patience = { 10, 0 };
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto *const generic = reinterpret_cast<const sockaddr *>(&address);
        return ::connect(descriptor, generic, sizeof address) == 0 ? descriptor : -1;
    }
    static bool send(int descriptor, const QByteArray &bytes)
    {
        return ::send(descriptor, bytes.data(), size_t(bytes.size()), MSG_NOSIGNAL) == bytes.size();
    }

private:
    Q_DISABLE_COPY_MOVE(ClientProcess)
    static constexpr int Report = 3;
    static constexpr int Control = 4;

    [[noreturn]] static void run(const Work &work, int report, int control)
    {
        const int parked = ::fcntl(control, F_DUPFD, 10); // so that the next line does not hit it
        ::dup2(report, Report);
        ::dup2(parked, Control);
        rlimit limit = {};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        for (int i = Control + 1; i < int(limit.rlim_cur); ++i)
            ::close(i);
        const qint64 result = work();
        char nothing;
        if (::write(Report, &result, sizeof result) == sizeof result)
            while (::read(Control, &nothing, 1) > 0) {
            }
        ::_exit(0);
    }

    pid_t m_pid = -1;
    int m_report = -1;
    int m_control = -1;
    qint64 m_result = -1;
};

#endif // CLIENTPROCESS_H
