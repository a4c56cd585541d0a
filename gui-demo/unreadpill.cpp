// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "unreadpill.h"
#include "theme.h"

#include <QtGui/qpainter.h>

UnreadPill::UnreadPill(QWidget *parent)
    : QAbstractButton(parent)
{
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::NoFocus); // it comes and goes; Ctrl+End does the same
    hide();
}

void UnreadPill::setCount(int count)
{
    setText(count > 0 ? tr("%1 new").arg(count) : QString());
    setAccessibleName(tr("%1 new messages, go to the end").arg(count));
    setVisible(count > 0);
    resize(sizeHint());
}

QSize UnreadPill::sizeHint() const
{
    const int height = fontMetrics().height() + 10;
    return { fontMetrics().horizontalAdvance(text()) + height + 14, height };
}

void UnreadPill::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto [text, background] = Theme::accent(palette());
    const double radius = height() / 2.0;
    painter.setPen(palette().color(QPalette::Base));
    painter.setBrush(isDown() ? background.darker(120) : background);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    painter.setPen(QPen(text, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF tip(radius + 3, radius + 4.5);
    painter.drawLine(tip - QPointF(0, 9), tip);
    painter.drawPolyline(QPolygonF{ tip + QPointF(-4, -4), tip, tip + QPointF(4, -4) });
    painter.drawText(rect().adjusted(int(radius) + 12, 0, -10, 0), Qt::AlignVCenter, this->text());
}
