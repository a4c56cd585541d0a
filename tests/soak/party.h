// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PARTY_H
#define PARTY_H

#include "account.h"
#include "stream.h"

#include <QtCore/qbasictimer.h>
#include <QtCore/qobject.h>

#include <optional>

// One end of a connection: sends in bursts, checks what comes, and pauses now and then.
class Party : public QObject
{
public:
    Party(GruvSocket *socket, Accounts *accounts, QObject *parent);

protected:
    void begin(quint64 id, const std::shared_ptr<Account> &account, bool isClient);
    void finish();
    void burst();
    void stopSending() { m_isSending = false; }
    virtual void beforeBurst() {}
    virtual bool isSpecial(const QByteArray &message) = 0;
    void timerEvent(QTimerEvent *event) override;

    GruvSocket *const m_socket;
    Accounts *const m_accounts;
    quint64 m_id = 0; // 0: the client has not said yet which it is
    std::shared_ptr<Account> m_account;
    Account::Half *m_half = nullptr;
    std::optional<Stream> m_in;
    std::optional<Stream> m_out;
    Dice m_dice;

private:
    void received(const QByteArray &message);
    void maybePause();

    QBasicTimer m_tick;
    bool m_isSending = false;
    int m_pausedFor = 0; // ticks
};

// Connects, and connects again after each end until it is told to leave.
class Client : public Party
{
public:
    Client(quint64 number, quint16 port, Accounts *accounts);
    ~Client() override;
    void leave(); // by Ending::Farewell
    bool hasLeft() const;

private:
    void connectAgain();
    void beginTalk();
    void end(Ending how);
    void beforeBurst() override;
    bool isSpecial(const QByteArray &) override { return false; }

    const quint64 m_number;
    const quint16 m_port;
    quint64 m_connections = 0;
    bool m_isEnding = false;
    bool m_isLeaving = false;
};

// What the connection handler of the server makes; it goes with its socket.
class Host : public Party
{
public:
    Host(GruvSocket *socket, Accounts *accounts);

private:
    bool isSpecial(const QByteArray &message) override;
};

#endif // PARTY_H
