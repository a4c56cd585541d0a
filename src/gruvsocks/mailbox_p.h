// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MAILBOX_P_H
#define MAILBOX_P_H

#include <QtCore/qbytearray.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qstring.h>

#include <atomic>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

class QObject;

// What other threads ask of a connection, in the order in which each of them asked.
class Mailbox
{
public:
    enum class Request {
        SendMessage,
        SendFrame,
        Disconnect,
        Abort,
        Stop,
        Release,
        Deliver,
        Refuse
    };
    struct Letter
    {
        Request request;
        quint32 connection; // which of the object's connections was meant
        QByteArray bytes;
        int error = 0;
        QString description;
    };

    explicit Mailbox(QObject *owner)
        : m_owner(owner)
    {}
    static QEvent::Type mailEvent(); // what the owner is sent

    void post(Letter letter);
    void wakeOwner(); // again
    bool endTurn();   // whether none is left; then the next one makes another event
    void takeAll(std::vector<Letter> *out);
    bool isEmpty() const { return m_isEmpty.load(std::memory_order_relaxed); }

private:
    bool isTold(const Letter &letter);
    void wake();

    QObject *const m_owner;
    std::mutex m_mutex; // not QMutex, which ThreadSanitizer cannot see through
    std::vector<Letter> m_letters;
    bool m_isOwnerAwake = false;                       // or an event is under way
    std::atomic<bool> m_isEmpty{ true };               // m_letters, for a look without the lock
    std::map<std::pair<Request, int>, size_t> m_notes; // where the last one of each kind is
};

#endif // MAILBOX_P_H
