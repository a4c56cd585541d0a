// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/acceptor_p.h>
#include <gruvsocks/nativesocket_p.h>

#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpsocket.h>

#include <chrono>

namespace {

constexpr std::chrono::milliseconds Pause{ 100 };
constexpr int AcceptsPerTurn = 64;

} // namespace

/*
    QTcpServer's own accepting was used first and left: after "too many open files" it stops for
    good or, where an earlier accept() had found nothing to do, keeps that older error, does not see
    this one and spins (measured with Qt 6.4.2: 56,000 calls of accept() in 5 s; qtcpserver.cpp and
    setError() in qnativesocketengine.cpp).

    QTcpServer::close() is not virtual, so before each accept it is asked whether the descriptor
    still listens: its number may be another server's.

    The other two functions may stop or delete the acceptor.
*/
Acceptor::Acceptor(qintptr listeningDescriptor, const Listens &listens, const Accepted &accepted,
                   const Failed &failed)
    : m_notifier(listeningDescriptor, QSocketNotifier::Read)
    , m_listens(listens)
    , m_accepted(accepted)
    , m_failed(failed)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &Acceptor::acceptAll);
}

// For where it cannot be deleted at once.
void Acceptor::stop()
{
    m_stopped = true;
    m_notifier.setEnabled(false);
}

// Without NativeSocket only a socket object knows the peer, and only once it owns the descriptor.
static QHostAddress turnAway(qintptr descriptor)
{
    QTcpSocket connection;
    connection.setSocketDescriptor(descriptor);
    return connection.peerAddress();
}

ConnectionGuard::Verdict Acceptor::admit(qintptr descriptor, ConnectionGuard *guard,
                                         ConnectionGuard::Ticket *ticket, QHostAddress *address)
{
    *address = NativeSocket::plain(NativeSocket::peerEndpoint(descriptor).address);
    const ConnectionGuard::Verdict verdict =
            ticket ? guard->admit(*address, ticket) : guard->knock(*address);
    if (verdict == ConnectionGuard::Verdict::Admitted)
        return verdict;
    if (NativeSocket::isSupported())
        NativeSocket::close(descriptor);
    else
        *address = NativeSocket::plain(turnAway(descriptor));
    return verdict;
}

void Acceptor::acceptAll()
{
    const QPointer<Acceptor> alive = this;
    for (int i = 0; i < AcceptsPerTurn && alive && m_notifier.isEnabled(); ++i) {
        if (!m_listens()) {
            stop();
            return;
        }
        QString error;
        const qintptr descriptor = NativeSocket::accept(m_notifier.socket(), &error);
        if (descriptor >= 0) {
            m_accepted(descriptor);
            continue;
        }
        if (error.isEmpty()) {
            m_failing = false; // not before: one that leaves makes room for one of those who wait
            if (descriptor == NativeSocket::NoLongerListens)
                stop(); // and its notifier would tell so for ever
            return;
        }
        m_notifier.setEnabled(false);
        QTimer::singleShot(Pause, this, [this] { m_notifier.setEnabled(!m_stopped); });
        if (!m_failing) {
            m_failing = true;
            m_failed(error);
        }
    }
}
