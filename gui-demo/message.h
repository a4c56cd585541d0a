// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MESSAGE_H
#define MESSAGE_H

#include <QtCore/qbytearray.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qdatetime.h>
#include <QtCore/qstring.h>

#include <chrono>

// One line of the chat: facts only, the delegate alone knows how they look.
struct Message
{
    Q_DECLARE_TR_FUNCTIONS(Message)

public:
    enum class Sender { Me, Peer };
    enum class Delivery { None, Queued, Written, Echoed, Unanswered, NotSent };
    static constexpr qsizetype MaximumPayload = 65536; // of which the payload keeps the first
    static constexpr qsizetype ShortPayload = 8192;    // more than a bubble shows

    quint64 uid = 0;
    Sender sender = Sender::Me;
    QByteArray payload;
    qint64 size = 0; // of the whole payload
    QString label;   // the name, if it is a file
    QDateTime time;
    Delivery delivery = Delivery::None;
    std::chrono::microseconds roundTrip{ -1 };

    bool isText() const; // UTF-8 without control characters; otherwise text() describes it
    QString text() const;
    QString senderName() const;
    QString deliveryText() const;  // empty for None
    QString roundTripText() const; // empty if unknown
    QString accessibleText() const;
    static QString sizeText(qint64 bytes);
};

#endif // MESSAGE_H
