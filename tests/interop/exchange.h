// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "traffic.h"

#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>

class GruvSocket;

// Our half of a conversation: sends all of one traffic while it receives all of the other.
class Exchange : public QObject
{
    Q_OBJECT

public:
    enum class Closer { Us, Peer };

    Exchange(const Traffic &outgoing, const Traffic &incoming,
             QCryptographicHash::Algorithm algorithm, Closer closer);

    void attach(GruvSocket *socket);   // by signals; starts at once on a connected socket
    void converse(GruvSocket &socket); // by blocking calls, in any thread; returns at its end

    QByteArray sent() const { return m_sent.line(); }
    QByteArray received() const { return m_received.line(); }
    QString problems() const { return m_problems.join(u'\n'); }

Q_SIGNALS:
    void ended(); // disconnected() of the attached socket

private:
    void pump();
    void sendNext(GruvSocket &socket);
    void readNext(GruvSocket &socket);
    void take(const QByteArray &message);
    void closeWhenComplete();
    bool hasSentAll() const { return m_sent.count() == m_outgoing.count(); }
    bool hasReceivedAll() const { return m_received.count() == m_incoming.count(); }

    const Traffic m_outgoing;
    const Traffic m_incoming;
    const Closer m_closer;
    Tally m_sent;
    Tally m_received;
    QStringList m_problems;
    QPointer<GruvSocket> m_socket;
    bool m_closing = false;
};

#endif // EXCHANGE_H
