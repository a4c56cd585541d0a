// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/addressrace_p.h>
#include <gruvsocks/nativeconnect_p.h>
#include <gruvsocks/nativesocket_p.h>

#include <QtCore/qsocketnotifier.h>
#include <QtNetwork/qnetworkproxy.h>
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

/*
    By the system's own calls. A QTcpSocket that is reset before it has seen that it is connected
    connects again, and again, as quickly as it can, until the time for it is over (Qt 6.4.2,
    qnativesocketengine_unix.cpp: ECONNRESET is none of the errors that it knows).
*/
void AddressRace::tryNext()
{
    const QHostAddress address = m_addresses.takeFirst();
    if (m_addresses.isEmpty())
        m_stagger.stop();
    else
        m_stagger.start();
    if (NativeConnect::isSupported()) // either may fail at once
        tryNatively(address);
    else
        tryByQt(address);
}

void AddressRace::tryNatively(const QHostAddress &address)
{
    const NativeConnect::Outcome begun = NativeConnect::begin(address, m_port);
    if (begun.descriptor < 0) {
        failed(begun.error, begun.text);
        return;
    }
    auto *const attempt = new QSocketNotifier(begun.descriptor, QSocketNotifier::Write);
    m_attempts.append(attempt);
    QObject::connect(attempt, &QSocketNotifier::activated, attempt,
                     m_calls.counted([this, attempt](auto...) { finish(attempt); }));
}

void AddressRace::finish(QSocketNotifier *attempt)
{
    attempt->setEnabled(false);
    m_attempts.removeOne(attempt);
    m_calls.disposeLater(attempt);
    const NativeConnect::Outcome outcome = NativeConnect::finish(attempt->socket());
    if (outcome.descriptor < 0) {
        failed(outcome.error, outcome.text);
        return;
    }
    QTcpSocket *const socket = m_maker();
    socket->setProxy(QNetworkProxy::NoProxy);
    if (socket->setSocketDescriptor(outcome.descriptor)) {
        succeeded(socket);
        return;
    }
    const QAbstractSocket::SocketError error = socket->error();
    const QString text = socket->errorString();
    NativeSocket::close(outcome.descriptor); // which Qt has not taken
    m_calls.disposeLater(socket);
    failed(error, text);
}

void AddressRace::tryByQt(const QHostAddress &address)
{
    QTcpSocket *const socket = m_maker();
    m_attemptsByQt.append(socket);
    QObject::connect(socket, &QAbstractSocket::connected, socket,
                     m_calls.counted([this, socket] { succeeded(socket); }));
    QObject::connect(socket, &QAbstractSocket::errorOccurred, socket,
                     m_calls.counted([this, socket](auto) { socketFailed(socket); }));
    socket->connectToHost(address, m_port);
}

void AddressRace::socketFailed(QTcpSocket *socket)
{
    const QAbstractSocket::SocketError error = socket->error();
    const QString text = socket->errorString();
    m_attemptsByQt.removeOne(socket);
    socket->disconnect();
    m_calls.disposeLater(socket);
    failed(error, text);
}

void AddressRace::succeeded(QTcpSocket *socket)
{
    m_stagger.stop();
    m_attemptsByQt.removeOne(socket);
    giveUpAttempts();
    socket->disconnect();
    m_listener->raceWon(socket, CallGuard(m_calls));
}

void AddressRace::failed(QAbstractSocket::SocketError error, const QString &text)
{
    if (!m_addresses.isEmpty())
        tryNext();
    else if (m_attempts.isEmpty() && m_attemptsByQt.isEmpty())
        m_listener->raceLost(error, text);
}

void AddressRace::giveUpAttempts()
{
    for (QSocketNotifier *attempt : std::exchange(m_attempts, {})) {
        attempt->setEnabled(false);
        NativeSocket::close(attempt->socket());
        m_calls.dispose(attempt);
    }
    for (QTcpSocket *socket : std::exchange(m_attemptsByQt, {})) {
        socket->disconnect();
        socket->abort();
        m_calls.dispose(socket);
    }
}
