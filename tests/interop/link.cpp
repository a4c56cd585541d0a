// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "link.h"

#include <QtCore/qcryptographichash.h>
#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qmetaobject.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>

using namespace Qt::StringLiterals;

namespace {

constexpr int patience = 30'000; // ms, for what takes milliseconds

QStringList arguments(quint16 port, const QStringList &action)
{
    return QStringList{ QString::fromLocal8Bit(INTEROP_DIR) + u"/gruvlike.py"_s,
                        QString::number(port) }
           + action;
}

} // namespace

bool Link::open(Role role, const QStringList &action, const GruvSocketOptions &options)
{
    const QString python = QString::fromLocal8Bit(INTEROP_PYTHON);
    QSignalSpy spy(this, &Link::attached);
    if (role == Role::Server) {
        server = std::make_unique<GruvServer>();
        server->setSocketOptions(options);
        connect(server.get(), &GruvServer::clientConnected, this, &Link::attach);
        if (!server->listen(QHostAddress::LocalHost))
            return false;
        peer.start(python, arguments(server->serverPort(), action));
        return spy.wait(patience);
    }
    peer.start(python, arguments(0, action));
    if (role == Role::Client)
        connectTo(peer.port(), options);
    else
        adopt(peer.port(), options);
    return spy.count() > 0 || spy.wait(patience);
}

void Link::connectTo(quint16 port, const GruvSocketOptions &options)
{
    client = std::make_unique<GruvSocket>();
    client->setOptions(options);
    connect(client.get(), &GruvSocket::connected, this, [this] { attach(client.get()); });
    client->connectToHost(QHostAddress(QHostAddress::LocalHost), port);
}

void Link::adopt(quint16 port, const GruvSocketOptions &options)
{
    auto tcp = std::make_unique<QTcpSocket>();
    tcp->connectToHost(QHostAddress(QHostAddress::LocalHost), port);
    if (!tcp->waitForConnected(patience))
        return;
    client = std::make_unique<GruvSocket>(tcp.release());
    client->setOptions(options);
    attach(client.get());
}

void Link::attach(GruvSocket *newSocket)
{
    socket = newSocket;
    connect(newSocket, &GruvSocket::messageReceived, this, [this](const QByteArray &message) {
        messages += message;
        Q_EMIT changed();
    });
    connect(newSocket, &GruvSocket::errorOccurred, this,
            [this](GruvSocket::Error error, const QString &text) {
                const auto names = QMetaEnum::fromType<GruvSocket::Error>();
                endings += QString::fromLatin1(names.valueToKey(static_cast<int>(error)));
                description = text;
            });
    connect(newSocket, &GruvSocket::disconnected, this, [this] {
        endings += u"disconnected"_s;
        Q_EMIT changed();
    });
    Q_EMIT attached();
}

QByteArray Link::ask(const QByteArray &message)
{
    const qsizetype before = messages.size();
    if (!socket || !socket->sendMessage(message))
        return "refused";
    using namespace std::chrono_literals;
    return waitForMessages(before + 1, 30s) ? messages.constLast() : QByteArray("no answer");
}

bool Link::waitForMessages(qsizetype count, std::chrono::milliseconds timeout)
{
    const QDeadlineTimer deadline(timeout);
    QSignalSpy spy(this, &Link::changed);
    while (messages.size() < count && endings.isEmpty() && !deadline.hasExpired())
        spy.wait(static_cast<int>(deadline.remainingTime()));
    return messages.size() >= count;
}

bool Link::waitForEnd(std::chrono::milliseconds timeout)
{
    const QDeadlineTimer deadline(timeout);
    QSignalSpy spy(this, &Link::changed);
    while (!endings.contains(u"disconnected"_s) && !deadline.hasExpired())
        spy.wait(static_cast<int>(deadline.remainingTime()));
    return endings.contains(u"disconnected"_s);
}

QByteArray receipt(const QByteArray &message)
{
    return QByteArray::number(message.size()) + ' '
           + QCryptographicHash::hash(message, QCryptographicHash::Sha256).toHex();
}
