// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MESSAGEPAINTER_H
#define MESSAGEPAINTER_H

#include "message.h"
#include "theme.h"

#include <QtCore/qrect.h>

class QPainter;
class QStyleOptionViewItem;

// The pieces of a bubble, at the rectangles that MessageDelegate has laid out.
class MessagePainter
{
    Q_DECLARE_TR_FUNCTIONS(MessagePainter)

public:
    MessagePainter(QPainter *painter, const QStyleOptionViewItem &option);

    // The size does not change from queued to echoed, so that the bubble keeps its place.
    static QSizeF metaSize(const Message &message, const QFont &font);
    static double metaWidth(const QString &text, const QFont &font);
    static int dividerHeight(const QFont &font);

    void divider(const QRectF &rect) const;
    void bubble(const QRectF &rect, const Message &message) const;
    void cut(const QString &text, const QRectF &rect, const Message &message) const;
    void meta(const QRectF &rect, const Message &message) const;

private:
    static QString stateText(const Message &message);
    static double usedWidth(const Message &message, const QFont &font);
    Theme::Pair pairOf(const Message &message) const;
    void mark(const QRectF &rect, Message::Delivery delivery) const;

    QPainter *const m_painter;
    const QStyleOptionViewItem &m_option;
};

#endif // MESSAGEPAINTER_H
