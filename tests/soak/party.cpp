// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "party.h"

#include <QtCore/qcoreevent.h>
#include <QtCore/qendian.h>
#include <QtCore/qtimer.h>

namespace {

constexpr int ShortestTick = 50; // ms
constexpr int TickSpread = 100;
constexpr int LargestBurst = 16;
constexpr int LongestPause = 10; // ticks
const QByteArray Hello("\xf0 who this is \x0f", 15);
const QByteArray Farewell("\xf0 that was all of it \x0f", 22);

// A message that is not of the stream, and a number.
QByteArray special(const QByteArray &what, quint64 number)
{
    QByteArray message = what + QByteArray(8, '\0');
    qToBigEndian(number, message.data() + what.size());
    return message;
}

std::optional<quint64> numberOf(const QByteArray &what, const QByteArray &message)
{
    if (message.size() != what.size() + 8 || !message.startsWith(what))
        return {};
    return qFromBigEndian<quint64>(message.constData() + what.size());
}

} // namespace

Party::Party(GruvSocket *socket, Accounts *accounts, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_accounts(accounts)
    , m_dice(quint64(reinterpret_cast<quintptr>(this)))
{
    connect(socket, &GruvSocket::messageReceived, this, &Party::received);
}

void Party::begin(quint64 id, const std::shared_ptr<Account> &account, bool isClient)
{
    m_id = id;
    m_account = account;
    m_half = isClient ? &account->client : &account->server;
    m_out.emplace(2 * id + quint64(isClient));
    m_in.emplace(2 * id + quint64(!isClient));
    m_isSending = true;
    m_pausedFor = 0;
    m_tick.start(ShortestTick + int(m_dice.below(TickSpread)), this);
}

void Party::finish()
{
    m_tick.stop();
    m_isSending = false;
    if (m_id != 0)
        m_accounts->end(std::exchange(m_id, 0), m_half, m_socket->error());
}

void Party::received(const QByteArray &message)
{
    if (isSpecial(message))
        return;
    if (m_id == 0 || m_half->isOver) {
        m_accounts->blame(m_id, "a message outside of its connection");
        return;
    }
    if (!m_in->isNext(message)) {
        m_accounts->blame(m_id, "a message that is not the next one");
        m_socket->abort();
        return;
    }
    ++m_half->received;
    ++m_accounts->messages;
    m_accounts->bytes += message.size() + 4;
}

void Party::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_tick.timerId())
        return;
    maybePause();
    beforeBurst();
    burst();
}

void Party::maybePause()
{
    if (m_pausedFor > 0) {
        if (--m_pausedFor == 0)
            m_socket->resumeReading();
    } else if (m_dice.chance(20)) {
        m_pausedFor = 1 + int(m_dice.below(LongestPause));
        m_socket->pauseReading();
        ++m_accounts->pauses;
    }
}

void Party::burst()
{
    const qint64 count = 1 + m_dice.below(LargestBurst);
    for (qint64 i = 0; i < count && m_isSending && m_socket->isWritable(); ++i) {
        ++m_half->sent;
        if (!m_socket->sendMessage(m_out->next()))
            m_accounts->blame(m_id, "a message was refused");
    }
}

Client::Client(quint64 number, quint16 port, Accounts *accounts)
    : Party(new GruvSocket, accounts, nullptr)
    , m_number(number)
    , m_port(port)
{
    m_socket->setParent(this);
    connect(m_socket, &GruvSocket::connected, this, &Client::beginTalk);
    connect(m_socket, &GruvSocket::disconnected, this, [this] {
        finish();
        QTimer::singleShot(int(m_dice.below(500)), this, &Client::connectAgain);
    });
    connectAgain();
}

Client::~Client()
{
    m_socket->disconnect(this);
}

void Client::connectAgain()
{
    if (!m_isLeaving)
        m_socket->connectToHost(QHostAddress::LocalHost, m_port);
}

void Client::beginTalk()
{
    const quint64 id = ++m_connections << 16 | m_number;
    m_isEnding = false;
    m_socket->resumeReading();
    begin(id, m_accounts->open(id), true);
    m_socket->sendMessage(special(Hello, id));
    if (m_isLeaving)
        end(Ending::Farewell);
}

// One end in about 20 seconds, once the server has shown that it knows the account.
void Client::beforeBurst()
{
    if (m_half->received > 0 && m_dice.chance(5))
        end(m_dice.chance(600)   ? Ending::Farewell
            : m_dice.chance(500) ? Ending::Close
                                 : Ending::Abort);
}

void Client::end(Ending how)
{
    if (std::exchange(m_isEnding, true))
        return;
    m_account->ending = how;
    if (how == Ending::Close)
        burst(); // so that there is something that the close has to wait for
    stopSending();
    switch (how) {
    case Ending::Farewell:
        m_socket->sendMessage(special(Farewell, quint64(m_half->sent)));
        break;
    case Ending::Close:
        m_socket->disconnectFromHost();
        break;
    case Ending::Abort:
        m_socket->abort();
        break;
    }
}

void Client::leave()
{
    m_isLeaving = true;
    if (m_id != 0)
        end(Ending::Farewell);
}

bool Client::hasLeft() const
{
    return m_isLeaving && m_socket->state() == QAbstractSocket::UnconnectedState;
}

Host::Host(GruvSocket *socket, Accounts *accounts)
    : Party(socket, accounts, socket)
{
    connect(socket, &GruvSocket::disconnected, this, &Host::finish);
}

bool Host::isSpecial(const QByteArray &message)
{
    if (const auto id = numberOf(Hello, message); id && m_id == 0) {
        if (const auto account = m_accounts->find(*id))
            begin(*id, account, false);
        return true;
    }
    const auto sent = numberOf(Farewell, message);
    if (!sent)
        return false;
    if (qint64(*sent) != m_half->received)
        m_accounts->blame(m_id, "the farewell came without all that was sent before it");
    stopSending();
    m_socket->disconnectFromHost();
    return true;
}
