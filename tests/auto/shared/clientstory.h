// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CLIENTSTORY_H
#define CLIENTSTORY_H

#include <gruvsocks/gruvclient.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qstringlist.h>

#include <encryption.h>

// A client in a hurry, and what it tells, in order.
class ClientStory : public GruvClient
{
public:
    ClientStory()
    {
        GruvReconnectPolicy policy;
        policy.initialDelay = std::chrono::milliseconds(20);
        policy.maximumDelay = std::chrono::milliseconds(100);
        setReconnectPolicy(policy);
        if (Encryption::isOn())
            setSslConfiguration(Encryption::configuration());
        connect(this, &GruvClient::stateChanged, this,
                [this](State state) { lines.append(nameOf(state)); });
        connect(this, &GruvClient::online, this, [this] { add("online"); });
        connect(this, &GruvClient::offline, this, [this] { add("offline"); });
        connect(this, &GruvClient::reconnectScheduled, this, [this] { add("scheduled"); });
        connect(this, &GruvClient::errorOccurred, this, [this] { add("error"); });
        connect(this, &GruvClient::messageDropped, this, [this](quint64 id, DropReason reason) {
            lines.append(nameOf(reason));
            dropped.append(id);
        });
        connect(this, &GruvClient::messageReceived, this,
                [this](const QByteArray &message) { received.append(message); });
    }
    static Server at(quint16 port)
    {
        if (Encryption::isOn())
            return { QStringLiteral("localhost"), port, true };
        return { QStringLiteral("127.0.0.1"), port, false };
    }
    void begin(const QList<quint16> &ports)
    {
        QList<Server> all;
        for (const quint16 port : ports)
            all.append(at(port));
        setServers(all);
        connectToServers();
    }
    // 1 to last, each once and in order.
    static QList<quint64> ids(quint64 first, quint64 last)
    {
        QList<quint64> all;
        for (quint64 id = first; id <= last; ++id)
            all.append(id);
        return all;
    }
    QString text() const { return lines.join(u' '); }
    int count(const char *line) const { return int(lines.count(QLatin1String(line))); }

    QStringList lines;
    QList<quint64> dropped;
    QList<QByteArray> received;

private:
    template<typename Enum>
    static QString nameOf(Enum value)
    {
        return QLatin1String(QMetaEnum::fromType<Enum>().valueToKey(int(value)));
    }
    void add(const char *line) { lines.append(QLatin1String(line)); }
};

#endif // CLIENTSTORY_H
