// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demostyle.h"
#include "theme.h"

#include <QtGui/qpainter.h>
#include <QtWidgets/qstyleoption.h>

DemoStyle::DemoStyle()
    : QProxyStyle(QStringLiteral("Fusion"))
{}

static QColor outlineOf(QStyle::PrimitiveElement element, const QStyleOption &option)
{
    if (element == QStyle::PE_IndicatorCheckBox)
        return Theme::outline(option.palette);
    const bool isFrame = element == QStyle::PE_FrameLineEdit || element == QStyle::PE_Frame;
    const bool hasFocus = option.state & QStyle::State_HasFocus;
    return isFrame && !hasFocus && Theme::isDark(option.palette) ? Theme::frame(option.palette)
                                                                 : QColor();
}

void DemoStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option,
                              QPainter *painter, const QWidget *widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    const QColor colour = outlineOf(element, *option);
    if (!colour.isValid())
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(colour);
    painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter->restore();
}
