// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "messageview.h"
#include "messagedelegate.h"
#include "messagemodel.h"
#include "unreadpill.h"

#include <QtCore/qscopedvaluerollback.h>
#include <QtGui/qclipboard.h>
#include <QtGui/qevent.h>
#include <QtGui/qguiapplication.h>
#include <QtWidgets/qmenu.h>
#include <QtWidgets/qscrollbar.h>
#include <QtWidgets/qtooltip.h>

#include <algorithm>

static constexpr int CloseToEnd = 4; // pixels that still count as the end
static constexpr int FewRows = 500;  // laid out anew in some milliseconds

MessageView::MessageView(QWidget *parent)
    : PlaceholderList(parent)
    , m_delegate(new MessageDelegate(this))
    , m_pill(new UnreadPill(this))
{
    setAccessibleName(tr("Messages"));
    setItemDelegate(m_delegate);
    setWordWrap(true); // without it a resize keeps the old heights
    verticalScrollBar()->setSingleStep(20);
    viewport()->setMouseTracking(true);
    m_pill->setObjectName(QStringLiteral("unreadPill"));
    connect(m_pill, &UnreadPill::clicked, this, &MessageView::scrollToEnd);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &MessageView::onScrolled);
}

void MessageView::setMessages(MessageModel *model)
{
    m_messages = model;
    // Before the selection model is told, which would make a neighbour current.
    connect(model, &MessageModel::rowsAboutToBeRemoved, this, &MessageView::deselectTrimmed);
    setModel(model);
    connect(model, &MessageModel::modelReset, this, [this] { Q_EMIT messageSelected(0); });
    connect(model, &MessageModel::rowsRemoved, this, &MessageView::onRowsRemoved);
}

MessageDelegate *MessageView::messageDelegate() const
{
    return m_delegate;
}

bool MessageView::isAtEnd() const
{
    return m_follow == Follow::End;
}

int MessageView::unreadCount() const
{
    return m_unread;
}

// As wide as the offer to retry needs.
QSize MessageView::minimumSizeHint() const
{
    return { fontMetrics().averageCharWidth() * 40, fontMetrics().lineSpacing() * 6 };
}

// Every layout comes through here: rows that come or go, changes, another width or font.
void MessageView::doItemsLayout()
{
    {
        const QScopedValueRollback guard(m_isInLayout, true);
        m_delegate->setWidth(viewport()->width());
        PlaceholderList::doItemsLayout();
        keepPlace();
    }
    onScrolled();
}

void MessageView::resizeEvent(QResizeEvent *event)
{
    {
        const QScopedValueRollback guard(m_isInLayout, true);
        PlaceholderList::resizeEvent(event);
        keepPlace();
    }
    if (m_messages && m_messages->rowCount() <= FewRows
        && viewport()->width() != m_delegate->width())
        scheduleDelayedItemsLayout(); // QListView itself waits for 100 ms
    placePill();
}

void MessageView::keepPlace()
{
    QScrollBar *bar = verticalScrollBar();
    if (m_follow == Follow::End)
        bar->setValue(bar->maximum());
    else if (m_anchor.isValid())
        bar->setValue(bar->value() + visualRect(m_anchor).top() - m_anchorY);
    else
        bar->setValue(0); // what was read is trimmed
}

void MessageView::onScrolled()
{
    if (m_isInLayout)
        return;
    const QScrollBar *bar = verticalScrollBar();
    m_follow = bar->value() >= bar->maximum() - CloseToEnd ? Follow::End : Follow::Reading;
    if (m_follow == Follow::End) {
        clearUnread();
    } else {
        m_anchor = indexAt(QPoint(1, 0));
        m_anchorY = visualRect(m_anchor).top();
    }
}

void MessageView::scrollToEnd()
{
    m_follow = Follow::End;
    scrollToBottom();
    onScrolled();
}

void MessageView::rowsInserted(const QModelIndex &parent, int start, int end)
{
    PlaceholderList::rowsInserted(parent, start, end);
    if (m_messages && m_follow == Follow::Reading)
        addUnread(start, end - start + 1);
}

void MessageView::addUnread(int firstRow, int count)
{
    if (m_unread == 0)
        m_delegate->setUnreadDivider(m_messages->at(firstRow).uid);
    m_unread += count;
    m_pill->setCount(m_unread);
    placePill();
}

void MessageView::onRowsRemoved()
{
    m_unread = std::min(m_unread, m_messages->rowCount());
    m_pill->setCount(m_unread);
}

void MessageView::deselectTrimmed(const QModelIndex &, int, int last)
{
    if (currentIndex().isValid() && currentIndex().row() <= last)
        selectionModel()->clearCurrentIndex();
}

void MessageView::clearUnread()
{
    if (m_unread == 0)
        return;
    m_unread = 0;
    m_pill->setCount(0);
    m_delegate->setUnreadDivider(0);
    scheduleDelayedItemsLayout(); // the divider has a height
}

void MessageView::placePill()
{
    const QRect area = viewport()->geometry().adjusted(0, 0, -14, -12);
    m_pill->move(area.bottomRight() - m_pill->rect().bottomRight());
}

