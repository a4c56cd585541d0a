// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DEMOSTYLE_H
#define DEMOSTYLE_H

#include <QtWidgets/qproxystyle.h>

// Fusion, with outlines that can be seen: Fusion itself makes them a darker window, also of a dark
// one.
class DemoStyle : public QProxyStyle
{
    Q_OBJECT

public:
    DemoStyle();

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex *option,
                            QPainter *painter, const QWidget *widget) const override;
};

#endif // DEMOSTYLE_H
