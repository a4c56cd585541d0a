// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef POSIXPEER_H
#define POSIXPEER_H

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdeadlinetimer.h>
#include <QtNetwork/qtcpserver.h>

#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// The other end of the wire as the system has it, without a buffer of its own: what it has not
// asked for stays unread. While it waits, the event loop of the thread has its turns.
class PosixPeer
{
public:
    explicit PosixPeer(int descriptor)
        : m_descriptor(descriptor)
    {
        ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    }
    ~PosixPeer() { ::close(m_descriptor); }

    static int connect(quint16 port)
    {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address);
        return descriptor;
    }

    bool send(const QByteArray &bytes)
    {
        qsizetype sent = 0;
        while (sent < bytes.size()) {
            const auto some = ::sendto(m_descriptor, bytes.data() + sent,
                                       size_t(bytes.size() - sent), MSG_NOSIGNAL, nullptr, 0);
            if (some < 0 && !mayRetry())
                return false;
            sent += qMax<qsizetype>(some, 0);
        }
        return true;
    }

    // Whether the other system has it all, whoever has read it there or not.
    bool allIsAcknowledged()
    {
        int unacknowledged = -1;
        while (::ioctl(m_descriptor, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged > 0) {
            errno = EAGAIN;
            if (!mayRetry())
                break;
        }
        return unacknowledged == 0;
    }

    // Up to most bytes; fewer if the stream ends, which end() then tells.
    QByteArray receive(qsizetype most)
    {
        QByteArray bytes;
        while (bytes.size() < most) {
            char buffer[65'536];
            const auto want = qMin(size_t(most - bytes.size()), sizeof buffer);
            const auto some = ::recv(m_descriptor, buffer, want, 0);
            if (some == 0 || (some < 0 && !mayRetry())) {
                m_end = some == 0 ? 0 : errno;
                break;
            }
            bytes.append(buffer, qMax<qsizetype>(some, 0));
        }
        return bytes;
    }
    int end() const { return m_end; } // 0: FIN; else an errno; -1: not yet

    void finish() { ::shutdown(m_descriptor, SHUT_WR); }
    void reset()
    {
        const linger now{ 1, 0 };
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        ::close(std::exchange(m_descriptor, -1));
    }

private:
    Q_DISABLE_COPY_MOVE(PosixPeer)
    bool mayRetry()
    {
        if (errno != EAGAIN || m_patience.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        return true;
    }

    int m_descriptor;
    int m_end = -1;
    const QDeadlineTimer m_patience{ 20'000 };
};

// Accepts, and leaves the descriptor to who asks.
class PosixListener : public QTcpServer
{
public:
    int take() { return std::exchange(m_descriptor, -1); }
    bool has() const { return m_descriptor >= 0; }

protected:
    void incomingConnection(qintptr descriptor) override { m_descriptor = int(descriptor); }

private:
    int m_descriptor = -1;
};

#endif // POSIXPEER_H
