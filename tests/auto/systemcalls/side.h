// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SIDE_H
#define SIDE_H

#include "systemcalls.h"

#include <gruvsocks/epolldispatcher_p.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qmetatype.h>
#include <QtCore/qthread.h>

#include <functional>

// The event loop of a thread: Qt's unix dispatcher or the library's.
enum class Loop { Unix, Epoll };
Q_DECLARE_METATYPE(Loop)

// A thread with an event loop. What lives in it is a child of home() and goes with it.
class Side
{
public:
    explicit Side(Loop loop)
        : m_home(new QObject)
    {
        if (loop == Loop::Epoll)
            m_thread.setEventDispatcher(EpollDispatcher::create());
        m_home->moveToThread(&m_thread);
        QObject::connect(&m_thread, &QThread::finished, m_home, &QObject::deleteLater);
        m_thread.start();
        call([this] { m_meter = SystemCalls::ofThisThread(); });
    }
    ~Side()
    {
        m_thread.quit();
        m_thread.wait();
    }

    QObject *home() const { return m_home; }
    SystemCalls::Counts calls() const { return m_meter->now(); }

    // Runs function in the thread; returns when it has returned there.
    void call(const std::function<void()> &function)
    {
        QMetaObject::invokeMethod(m_home, function, Qt::BlockingQueuedConnection);
    }
    void post(const std::function<void()> &function)
    {
        QMetaObject::invokeMethod(m_home, function, Qt::QueuedConnection);
    }

private:
    Q_DISABLE_COPY_MOVE(Side)
    QThread m_thread;
    QObject *const m_home;
    const SystemCalls::Meter *m_meter = nullptr;
};

inline GruvSocket *connectIn(Side *side, quint16 port)
{
    GruvSocket *socket = nullptr;
    side->call([&] {
        socket = new GruvSocket(side->home());
        socket->connectToHost(QHostAddress::LocalHost, port);
        socket->waitForConnected();
    });
    return socket;
}

#endif // SIDE_H
