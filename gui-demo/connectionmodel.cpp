// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "connectionmodel.h"

#include "message.h"

#include <algorithm>

namespace {

QString ageText(const QDateTime &since)
{
    const qint64 seconds = since.isValid() ? since.secsTo(QDateTime::currentDateTimeUtc()) : 0;
    if (seconds < 60)
        return ConnectionModel::tr("%1 s").arg(seconds);
    if (seconds < 3600)
        return ConnectionModel::tr("%1 min").arg(seconds / 60);
    return ConnectionModel::tr("%1 h").arg(seconds / 3600);
}

QString peerText(const GruvSocket *socket)
{
    const QString address = socket->peerAddress().toString();
    return address == QLatin1String("127.0.0.1")
                   ? QStringLiteral(":%1").arg(socket->peerPort())
                   : QStringLiteral("%1:%2").arg(address).arg(socket->peerPort());
}

QString bytesText(qint64 bytes)
{
    return bytes < 1024 ? ConnectionModel::tr("%1 B").arg(bytes) : Message::sizeText(bytes);
}

} // namespace

ConnectionModel::ConnectionModel(QObject *parent)
    : QAbstractTableModel(parent)
{}

void ConnectionModel::add(GruvSocket *socket)
{
    const int row = int(m_rows.size());
    beginInsertRows({}, row, row);
    m_rows.push_back({ socket, socket->connectionId(), peerText(socket), socket->statistics() });
    endInsertRows();
}

void ConnectionModel::remove(GruvSocket *socket)
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [socket](const Row &row) {
        return row.id == socket->connectionId();
    });
    if (found == m_rows.end())
        return;
    const int row = int(found - m_rows.begin());
    m_receivedByEnded += socket->statistics().messagesReceived;
    beginRemoveRows({}, row, row);
    m_rows.erase(found);
    endRemoveRows();
}

void ConnectionModel::refresh()
{
    for (Row &row : m_rows) {
        if (row.socket)
            row.figures = row.socket->statistics();
    }
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, InColumn), index(int(m_rows.size()) - 1, AgeColumn));
}

quint64 ConnectionModel::idAt(int row) const
{
    return row >= 0 && row < int(m_rows.size()) ? m_rows[std::size_t(row)].id : 0;
}

qint64 ConnectionModel::messagesReceived() const
{
    qint64 sum = m_receivedByEnded;
    for (const Row &row : m_rows)
        sum += row.figures.messagesReceived;
    return sum;
}

int ConnectionModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ConnectionModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString ConnectionModel::text(const Row &row, int column) const
{
    switch (column) {
    case IdColumn:
        return QString::number(row.id);
    case PeerColumn:
        return row.peer;
    case InColumn:
        return QString::number(row.figures.messagesReceived);
    case OutColumn:
        return QString::number(row.figures.messagesSent);
    case BytesColumn:
        return bytesText(row.figures.bytesReceived + row.figures.bytesSent);
    default:
        return ageText(row.figures.connectedSince);
    }
}

QVariant ConnectionModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1: %2").arg(description(index.column()), text(row, index.column()));
    case Qt::TextAlignmentRole:
        return QVariant(index.column() == PeerColumn ? Qt::AlignLeft | Qt::AlignVCenter
                                                     : Qt::AlignRight | Qt::AlignVCenter);
    case IdRole:
        return row.id;
    default:
        return {};
    }
}

QString ConnectionModel::description(int column)
{
    switch (column) {
    case IdColumn:
        return tr("Connection");
    case PeerColumn:
        return tr("Address and port of the peer");
    case InColumn:
        return tr("Messages received");
    case OutColumn:
        return tr("Messages sent");
    case BytesColumn:
        return tr("Bytes on the wire, both ways");
    default:
        return tr("Connected for");
    }
}

QVariant ConnectionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole)
        return description(section);
    if (role == Qt::TextAlignmentRole)
        return QVariant(section == PeerColumn ? Qt::AlignLeft | Qt::AlignVCenter
                                              : Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = { tr("#"), tr("Peer"), tr("In"), tr("Out"), tr("Bytes"), tr("Age") };
    return titles[section];
}
