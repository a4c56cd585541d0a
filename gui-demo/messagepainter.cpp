// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "messagepainter.h"

#include <QtGui/qpainter.h>
#include <QtWidgets/qstyleoption.h>

#include <algorithm>
#include <cmath>

static constexpr double MetaGap = 5;
static constexpr double Radius = 9;

static QFont metaFont(QFont font)
{
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * 0.85);
    else
        font.setPixelSize(std::max(1, int(font.pixelSize() * 0.85)));
    return font;
}

static QString timeText(const Message &message)
{
    return message.time.time().toString(Qt::ISODate);
}

static double markWidth(Message::Delivery delivery, const QFontMetricsF &metrics)
{
    const bool hasTwoTicks = delivery == Message::Delivery::Echoed;
    return std::ceil(metrics.ascent() * (hasTwoTicks ? 1.4 : 1));
}

MessagePainter::MessagePainter(QPainter *painter, const QStyleOptionViewItem &option)
    : m_painter(painter)
    , m_option(option)
{}

QString MessagePainter::stateText(const Message &message)
{
    if (message.delivery == Message::Delivery::NotSent)
        return tr("not sent, click to retry");
    return message.delivery == Message::Delivery::Unanswered ? tr("no answer")
                                                             : message.roundTripText();
}

double MessagePainter::metaWidth(const QString &text, const QFont &font)
{
    return text.isEmpty() ? 0 : std::ceil(QFontMetricsF(metaFont(font)).horizontalAdvance(text));
}

double MessagePainter::usedWidth(const Message &message, const QFont &font)
{
    double width = metaWidth(timeText(message), font);
    if (message.delivery != Message::Delivery::None)
        width += MetaGap + markWidth(message.delivery, QFontMetricsF(metaFont(font)));
    const double state = metaWidth(stateText(message), font);
    return state > 0 ? width + MetaGap + state : width;
}

QSizeF MessagePainter::metaSize(const Message &message, const QFont &font)
{
    const double height = std::ceil(QFontMetricsF(metaFont(font)).height());
    const double used = usedWidth(message, font);
    if (message.delivery == Message::Delivery::None)
        return { used, height };
    Message echoed = message;
    echoed.delivery = Message::Delivery::Echoed;
    echoed.roundTrip = std::chrono::microseconds(88800);
    Message unanswered = message;
    unanswered.delivery = Message::Delivery::Unanswered;
    return { std::max({ used, usedWidth(echoed, font), usedWidth(unanswered, font) }), height };
}

int MessagePainter::dividerHeight(const QFont &font)
{
    return int(std::ceil(QFontMetricsF(metaFont(font)).height())) + 14;
}

Theme::Pair MessagePainter::pairOf(const Message &message) const
{
    return message.sender == Message::Sender::Me ? Theme::ownBubble(m_option.palette)
                                                 : Theme::peerBubble(m_option.palette);
}

void MessagePainter::divider(const QRectF &rect) const
{
    if (rect.isNull())
        return;
    const QString text = tr("New messages");
    const QColor colour = Theme::plot(m_option.palette);
    m_painter->setFont(metaFont(m_option.font));
    m_painter->setPen(colour);
    m_painter->drawText(rect, Qt::AlignCenter, text);
    const double half = metaWidth(text, m_option.font) / 2 + 12;
    const QPointF middle = rect.center();
    m_painter->drawLine(QPointF(rect.left() + 10, middle.y()), middle - QPointF(half, 0));
    m_painter->drawLine(middle + QPointF(half, 0), QPointF(rect.right() - 10, middle.y()));
}

// Leaves the pen in the colour of its text.
void MessagePainter::bubble(const QRectF &rect, const Message &message) const
{
    const auto [text, background] = pairOf(message);
    const bool isSelected = m_option.state & QStyle::State_Selected;
    const QColor outline = Theme::plot(m_option.palette);
    const bool isDark = Theme::isDark(m_option.palette);
    const QColor edge = isDark ? background.lighter(115) : background.darker(107);
    m_painter->setPen(isSelected ? QPen(outline, 2) : QPen(edge, 1));
    m_painter->setBrush(background);
    m_painter->drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), Radius, Radius);
    m_painter->setPen(text);
}

void MessagePainter::cut(const QString &text, const QRectF &rect, const Message &message) const
{
    m_painter->setFont(metaFont(m_option.font));
    m_painter->setPen(Theme::meta(pairOf(message)));
    m_painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, text);
}

// At the right end; what is kept free for later is before it.
void MessagePainter::meta(const QRectF &rect, const Message &message) const
{
    const QFontMetricsF metrics(metaFont(m_option.font));
    QRectF rest = rect;
    rest.setLeft(rect.right() - usedWidth(message, m_option.font));
    m_painter->setFont(metaFont(m_option.font));
    m_painter->setPen(Theme::meta(pairOf(message)));
    m_painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, timeText(message));
    if (message.delivery == Message::Delivery::None)
        return;
    if (message.delivery == Message::Delivery::NotSent)
        m_painter->setPen(Theme::errorBanner(m_option.palette).text);
    rest.adjust(metaWidth(timeText(message), m_option.font) + MetaGap, 0, 0, 0);
    mark({ rest.left(), rest.center().y() - metrics.ascent() / 2,
           markWidth(message.delivery, metrics), metrics.ascent() },
         message.delivery);
    m_painter->drawText(rest, Qt::AlignRight | Qt::AlignVCenter, stateText(message));
}

// A clock, a tick, two ticks, or an exclamation mark in a ring.
void MessagePainter::mark(const QRectF &rect, Message::Delivery delivery) const
{
    const double side = rect.height();
    const auto at = [&](double x, double y) { return rect.topLeft() + QPointF(x, y) * side; };
    const QRectF ring = QRectF(rect.topLeft(), QSizeF(side, side)).adjusted(1, 1, -1, -1);
    const double line = std::max(1.2, side / 9);
    m_painter->setPen(
            QPen(m_painter->pen().color(), line, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    m_painter->setBrush(Qt::NoBrush);
    switch (delivery) {
    case Message::Delivery::None:
        return;
    case Message::Delivery::Queued:
        m_painter->drawEllipse(ring);
        m_painter->drawPolyline(QPolygonF{ at(0.5, 0.28), at(0.5, 0.52), at(0.68, 0.62) });
        return;
    case Message::Delivery::Echoed:
        m_painter->drawPolyline(QPolygonF{ at(0.66, 0.75), at(1.25, 0.15) });
        [[fallthrough]];
    case Message::Delivery::Written:
    case Message::Delivery::Unanswered:
        m_painter->drawPolyline(QPolygonF{ at(0.08, 0.55), at(0.32, 0.8), at(0.88, 0.15) });
        return;
    case Message::Delivery::NotSent:
        m_painter->drawEllipse(ring);
        m_painter->drawLine(at(0.5, 0.27), at(0.5, 0.53));
        m_painter->drawPoint(at(0.5, 0.73));
        return;
    }
}
