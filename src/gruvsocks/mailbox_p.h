// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MAILBOX_P_H
#define MAILBOX_P_H

#include <QtCore/qbytearray.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qstring.h>

#include <mutex>
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
    void takeAll(std::vector<Letter> *out);

private:
    QObject *const m_owner;
    std::mutex m_mutex; // not QMutex, which ThreadSanitizer cannot see through
    std::vector<Letter> m_letters;
};

#endif // MAILBOX_P_H
