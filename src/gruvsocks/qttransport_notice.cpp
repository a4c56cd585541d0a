// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/qttransport_p.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>

#include <utility>

/*
    The listener is never told while Qt emits: a slot of the listener may run an event loop, and as
    long as a readyRead() of the inner socket has not returned Qt emits no other (Qt 6.4.2,
    qabstractsocket.cpp), so there would be nothing to receive in it. A posted event costs an
    allocation, a wake-up and a second wait for each message of a ping-pong, so it is told at the
    end of the turn. But not everywhere: those of Windows and macOS have no end that is told where a
    slot calls processEvents() in a loop of its own.
*/
QtTransport::Notice::Notice(Listener *listener, void (Listener::*what)())
    : m_listener(listener)
    , m_what(what)
{}

QtTransport::Notice::~Notice()
{
    cancel();
}

void QtTransport::Notice::post()
{
    if (NativeSocket::isSupported())
        m_turnEnd->add(this);
    else if (!std::exchange(m_isPosted, true))
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

void QtTransport::Notice::cancel()
{
    m_turnEnd->remove(this);
    QCoreApplication::removePostedEvents(this, QEvent::User);
    m_isPosted = false;
}

// As an event: only then an event loop in a slot deletes what deleteLater() was called for there.
void QtTransport::Notice::turnEnded()
{
    QEvent event(QEvent::User);
    QCoreApplication::sendEvent(this, &event);
}

bool QtTransport::Notice::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    m_isPosted = false;
    (m_listener->*m_what)(); // which may delete this
    return true;
}
