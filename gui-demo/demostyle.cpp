// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demostyle.h"
#include "theme.h"

#include <QtGui/qpainter.h>
#include <QtWidgets/qstyleoption.h>

DemoStyle::DemoStyle()
    : QProxyStyle(QStringLiteral("Fusion"))
{}

static void drawOutline(QPainter *painter, const QRect &rect, const QColor &colour)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(colour);
    painter->drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter->restore();
}

void DemoStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option,
                              QPainter *painter, const QWidget *widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    const bool hasFocus = option->state & State_HasFocus;
    if (element == PE_IndicatorCheckBox)
        drawOutline(painter, option->rect, Theme::outline(option->palette));
    else if (element == PE_Frame && hasFocus) // Fusion marks the focus of line edits only
        drawOutline(painter, option->rect, Theme::plot(option->palette));
    else if ((element == PE_Frame || (element == PE_FrameLineEdit && !hasFocus))
             && Theme::isDark(option->palette))
        drawOutline(painter, option->rect, Theme::frame(option->palette));
}

void DemoStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option,
                                   QPainter *painter, const QWidget *widget) const
{
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    const bool isField = control == CC_SpinBox || control == CC_ComboBox;
    if (isField && !(option->state & State_HasFocus) && Theme::isDark(option->palette))
        drawOutline(painter, option->rect, Theme::frame(option->palette));
}
