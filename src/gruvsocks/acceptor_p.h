// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ACCEPTOR_P_H
#define ACCEPTOR_P_H

#include <gruvsocks/connectionguard_p.h>

#include <QtCore/qobject.h>
#include <QtCore/qsocketnotifier.h>
#include <QtNetwork/qhostaddress.h>

#include <functional>

// Accepts from a listening descriptor in the thread that made it, and goes on after a failure.
class Acceptor : public QObject
{
public:
    using Listens = std::function<bool()>; // whether the descriptor still is what it was
    using Accepted = std::function<void(qintptr descriptor)>;
    using Failed = std::function<void(const QString &text)>;

    Acceptor(qintptr listeningDescriptor, const Listens &listens, const Accepted &accepted,
             const Failed &failed);
    void stop();
    // Closes who may not come in; tells whose connection it was. Without a ticket: who may knock.
    static ConnectionGuard::Verdict admit(qintptr descriptor, ConnectionGuard *guard,
                                          ConnectionGuard::Ticket *ticket, QHostAddress *address);

private:
    void acceptAll();

    QSocketNotifier m_notifier;
    const Listens m_listens;
    const Accepted m_accepted;
    const Failed m_failed;
    bool m_stopped = false;
    bool m_failing = false; // a spell of failures is reported once
};

#endif // ACCEPTOR_P_H
