// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "judge.h"

#include <QtCore/qmetaobject.h>

#include <algorithm>

namespace {

bool isPrefix(const std::vector<Digest> &part, const std::vector<Digest> &whole)
{
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

QString endingOf(const Record &record)
{
    if (record.faults > 0)
        return QLatin1String(
                QMetaEnum::fromType<GruvSocket::Error>().valueToKey(int(record.fault)));
    return record.hasAborted  ? QStringLiteral("aborted")
           : record.hasClosed ? QStringLiteral("closed")
                              : QStringLiteral("closed by the peer");
}

// What this end did and saw leaves no excuse for a message of the other end that is missing.
bool isInnocent(const Record &record)
{
    return !record.hasClosed && !record.hasAborted && record.faults == 0;
}

// It was told that all of what it sent has arrived.
bool hasClosedWell(const Record &record)
{
    return record.hasClosed && !record.hasClosedInMidst && !record.hasAborted && record.faults == 0;
}

QString described(const Record &record)
{
    return QStringLiteral("[%1, \"%2\"]").arg(endingOf(record), record.text);
}

} // namespace

void Judge::require(bool isTrue, const QString &else_)
{
    if (!isTrue)
        m_wrong.append(else_);
}

void Judge::count(const Record &record)
{
    ++(record.cameUp() ? m_connections : m_failed);
    m_sent += qint64(record.sent.size());
    m_received += qint64(record.received.size());
    ++m_endings[endingOf(record)];
}

void Judge::judgeLife(const QString &whose, const Record &record)
{
    const QString signals_ = QStringLiteral("%1: %2 connected, %3 errorOccurred, %4 disconnected, "
                                            "%5 signals after it %6")
                                     .arg(whose)
                                     .arg(record.connected)
                                     .arg(record.faults)
                                     .arg(record.disconnected)
                                     .arg(record.late)
                                     .arg(described(record));
    require(record.late == 0, signals_);
    if (record.cameUp()) {
        require(record.connected == (record.wasTaken ? 0 : 1), signals_);
        require(record.disconnected == 1 && record.faults <= 1, signals_);
    } else {
        const bool wasCalledOff = record.hasClosed || record.hasAborted;
        require(record.disconnected == 0, signals_);
        require(record.faults == 1 || (record.faults == 0 && wasCalledOff), signals_);
    }
}

// A fault is told only where there was one, by the name of what happened.
void Judge::judgeFault(const QString &whose, const Record &record, const Record *other)
{
    using Error = GruvSocket::Error;
    if (record.faults == 0 || !record.cameUp() || record.clientPort == 0)
        return;
    const bool wasEnded = Faults::hasEnded(record.clientPort);
    const bool otherLeft = !other || other->hasClosed || other->hasAborted;
    const bool isRight = (record.fault == Error::ConnectionReset && (wasEnded || otherLeft))
                         || (record.fault == Error::PeerUnresponsive && wasEnded);
    require(isRight,
            QStringLiteral("%1 %2: there was no such fault").arg(whose, described(record)));
}

void Judge::judgeWay(const QString &which, const Record &from, const Record &to)
{
    const QString counts = QStringLiteral("%1: %2 messages sent %3, %4 received %5: ")
                                   .arg(which)
                                   .arg(from.sent.size())
                                   .arg(described(from))
                                   .arg(to.received.size())
                                   .arg(described(to));
    require(isPrefix(to.received, from.sent), counts + QStringLiteral("not the first ones"));
    // With a close that succeeded, the last ones have to come even where RST came behind them.
    const bool isUntouched = !Faults::hasEnded(from.clientPort);
    const bool mayMissSome = to.hasClosed || to.hasAborted;
    const bool hasToCome = (isInnocent(from) && isInnocent(to))
                           || (hasClosedWell(from) && isInnocent(to))
                           || (hasClosedWell(from) && isUntouched && !mayMissSome);
    if (!hasToCome)
        return;
    ++m_complete;
    require(to.received.size() == from.sent.size(), counts + QStringLiteral("some are lost"));
}

QStringList Judge::judge(const Scene &scene)
{
    m_wrong.clear();
    const auto &servers = scene.serverRecords();
    std::vector<const Record *> strangers; // reset before they could be asked who they are
    for (const auto &server : servers) {
        count(*server);
        judgeLife(QStringLiteral("a connection of the server"), *server);
        if (server->clientPort == 0)
            strangers.push_back(server.get());
    }
    for (const auto &client : scene.clients()) {
        const Record &record = client->record;
        const QString name = QStringLiteral("client %1").arg(client->script.id);
        count(record);
        judgeLife(name, record);
        const auto server = std::find_if(servers.rbegin(), servers.rend(), [&](const auto &other) {
            return record.cameUp() && !other->isHonest && other->clientPort == record.clientPort;
        });
        judgeFault(name, record, server == servers.rend() ? nullptr : server->get());
        if (server == servers.rend())
            continue;
        judgeFault(QStringLiteral("server of ") + name, **server, &record);
        judgeWay(name + QStringLiteral(" to server"), record, **server);
        judgeWay(QStringLiteral("server to ") + name, **server, record);
    }
    for (const Record *stranger : strangers) {
        const bool isKnown = std::any_of(
                scene.clients().begin(), scene.clients().end(), [&](const auto &client) {
                    return isPrefix(stranger->received, client->record.sent);
                });
        require(isKnown, QStringLiteral("a connection got what no client sent"));
    }
    return m_wrong;
}

QStringList Judge::story(const Scene &scene)
{
    const auto line = [](const QString &who, const Record &record) {
        return QStringLiteral("%1, port %2, %3: %4 sent, %5 received, ")
                       .arg(who)
                       .arg(record.clientPort)
                       .arg(record.cameUp() ? QLatin1String("up") : QLatin1String("never up"))
                       .arg(record.sent.size())
                       .arg(record.received.size())
               + described(record);
    };
    QStringList lines;
    for (const auto &client : scene.clients())
        lines.append(line(QStringLiteral("client %1").arg(client->script.id), client->record));
    for (const auto &server : scene.serverRecords())
        lines.append(line(QStringLiteral("server"), *server));
    return lines;
}

QString Judge::figures() const
{
    QString text = QStringLiteral("%1 ends of connections, %2 connects failed; %3 messages sent, "
                                  "%4 delivered, %5 ways complete as they had to be; ended:")
                           .arg(m_connections)
                           .arg(m_failed)
                           .arg(m_sent)
                           .arg(m_received)
                           .arg(m_complete);
    for (auto ending = m_endings.begin(); ending != m_endings.end(); ++ending)
        text += QStringLiteral(" %1 %2,").arg(ending.value()).arg(ending.key());
    text.chop(1);
    return text;
}
