// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MAILBOX_P_H
#define MAILBOX_P_H

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>

#include <mutex>
#include <vector>

// What other threads ask of a connection, in the order in which each of them asked.
class Mailbox
{
public:
    enum class Request { SendMessage, SendFrame, Disconnect, Abort, Refuse };
    struct Letter
    {
        Request request;
        quint32 connection; // which of the object's connections was meant
        QByteArray bytes;
        int error = 0;
        QString description;
    };

    bool post(Letter letter);
    void takeAll(std::vector<Letter> *out);

private:
    std::mutex m_mutex; // not QMutex, which ThreadSanitizer cannot see through
    std::vector<Letter> m_letters;
};

#endif // MAILBOX_P_H
