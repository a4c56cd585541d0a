// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/addressrace_p.h>

#include <QtNetwork/qtcpsocket.h>

#include <utility>

AddressRace::AddressRace(Listener *listener, const Maker &maker)
    : m_listener(listener)
    , m_maker(maker)
{
    m_stagger.setSingleShot(true);
    m_stagger.setInterval(Stagger);
    QObject::connect(&m_stagger, &QTimer::timeout, &m_stagger, [this] { tryNext(); });
}

AddressRace::~AddressRace()
{
    giveUpAttempts();
}

// Those of IPv6 and IPv4 in turn, in the system's order otherwise (RFC 8305, section 4).
QList<QHostAddress> AddressRace::inOrder(const QList<QHostAddress> &addresses)
{
    QList<QHostAddress> families[2];
    for (const QHostAddress &address : addresses)
        families[address.protocol() == QAbstractSocket::IPv6Protocol ? 0 : 1].append(address);
    QList<QHostAddress> ordered;
    for (qsizetype i = 0; ordered.size() < addresses.size(); ++i) {
        for (const auto &family : families) {
            if (i < family.size())
                ordered.append(family.at(i));
        }
    }
    return ordered;
}

void AddressRace::run(const QList<QHostAddress> &addresses, quint16 port)
{
    m_addresses = inOrder(addresses);
    m_port = port;
    tryNext();
}

void AddressRace::tryNext()
{
    const QHostAddress address = m_addresses.takeFirst();
    QTcpSocket *const socket = m_maker();
    m_attempts.append(socket);
    QObject::connect(socket, &QAbstractSocket::connected, socket,
                     m_calls.counted([this, socket] { succeeded(socket); }));
    QObject::connect(socket, &QAbstractSocket::errorOccurred, socket,
                     m_calls.counted([this, socket](auto) { failed(socket); }));
    if (m_addresses.isEmpty())
        m_stagger.stop();
    else
        m_stagger.start();
    socket->connectToHost(address, m_port); // which may fail at once
}

void AddressRace::succeeded(QTcpSocket *socket)
{
    m_stagger.stop();
    m_attempts.removeOne(socket);
    giveUpAttempts();
    socket->disconnect();
    m_listener->raceWon(socket, CallGuard(m_calls));
}

void AddressRace::failed(QTcpSocket *socket)
{
    const QAbstractSocket::SocketError error = socket->error();
    const QString text = socket->errorString();
    m_attempts.removeOne(socket);
    socket->disconnect();
    m_calls.disposeLater(socket);
    if (!m_addresses.isEmpty())
        tryNext();
    else if (m_attempts.isEmpty())
        m_listener->raceLost(error, text);
}

void AddressRace::giveUpAttempts()
{
    for (QTcpSocket *socket : std::exchange(m_attempts, {})) {
        socket->disconnect();
        socket->abort();
        m_calls.dispose(socket);
    }
}
