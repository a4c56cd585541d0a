// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SIGNALLOGMODEL_H
#define SIGNALLOGMODEL_H

#include <QtCore/qabstractitemmodel.h>
#include <QtCore/qdatetime.h>
#include <QtCore/qtimer.h>

#include <deque>
#include <functional>

// Signals as they fired, the last 5,000 of them; the rows are those that match the filter.
class SignalLogModel : public QAbstractListModel
{
    Q_OBJECT

public:
    using Clock = std::function<QDateTime()>;
    static constexpr int MaximumLines = 5'000;
    enum Role { FullTextRole = Qt::UserRole }; // with the hour, for a file

    explicit SignalLogModel(QObject *parent = nullptr);

    void setClock(Clock clock);
    void append(const QString &object, const QString &signature);
    void setFilter(const QString &text);
    bool isPaused() const;
    void setPaused(bool paused); // what fires meanwhile is shown afterwards
    void clear();
    void flush();
    int pendingCount() const; // of a pause
    int lineCount() const;    // with those that the filter hides

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

Q_SIGNALS:
    void countsChanged();

private:
    struct Line
    {
        QTime time;
        QString object;
        QString signature;
        QString text(const QString &timeFormat) const;
    };

    bool matches(const Line &line) const;
    void flushOnTimeout();
    void showPending();
    void addRows(std::deque<Line> *fresh);

    Clock m_clock;
    std::deque<Line> m_lines; // all but the pending ones
    std::deque<Line> m_rows;
    std::deque<Line> m_pending;
    QString m_filter;
    QTimer m_timer;
    bool m_isPaused = false;
};

#endif // SIGNALLOGMODEL_H
