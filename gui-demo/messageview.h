// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MESSAGEVIEW_H
#define MESSAGEVIEW_H

#include "placeholderlist.h"

#include <QtCore/qabstractitemmodel.h>

class MessageDelegate;
class MessageModel;
class UnreadPill;
struct Message;

// The chat. At its end it stays at the end; scrolled up, what is read does not move, and a pill
// counts what has arrived below.
class MessageView : public PlaceholderList
{
    Q_OBJECT

public:
    explicit MessageView(QWidget *parent = nullptr);

    void setMessages(MessageModel *model); // instead of setModel()
    MessageDelegate *messageDelegate() const;
    bool isAtEnd() const;
    int unreadCount() const;

    int find(const QString &text); // selects the newest match; returns how many messages match
    bool findNext();               // the next older one, and from the oldest to the newest
    QString selectedText() const;

    QSize minimumSizeHint() const override;
    void doItemsLayout() override;

public Q_SLOTS:
    void scrollToEnd();
    void copy();
    void copyAsHex();

Q_SIGNALS:
    void messageSelected(quint64 uid); // 0: none
    void retryRequested(quint64 uid);  // of one that was not sent

protected:
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void rowsInserted(const QModelIndex &parent, int start, int end) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    enum class Follow { End, Reading };

    void onScrolled();
    void deselectTrimmed(const QModelIndex &parent, int first, int last);
    void onRowsRemoved();
    void keepPlace();
    void addUnread(int firstRow, int count);
    void clearUnread();
    void placePill();
    QModelIndex retryAt(const QPoint &position) const;
    QString toolTipAt(const QPoint &position) const;
    QModelIndexList sortedSelection() const;
    bool matches(int row) const;
    bool selectMatch(int from);
    bool isNotSent(const QModelIndex &index) const;
    void retry(const QModelIndex &index);

    MessageModel *m_messages = nullptr;
    MessageDelegate *m_delegate;
    UnreadPill *m_pill;
    QString m_searched;
    Follow m_follow = Follow::End;
    QPersistentModelIndex m_anchor; // the first row in sight, while reading
    int m_anchorY = 0;
    int m_unread = 0;
    bool m_isInLayout = false;
};

#endif // MESSAGEVIEW_H
