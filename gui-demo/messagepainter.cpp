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

// As wide as the widest mark, two ticks.
static double markWidth(const QFontMetricsF &metrics)
{
    return std::ceil(metrics.ascent() * 1.4);
}

MessagePainter::MessagePainter(QPainter *painter, const QStyleOptionViewItem &option)
    : m_painter(painter)
    , m_option(option)
{}

QString MessagePainter::retryText()
{
    return tr("not sent, click to retry");
}

double MessagePainter::metaWidth(const QString &text, const QFont &font)
{
    return text.isEmpty() ? 0 : std::ceil(QFontMetricsF(metaFont(font)).horizontalAdvance(text));
}

QSizeF MessagePainter::metaSize(const Message &message, const QFont &font)
{
    const QFontMetricsF metrics(metaFont(font));
    double width = metaWidth(timeText(message), font);
    if (message.delivery != Message::Delivery::None) {
        width += MetaGap + markWidth(metrics) + MetaGap;
        width += message.delivery == Message::Delivery::NotSent
                         ? metaWidth(retryText(), font)
                         : std::max(metaWidth(QStringLiteral("88.8 ms"), font),
                                    metaWidth(message.roundTripText(), font));
    }
    return { width, std::ceil(metrics.height()) };
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
    m_painter->setPen(isSelected ? QPen(outline, 2) : QPen(Qt::NoPen));
    m_painter->setBrush(background);
    m_painter->drawRoundedRect(rect, Radius, Radius);
    m_painter->setPen(text);
}

void MessagePainter::cut(const QString &text, const QRectF &above, const Message &message) const
{
    if (text.isEmpty())
        return;
    m_painter->setFont(metaFont(m_option.font));
    m_painter->setPen(Theme::meta(pairOf(message)));
    const double height = metaSize(message, m_option.font).height();
    m_painter->drawText(QRectF(above.bottomLeft(), QSizeF(above.width(), height)),
                        Qt::AlignLeft | Qt::AlignVCenter, text);
}

void MessagePainter::meta(const QRectF &rect, const Message &message) const
{
    const QFont font = metaFont(m_option.font);
    const bool isFailed = message.delivery == Message::Delivery::NotSent;
    QRectF rest = rect;
    m_painter->setFont(font);
    m_painter->setPen(Theme::meta(pairOf(message)));
    m_painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, timeText(message));
    if (message.delivery == Message::Delivery::None)
        return;
    if (isFailed)
        m_painter->setPen(Theme::errorBanner(m_option.palette).text);
    rest.adjust(metaWidth(timeText(message), m_option.font) + MetaGap, 0, 0, 0);
    const QFontMetricsF metrics(font);
    mark({ rest.left(), rest.center().y() - metrics.ascent() / 2, markWidth(metrics),
           metrics.ascent() },
         message.delivery);
    rest.adjust(markWidth(metrics) + MetaGap, 0, 0, 0);
    m_painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                        isFailed ? retryText() : message.roundTripText());
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
        m_painter->drawPolyline(QPolygonF{ at(0.08, 0.55), at(0.32, 0.8), at(0.88, 0.15) });
        return;
    case Message::Delivery::NotSent:
        m_painter->drawEllipse(ring);
        m_painter->drawLine(at(0.5, 0.27), at(0.5, 0.53));
        m_painter->drawPoint(at(0.5, 0.73));
        return;
    }
}
