// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef QTSERVER_H
#define QTSERVER_H

#include "task.h"

#include <QtCore/qlist.h>
#include <QtNetwork/qhostaddress.h>

constexpr qint64 HighWatermark = 1024 * 1024; // as much as a GruvSocket lets wait

// A server of Qt's kind for QtEnds: Base has newConnection() and nextPendingConnection().
template<typename Base, typename Socket, typename Channel>
class QtServer : public Base
{
public:
    template<typename... Arguments>
    explicit QtServer(const Task &task, Arguments... arguments)
        : Base(arguments...)
        , m_isPublisher(task.work == Task::Work::Broadcast)
    {
        Base::setMaxPendingConnections(20'000);
    }
    template<typename Function>
    void onConnection(Function function)
    {
        QObject::connect(this, &Base::newConnection, this, [this, function] {
            while (Socket *socket = Base::nextPendingConnection()) {
                function(new Channel(socket));
                if (m_isPublisher)
                    subscribers.append(socket);
            }
        });
    }
    quint16 port() const { return Base::serverPort(); }
    bool hasRoom() const
    {
        return subscribers.isEmpty() || subscribers.first()->bytesToWrite() < HighWatermark;
    }

protected:
    QList<Socket *> subscribers;

private:
    const bool m_isPublisher;
};

#endif // QTSERVER_H
