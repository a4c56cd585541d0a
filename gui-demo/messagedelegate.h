// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MESSAGEDELEGATE_H
#define MESSAGEDELEGATE_H

#include "message.h"

#include <QtCore/qrect.h>
#include <QtGui/qfont.h>
#include <QtGui/qtextlayout.h>
#include <QtWidgets/qstyleditemdelegate.h>

#include <vector>

class MessageModel;

// Paints a message as a bubble. sizeHint() and paint() share layout(), so that what is measured is
// what is painted; the heights are remembered, because a view asks for all of them at any change.
class MessageDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit MessageDelegate(QObject *parent = nullptr);

    struct Geometry
    {
        int height = 0;
        QRectF divider; // null without one
        QRectF bubble;
        QRectF text;
        QRectF meta; // time, mark and round trip
        QString cut; // what stands under a text that is not shown to its end
    };
    Geometry geometry(const QStyleOptionViewItem &option, const QModelIndex &index) const;

    void setWidth(int width); // of the viewport, before the view lays out
    int width() const;
    void setUnreadDivider(quint64 uid);     // above this message; 0 for none
    void setHighlight(const QString &text); // of a search
    int layoutCount() const;                // texts laid out so far

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

private:
    struct Height
    {
        quint64 uid = 0;
        int height = 0;
        bool hasRetry = false; // a message that was not sent has a line more
    };

    Geometry layout(QTextLayout *text, const Message &message, const QFont &font) const;
    Geometry place(const QSizeF &inner, Message::Sender sender) const;
    Geometry placed(Geometry geometry, const QStyleOptionViewItem &option,
                    const Message &message) const;
    int rememberedHeight(const Message &message, const QFont &font) const;
    QList<QTextLayout::FormatRange> matches(const QString &text, const QPalette &palette) const;

    int m_width = 400;
    quint64 m_dividerUid = 0;
    QString m_highlight;
    mutable QFont m_font;                  // of m_heights
    mutable std::vector<Height> m_heights; // at uid modulo its size, which no two rows share
    mutable int m_layoutCount = 0;
};

#endif // MESSAGEDELEGATE_H
