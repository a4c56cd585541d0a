// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ADDRESSRACE_P_H
#define ADDRESSRACE_P_H

#include <gruvsocks/callguard_p.h>

#include <QtCore/qlist.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qabstractsocket.h>
#include <QtNetwork/qhostaddress.h>

#include <chrono>
#include <functional>

class QSocketNotifier;
class QTcpSocket;

// Of the addresses of a host the one that answers first (RFC 8305): each is tried when the one
// before has failed or has been silent for a while, and none is given up before another has won.
class AddressRace
{
public:
    class Listener
    {
    public:
        // Who is called owns it now; its signal and calls are on the stack.
        virtual void raceWon(QTcpSocket *socket, const CallGuard &calls) = 0;
        virtual void raceLost(QAbstractSocket::SocketError error, const QString &text) = 0;

    protected:
        ~Listener() = default;
    };
    using Maker = std::function<QTcpSocket *()>;

    AddressRace(Listener *listener, const Maker &maker);
    ~AddressRace();
    void run(const QList<QHostAddress> &addresses, quint16 port);
    static QList<QHostAddress> inOrder(const QList<QHostAddress> &addresses);

private:
    Q_DISABLE_COPY_MOVE(AddressRace)
    static constexpr std::chrono::milliseconds Stagger{ 250 }; // RFC 8305, section 5

    void tryNext();
    void tryNatively(const QHostAddress &address);
    void tryByQt(const QHostAddress &address);
    void finish(QSocketNotifier *attempt);
    void socketFailed(QTcpSocket *socket);
    void succeeded(QTcpSocket *socket);
    void failed(QAbstractSocket::SocketError error, const QString &text);
    void giveUpAttempts();

    Listener *const m_listener;
    const Maker m_maker;
    QList<QHostAddress> m_addresses; // not tried yet
    QList<QSocketNotifier *> m_attempts;
    QList<QTcpSocket *> m_attemptsByQt;
    quint16 m_port = 0;
    QTimer m_stagger;
    CallGuard m_calls;
};

#endif // ADDRESSRACE_P_H
