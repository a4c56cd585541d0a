// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef THEME_H
#define THEME_H

#include "statechip.h"

#include <QtGui/qcolor.h>
#include <QtGui/qfont.h>
#include <QtGui/qpalette.h>

// Colours. Every pair of text and background has a contrast of at least 4.5, every shape 3.
namespace Theme {

enum class Mode { System, Light, Dark };
enum class Tint { Length, Payload };
struct Pair
{
    QColor text;
    QColor background;
};

void apply(Mode mode); // System looks once whether the desktop is dark
bool isDark(const QPalette &palette);

Pair ownBubble(const QPalette &palette);
Pair peerBubble(const QPalette &palette);
Pair match(const QPalette &palette); // what a search has found
Pair errorBanner(const QPalette &palette);
Pair infoBanner(const QPalette &palette);
Pair accent(const QPalette &palette);          // the unread pill
Pair tint(Tint tint, const QPalette &palette); // bytes of a frame
QColor meta(const Pair &pair);                 // a fainter text: times, marks
QColor chip(StateChip::State state, const QPalette &palette);
QColor outline(const QPalette &palette); // of a check box
QColor frame(const QPalette &palette);   // of a field or a list; decoration
QColor plot(const QPalette &palette);
QFont fixedFont();                                       // as large as the application's
double contrast(const QColor &one, const QColor &other); // as WCAG 2 defines it

} // namespace Theme

#endif // THEME_H
