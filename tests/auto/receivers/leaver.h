// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LEAVER_H
#define LEAVER_H

#include <functional>

#include <wirepair.h>

// How a receiver goes away.
enum class Way {
    DisconnectPointers,
    DisconnectConnection,
    DisconnectReceiver,
    DisconnectSignal,
    DisconnectAll,
    DeleteReceiver,
};
Q_DECLARE_METATYPE(Way)

// A receiver that collects messages, and knows how to leave.
class Leaver : public QObject
{
public:
    explicit Leaver(GruvSocket *socket, QList<QByteArray> *got)
        : m_socket(socket)
        , m_got(got)
        , m_connection(connect(socket, &GruvSocket::messageReceived, this, &Leaver::take))
    {}

    void leave(Way way)
    {
        switch (way) {
        case Way::DisconnectPointers:
            disconnect(m_socket, &GruvSocket::messageReceived, this, &Leaver::take);
            break;
        case Way::DisconnectConnection:
            disconnect(m_connection);
            break;
        case Way::DisconnectReceiver:
            m_socket->disconnect(this);
            break;
        case Way::DisconnectSignal:
            disconnect(m_socket, &GruvSocket::messageReceived, nullptr, nullptr);
            break;
        case Way::DisconnectAll:
            m_socket->disconnect();
            break;
        case Way::DeleteReceiver:
            delete this;
            break;
        }
    }

    std::function<void(const QByteArray &)> afterwards; // in the slot; may delete this

    void take(const QByteArray &message)
    {
        m_got->append(message);
        if (const auto then = afterwards)
            then(message);
    }

private:
    GruvSocket *const m_socket;
    QList<QByteArray> *const m_got;
    const QMetaObject::Connection m_connection;
};

#endif // LEAVER_H