void MessageView::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    PlaceholderList::currentChanged(current, previous);
    if (m_messages)
        Q_EMIT messageSelected(current.isValid() ? m_messages->at(current.row()).uid : 0);
}

int MessageView::find(const QString &text)
{
    m_searched = text;
    m_delegate->setHighlight(text);
    viewport()->update();
    if (text.isEmpty() || !m_messages)
        return 0;
    const int rows = m_messages->rowCount();
    int count = 0;
    for (int row = 0; row < rows; ++row)
        count += matches(row) ? 1 : 0;
    if (count > 0)
        selectMatch(rows - 1);
    return count;
}

bool MessageView::findNext()
{
    const int rows = m_messages ? m_messages->rowCount() : 0;
    if (rows == 0 || m_searched.isEmpty())
        return false;
    const int current = currentIndex().isValid() ? currentIndex().row() : rows;
    return selectMatch((current - 1 + rows) % rows);
}

bool MessageView::matches(int row) const
{
    return m_messages->at(row).text().contains(m_searched, Qt::CaseInsensitive);
}

bool MessageView::selectMatch(int from)
{
    const int rows = m_messages->rowCount();
    for (int i = 0; i < rows; ++i) {
        const int row = (from - i + rows) % rows;
        if (matches(row)) {
            setCurrentIndex(m_messages->index(row));
            scrollTo(currentIndex());
            return true;
        }
    }
    return false;
}

QModelIndexList MessageView::sortedSelection() const
{
    QModelIndexList indexes = selectedIndexes();
    std::sort(indexes.begin(), indexes.end());
    return indexes;
}

QString MessageView::selectedText() const
{
    QStringList texts;
    const auto indexes = sortedSelection();
    for (const QModelIndex &index : indexes)
        texts.append(index.data().toString());
    return texts.join(u'\n');
}

void MessageView::copy()
{
    if (selectionModel()->hasSelection())
        QGuiApplication::clipboard()->setText(selectedText());
}

void MessageView::copyAsHex()
{
    QStringList lines;
    const auto indexes = sortedSelection();
    for (const QModelIndex &index : indexes)
        lines.append(QString::fromLatin1(m_messages->at(index.row()).payload.toHex(' ')));
    if (!lines.isEmpty())
        QGuiApplication::clipboard()->setText(lines.join(u'\n'));
}

void MessageView::contextMenuEvent(QContextMenuEvent *event)
{
    const QModelIndex index = currentIndex();
    if (!m_messages || !index.isValid() || !selectionModel()->hasSelection())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("&Copy"), this, &MessageView::copy);
    menu->addAction(tr("Copy as &hex"), this, &MessageView::copyAsHex);
    if (isNotSent(index)) {
        menu->addAction(tr("Send &again"), this, [this, uid = m_messages->at(index.row()).uid] {
            Q_EMIT retryRequested(uid);
        });
    }
    menu->popup(event->globalPos());
}

void MessageView::keyPressEvent(QKeyEvent *event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->matches(QKeySequence::Copy))
        copy();
    else if (isEnter && event->modifiers() == Qt::NoModifier && isNotSent(currentIndex()))
        retry(currentIndex());
    else
        PlaceholderList::keyPressEvent(event);
}

void MessageView::retry(const QModelIndex &index)
{
    Q_EMIT retryRequested(m_messages->at(index.row()).uid);
}

bool MessageView::isNotSent(const QModelIndex &index) const
{
    return index.isValid()
           && index.data(MessageModel::DeliveryRole).toInt() == int(Message::Delivery::NotSent);
}

// The message that was not sent, if the position is on its offer to retry.
QModelIndex MessageView::retryAt(const QPoint &position) const
{
    const QModelIndex index = indexAt(position);
    if (!isNotSent(index))
        return {};
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    option.rect = visualRect(index);
    return m_delegate->geometry(option, index).meta.contains(position) ? index : QModelIndex();
}

void MessageView::mouseMoveEvent(QMouseEvent *event)
{
    viewport()->setCursor(retryAt(event->pos()).isValid() ? Qt::PointingHandCursor
                                                          : Qt::ArrowCursor);
    PlaceholderList::mouseMoveEvent(event);
}

void MessageView::mouseReleaseEvent(QMouseEvent *event)
{
    PlaceholderList::mouseReleaseEvent(event);
    const QModelIndex index = retryAt(event->pos());
    if (event->button() == Qt::LeftButton && index.isValid())
        retry(index);
}

QString MessageView::toolTipAt(const QPoint &position) const
{
    const QModelIndex index = indexAt(position);
    if (!index.isValid() || !m_messages)
        return {};
    const Message &message = m_messages->at(index.row());
    QStringList lines{ message.time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")),
                       Message::sizeText(message.size) };
    if (message.delivery != Message::Delivery::None)
        lines.append(message.deliveryText());
    return lines.join(u'\n');
}

bool MessageView::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return PlaceholderList::viewportEvent(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    QToolTip::showText(help->globalPos(), toolTipAt(help->pos()), viewport());
    return true;
}
