// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "signallog.h"
#include "placeholderlist.h"
#include "theme.h"

#include <QtCore/qcoreevent.h>
#include <QtCore/qlocale.h>
#include <QtGui/qclipboard.h>
#include <QtGui/qguiapplication.h>
#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qmenu.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qscrollbar.h>

#include <algorithm>

static PlaceholderList *createList(QAbstractItemModel *model, QWidget *parent)
{
    auto *list = new PlaceholderList(parent);
    list->setObjectName(QStringLiteral("signalList"));
    list->setAccessibleName(SignalLog::tr("Signals as they fire"));
    list->setPlaceholderText(SignalLog::tr("No signal has fired yet"));
    list->setModel(model);
    list->setUniformItemSizes(true); // one is measured instead of all
    list->setFont(Theme::fixedFont());
    return list;
}

SignalLog::SignalLog(QWidget *parent)
    : QWidget(parent)
    , m_list(createList(&m_model, this))
    , m_filter(new QLineEdit(this))
    , m_pause(new QPushButton(this))
    , m_counts(new QLabel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addLayout(createHeader());
    layout->addWidget(m_list);
    connect(&m_model, &SignalLogModel::rowsAboutToBeInserted, this, &SignalLog::noteEnd);
    connect(&m_model, &SignalLogModel::rowsInserted, this, &SignalLog::followEnd);
    connect(&m_model, &SignalLogModel::modelReset, m_list, &PlaceholderList::scrollToBottom);
    connect(&m_model, &SignalLogModel::countsChanged, this, &SignalLog::showCounts);
    showCounts();
}

QLayout *SignalLog::createHeader()
{
    m_counts->setObjectName(QStringLiteral("signalCounts"));
    m_filter->setObjectName(QStringLiteral("signalFilter"));
    m_filter->setAccessibleName(tr("Filter of the signals"));
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setClearButtonEnabled(true);
    m_pause->setObjectName(QStringLiteral("signalPause"));
    m_pause->setText(tr("Pa&use"));
    m_pause->setCheckable(true);
    connect(m_filter, &QLineEdit::textChanged, &m_model, &SignalLogModel::setFilter);
    connect(m_pause, &QPushButton::toggled, &m_model, &SignalLogModel::setPaused);
    auto *header = new QHBoxLayout;
    header->addWidget(m_counts);
    header->addWidget(m_filter, 1);
    header->addWidget(m_pause);
    header->addWidget(createMore());
    return header;
}

QPushButton *SignalLog::createMore()
{
    auto *more = new QPushButton(this);
    more->setObjectName(QStringLiteral("signalMore"));
    more->setText(tr("&More"));
    auto *menu = new QMenu(more);
    menu->setObjectName(QStringLiteral("signalMenu"));
    menu->addAction(tr("&Copy"), this, &SignalLog::copy);
    menu->addAction(tr("&Export..."), this, &SignalLog::exportRequested);
    menu->addAction(tr("C&lear"), this, &SignalLog::clear);
    more->setMenu(menu);
    return more;
}

// Where there is little room, the filter gets that of the counts.
void SignalLog::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_counts->setVisible(width() > 60 * fontMetrics().averageCharWidth());
}

SignalLogModel *SignalLog::model()
{
    return &m_model;
}

void SignalLog::append(const QString &object, const QString &signature)
{
    m_model.append(object, signature);
}

static QString textOf(const QAbstractItemModel &model, int row)
{
    return model.index(row, 0).data(SignalLogModel::FullTextRole).toString() + u'\n';
}

QString SignalLog::visibleText() const
{
    QString text;
    for (int row = 0; row < m_model.rowCount(); ++row)
        text += textOf(m_model, row);
    return text;
}

void SignalLog::clear()
{
    m_model.clear();
}

void SignalLog::copy()
{
    QModelIndexList selected = m_list->selectionModel()->selectedIndexes();
    std::sort(selected.begin(), selected.end());
    QString text;
    for (const QModelIndex &index : std::as_const(selected))
        text += textOf(m_model, index.row());
    QGuiApplication::clipboard()->setText(selected.isEmpty() ? visibleText() : text);
}

void SignalLog::noteEnd()
{
    const QScrollBar *bar = m_list->verticalScrollBar();
    m_isAtEnd = bar->value() >= bar->maximum();
}

void SignalLog::followEnd()
{
    if (m_isAtEnd)
        m_list->scrollToBottom();
}

void SignalLog::showCounts()
{
    const QLocale locale;
    const QString rows = locale.toString(m_model.rowCount());
    const QString all = locale.toString(m_model.lineCount());
    const QString held = locale.toString(m_model.pendingCount());
    QString text = m_filter->text().isEmpty() ? tr("Signals: %1").arg(all)
                                              : tr("Signals: %1 of %2").arg(rows, all);
    if (m_model.isPaused())
        text = tr("%1, %2 held").arg(text, held);
    m_counts->setText(text);
}
