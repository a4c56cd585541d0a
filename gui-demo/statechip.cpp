// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "statechip.h"
#include "theme.h"

#include <QtCore/qcoreevent.h>
#include <QtGui/qpainter.h>

StateChip::StateChip(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

StateChip::State StateChip::state() const
{
    return m_state;
}

QString StateChip::text() const
{
    return m_text;
}

void StateChip::setState(State state, const QString &text)
{
    if (state == m_state && text == m_text)
        return;
    m_state = state;
    m_text = text;
    setAccessibleName(text);
    setToolTip(text); // it may be elided
    updateGeometry();
    update();
}

QSize StateChip::sizeHint() const
{
    const QFontMetrics metrics = fontMetrics();
    return { metrics.height() * 3 / 2 + metrics.horizontalAdvance(m_text), metrics.height() + 6 };
}

QSize StateChip::minimumSizeHint() const
{
    return { fontMetrics().height() * 5, sizeHint().height() };
}

void StateChip::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange)
        updateGeometry();
    QWidget::changeEvent(event);
}

// Idle is a ring, busy a ring half full, good a disc with a tick, bad a triangle.
static void paintShape(QPainter *painter, StateChip::State state, const QRectF &rect,
                       const QColor &inner)
{
    const double width = rect.width();
    const auto at = [&](double x, double y) { return rect.topLeft() + QPointF(x, y) * width; };
    switch (state) {
    case StateChip::State::Idle:
        painter->setBrush(Qt::NoBrush);
        painter->drawEllipse(rect.adjusted(1, 1, -1, -1));
        break;
    case StateChip::State::Busy:
        painter->drawPie(rect.adjusted(1, 1, -1, -1), 90 * 16, -180 * 16);
        painter->setBrush(Qt::NoBrush);
        painter->drawEllipse(rect.adjusted(1, 1, -1, -1));
        break;
    case StateChip::State::Good:
        painter->drawEllipse(rect.adjusted(1, 1, -1, -1));
        painter->setPen(QPen(inner, width / 8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPolyline(QPolygonF{ at(0.28, 0.52), at(0.44, 0.68), at(0.72, 0.34) });
        break;
    case StateChip::State::Bad:
        painter->drawPolygon(QPolygonF{ at(0.5, 0.08), at(0.96, 0.9), at(0.04, 0.9) });
        painter->setPen(QPen(inner, width / 8, Qt::SolidLine, Qt::RoundCap));
        painter->drawLine(at(0.5, 0.4), at(0.5, 0.58));
        painter->drawPoint(at(0.5, 0.76));
        break;
    }
}

void StateChip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = Theme::chip(m_state, palette());
    const double side = fontMetrics().height();
    const QRectF shape(0, (height() - side) / 2, side, side);
    painter.save();
    painter.setPen(QPen(colour, side / 8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(colour);
    paintShape(&painter, m_state, shape, palette().color(QPalette::Window));
    painter.restore();
    painter.setPen(palette().color(QPalette::WindowText));
    const QRect text = rect().adjusted(int(side * 1.5), 0, 0, 0);
    painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeading | Qt::TextSingleLine,
                     fontMetrics().elidedText(m_text, Qt::ElideRight, text.width()));
}
