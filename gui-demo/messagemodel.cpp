// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "messagemodel.h"

#include <algorithm>
#include <utility>

using namespace std::chrono_literals;

static constexpr std::chrono::milliseconds FlushInterval = 33ms;

MessageModel::MessageModel(QObject *parent)
    : MessageModel([] { return QDateTime::currentDateTime(); }, parent)
{}

MessageModel::MessageModel(Clock clock, QObject *parent)
    : QAbstractListModel(parent)
    , m_clock(std::move(clock))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &MessageModel::flushOnTimeout);
}

quint64 MessageModel::post(Message::Sender sender, const QByteArray &payload, const QString &label,
                           Message::Delivery delivery)
{
    Message message;
    message.uid = m_nextUid++;
    message.sender = sender;
    message.payload = payload.left(Message::MaximumPayload);
    message.size = payload.size();
    message.label = label;
    message.time = m_clock();
    message.delivery = delivery;
    m_bytes += message.payload.size();
    m_messages.push_back(std::move(message));
    shortenOld();
    scheduleFlush();
    return m_nextUid - 1;
}

void MessageModel::setDelivery(quint64 uid, Message::Delivery delivery,
                               std::chrono::microseconds roundTrip)
{
    if (!find(uid))
        return;
    Message &message = m_messages[indexOf(uid)];
    message.delivery = delivery;
    message.roundTrip = roundTrip;
    if (rowOf(uid) < 0)
        return;
    m_firstDirty = m_firstDirty == 0 ? uid : std::min(m_firstDirty, uid);
    m_lastDirty = std::max(m_lastDirty, uid);
    scheduleFlush();
}

// Soon after the last flush the next one waits for its interval; otherwise it is at once.
void MessageModel::scheduleFlush()
{
    if (!m_timer.isActive())
        m_timer.start(0ms);
}

// Runs on after a flush, so that what comes within the interval waits for its end.
void MessageModel::flushOnTimeout()
{
    const bool isBusy = pendingCount() > 0 || m_lastDirty > 0;
    flush();
    if (isBusy)
        m_timer.start(FlushInterval);
}

void MessageModel::flush()
{
    tellChanges();
    showPending();
}

void MessageModel::tellChanges()
{
    const auto last = std::exchange(m_lastDirty, 0);
    const auto first = std::exchange(m_firstDirty, 0);
    if (last == 0)
        return;
    const int top = std::max(0, rowOf(first)); // it may be trimmed by now
    const int bottom = rowOf(last);
    if (bottom >= 0)
        Q_EMIT dataChanged(index(top), index(bottom), { DeliveryRole, RoundTripRole });
}

void MessageModel::showPending()
{
    if (pendingCount() == 0)
        return;
    if (m_shown + pendingCount() > MaximumRows)
        trim(pendingCount());
    const int first = m_shown;
    const int last = m_shown + pendingCount() - 1;
    beginInsertRows({}, first, last);
    m_shown = last + 1;
    endInsertRows();
}

// Makes room for the incoming and 5 % more, so that not every message at the limit trims.
void MessageModel::trim(int incoming)
{
    constexpr int spare = MaximumRows / 20;
    const int surplus = m_shown + incoming - (MaximumRows - spare);
    const int rows = std::min(surplus, m_shown);
    if (rows > 0) {
        beginRemoveRows({}, 0, rows - 1);
        erase(rows);
        m_shown -= rows;
        endRemoveRows();
    }
    if (surplus > rows)
        erase(surplus - rows);
}

void MessageModel::erase(int count)
{
    for (int i = 0; i < count; ++i) {
        m_bytes -= m_messages.front().payload.size();
        m_messages.pop_front();
    }
}

// The oldest first; all of them stay to be seen.
void MessageModel::shortenOld()
{
    m_firstWhole = std::max(m_firstWhole, m_messages.front().uid);
    for (; m_bytes > MaximumBytes && m_firstWhole < m_nextUid; ++m_firstWhole) {
        QByteArray &payload = m_messages[indexOf(m_firstWhole)].payload;
        m_bytes -= payload.size();
        if (payload.size() > Message::ShortPayload) // a copy, so that the rest is freed
            payload = QByteArray(payload.constData(), Message::ShortPayload);
        m_bytes += payload.size();
    }
}

qint64 MessageModel::payloadBytes() const
{
    return m_bytes;
}

void MessageModel::clear()
{
    m_timer.stop();
    m_firstDirty = m_lastDirty = 0;
    beginResetModel();
    m_messages.clear();
    m_shown = 0;
    m_bytes = 0;
    endResetModel();
}

std::deque<Message>::size_type MessageModel::indexOf(quint64 uid) const
{
    return std::deque<Message>::size_type(uid - m_messages.front().uid);
}

const Message *MessageModel::find(quint64 uid) const
{
    const bool isHere = !m_messages.empty() && uid >= m_messages.front().uid && uid < m_nextUid;
    return isHere ? &m_messages[indexOf(uid)] : nullptr;
}

const Message &MessageModel::at(int row) const
{
    return m_messages[std::deque<Message>::size_type(row)];
}

int MessageModel::rowOf(quint64 uid) const
{
    return find(uid) && indexOf(uid) < quint64(m_shown) ? int(indexOf(uid)) : -1;
}

int MessageModel::pendingCount() const
{
    return int(m_messages.size()) - m_shown;
}

int MessageModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_shown;
}

QVariant MessageModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Message &message = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return message.text();
    case Qt::AccessibleTextRole:
        return message.accessibleText();
    case UidRole:
        return message.uid;
    case SenderRole:
        return int(message.sender);
    case DeliveryRole:
        return int(message.delivery);
    case RoundTripRole:
        return qint64(message.roundTrip.count());
    case TimeRole:
        return message.time;
    case PayloadRole:
        return message.payload;
    case SizeRole:
        return message.size;
    default:
        return {};
    }
}
