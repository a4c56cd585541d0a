// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MESSAGEMODEL_H
#define MESSAGEMODEL_H

#include "message.h"

#include <QtCore/qabstractitemmodel.h>
#include <QtCore/qtimer.h>

#include <deque>
#include <functional>

// The messages of one chat. A view lays out all rows again at any change, so rows and changes reach
// it in batches: at once when idle, then every 33 ms.
class MessageModel : public QAbstractListModel
{
    Q_OBJECT

public:
    using Clock = std::function<QDateTime()>;
    enum Role {
        UidRole = Qt::UserRole,
        SenderRole,    // int of Message::Sender
        DeliveryRole,  // int of Message::Delivery
        RoundTripRole, // microseconds, -1 if unknown
        TimeRole,
        PayloadRole,
        SizeRole,
    };
    static constexpr int MaximumRows = 10'000;
    static constexpr qint64 MaximumBytes = 64
                                           << 20; // of payloads; beyond it old ones are shortened

    explicit MessageModel(QObject *parent = nullptr);
    explicit MessageModel(Clock clock, QObject *parent = nullptr);

    quint64 post(Message::Sender sender, const QByteArray &payload, const QString &label = {},
                 Message::Delivery delivery = Message::Delivery::None);
    void setDelivery(quint64 uid, Message::Delivery delivery,
                     std::chrono::microseconds roundTrip = std::chrono::microseconds(-1));
    void flush();
    void clear();

    const Message *find(quint64 uid) const; // posted, shown or not yet; null if trimmed
    const Message &at(int row) const;
    int rowOf(quint64 uid) const; // -1 if it is not shown
    int pendingCount() const;
    qint64 payloadBytes() const; // kept

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    void scheduleFlush();
    void flushOnTimeout();
    void showPending();
    void trim(int incoming);
    void erase(int count);
    void shortenOld();
    void tellChanges();
    std::deque<Message>::size_type indexOf(quint64 uid) const;

    const Clock m_clock;
    std::deque<Message> m_messages; // uids are consecutive; the first m_shown are rows
    int m_shown = 0;
    qint64 m_bytes = 0;
    quint64 m_firstWhole = 1; // uid: what is older has a short payload
    quint64 m_nextUid = 1;
    quint64 m_firstDirty = 0; // uids; none if m_lastDirty is smaller
    quint64 m_lastDirty = 0;
    QTimer m_timer;
};

#endif // MESSAGEMODEL_H
