// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONNECTIONMODEL_H
#define CONNECTIONMODEL_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qabstractitemmodel.h>
#include <QtCore/qpointer.h>

#include <vector>

// The connections of a server, one a row. Their figures are read in refresh(), not at each message.
class ConnectionModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { IdColumn, PeerColumn, InColumn, OutColumn, BytesColumn, AgeColumn, ColumnCount };
    static constexpr int IdRole = Qt::UserRole;

    explicit ConnectionModel(QObject *parent = nullptr);

    void add(GruvSocket *socket);
    void remove(GruvSocket *socket);
    void refresh();
    quint64 idAt(int row) const;     // 0: no such row
    qint64 messagesReceived() const; // of all connections, those included that have ended

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        QPointer<GruvSocket> socket;
        quint64 id = 0;
        QString peer;
        GruvSocket::Statistics figures;
    };

    QString text(const Row &row, int column) const;
    static QString description(int column);

    std::vector<Row> m_rows;
    qint64 m_receivedByEnded = 0;
};

#endif // CONNECTIONMODEL_H
