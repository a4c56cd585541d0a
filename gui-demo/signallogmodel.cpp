// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "signallogmodel.h"

#include <algorithm>
#include <iterator>
#include <utility>

using namespace std::chrono_literals;

static constexpr std::chrono::milliseconds FlushInterval = 33ms;

template<typename Lines>
static void keepNewest(Lines *lines, int count)
{
    if (int(lines->size()) > count)
        lines->erase(lines->begin(), lines->end() - count);
}

SignalLogModel::SignalLogModel(QObject *parent)
    : QAbstractListModel(parent)
    , m_clock([] { return QDateTime::currentDateTime(); })
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &SignalLogModel::flushOnTimeout);
}

void SignalLogModel::setClock(Clock clock)
{
    m_clock = std::move(clock);
}

void SignalLogModel::append(const QString &object, const QString &signature)
{
    m_pending.push_back({ m_clock().time(), object, signature });
    if (int(m_pending.size()) > MaximumLines)
        m_pending.pop_front();
    if (!m_timer.isActive())
        m_timer.start(m_isPaused ? FlushInterval : 0ms);
}

void SignalLogModel::flushOnTimeout()
{
    const bool isBusy = !m_pending.empty() && !m_isPaused;
    flush();
    if (isBusy)
        m_timer.start(FlushInterval);
}

void SignalLogModel::flush()
{
    if (!m_isPaused && !m_pending.empty())
        showPending();
    Q_EMIT countsChanged();
}

void SignalLogModel::showPending()
{
    std::deque<Line> fresh;
    std::copy_if(m_pending.cbegin(), m_pending.cend(), std::back_inserter(fresh),
                 [this](const Line &line) { return matches(line); });
    std::move(m_pending.begin(), m_pending.end(), std::back_inserter(m_lines));
    m_pending.clear();
    keepNewest(&m_lines, MaximumLines);
    addRows(&fresh);
}

void SignalLogModel::addRows(std::deque<Line> *fresh)
{
    const int surplus = int(m_rows.size() + fresh->size()) - MaximumLines;
    if (surplus > 0) {
        const int rows = std::min(std::max(surplus, MaximumLines / 20), int(m_rows.size()));
        beginRemoveRows({}, 0, rows - 1);
        m_rows.erase(m_rows.begin(), m_rows.begin() + rows);
        endRemoveRows();
    }
    if (fresh->empty())
        return;
    const int first = int(m_rows.size());
    beginInsertRows({}, first, first + int(fresh->size()) - 1);
    std::move(fresh->begin(), fresh->end(), std::back_inserter(m_rows));
    endInsertRows();
}

void SignalLogModel::setFilter(const QString &text)
{
    m_filter = text;
    beginResetModel();
    m_rows.clear();
    std::copy_if(m_lines.cbegin(), m_lines.cend(), std::back_inserter(m_rows),
                 [this](const Line &line) { return matches(line); });
    endResetModel();
    Q_EMIT countsChanged();
}

bool SignalLogModel::isPaused() const
{
    return m_isPaused;
}

void SignalLogModel::setPaused(bool paused)
{
    m_isPaused = paused;
    flush();
}

void SignalLogModel::clear()
{
    beginResetModel();
    m_lines.clear();
    m_rows.clear();
    m_pending.clear();
    endResetModel();
    Q_EMIT countsChanged();
}

int SignalLogModel::pendingCount() const
{
    return int(m_pending.size());
}

int SignalLogModel::lineCount() const
{
    return int(m_lines.size());
}

int SignalLogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

QVariant SignalLogModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Line &line = m_rows[std::deque<Line>::size_type(index.row())];
    if (role == Qt::DisplayRole)
        return line.text(QStringLiteral("ss.zzz"));
    if (role == FullTextRole || role == Qt::ToolTipRole)
        return line.text(QStringLiteral("HH:mm:ss.zzz"));
    return {};
}

QString SignalLogModel::Line::text(const QString &timeFormat) const
{
    return QStringLiteral("%1  %2::%3").arg(time.toString(timeFormat), object, signature);
}

bool SignalLogModel::matches(const Line &line) const
{
    if (m_filter.isEmpty())
        return true;
    const QString text = QStringLiteral("%1::%2").arg(line.object, line.signature);
    return text.contains(m_filter, Qt::CaseInsensitive);
}
