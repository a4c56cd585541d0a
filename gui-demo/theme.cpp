// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "theme.h"
#include "demostyle.h"

#include <QtGui/qfontdatabase.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qstyle.h>

#include <cmath>

namespace Theme {

namespace {

QPalette paletteOf(const Pair &window, const Pair &base, const Pair &button, const Pair &highlight,
                   const QColor &faint, const QColor &link)
{
    QPalette palette(button.background, window.background);
    palette.setColor(QPalette::WindowText, window.text);
    palette.setColor(QPalette::Base, base.background);
    palette.setColor(QPalette::AlternateBase, window.background);
    palette.setColor(QPalette::Text, base.text);
    palette.setColor(QPalette::ButtonText, button.text);
    palette.setColor(QPalette::BrightText, base.text);
    palette.setColor(QPalette::Highlight, highlight.background);
    palette.setColor(QPalette::HighlightedText, highlight.text);
    palette.setColor(QPalette::ToolTipBase, base.background);
    palette.setColor(QPalette::ToolTipText, base.text);
    palette.setColor(QPalette::PlaceholderText, faint);
    palette.setColor(QPalette::Link, link);
    palette.setColor(QPalette::LinkVisited, link);
    for (const auto role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText })
        palette.setColor(QPalette::Disabled, role, faint);
    return palette;
}

QPalette lightPalette()
{
    return paletteOf({ 0x1f2328, 0xf4f5f7 }, { 0x1f2328, 0xffffff }, { 0x1f2328, 0xeceef1 },
                     { 0xffffff, 0x1f5fae }, 0x667079, 0x1f5fae);
}

QPalette darkPalette()
{
    return paletteOf({ 0xe6e8eb, 0x2a2d32 }, { 0xe6e8eb, 0x1a1c1f }, { 0xe6e8eb, 0x3a3e45 },
                     { 0xffffff, 0x2d66ab }, 0xa2a8b0, 0x7fb4f5);
}

Pair pick(const QPalette &palette, const Pair &light, const Pair &dark)
{
    return isDark(palette) ? dark : light;
}

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &colour)
{
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF())
           + 0.0722 * linear(colour.blueF());
}

} // namespace

void apply(Mode mode)
{
    if (!qobject_cast<DemoStyle *>(QApplication::style()))
        QApplication::setStyle(new DemoStyle);
    if (mode == Mode::System) {
        QApplication::setPalette(QPalette()); // back to the desktop's own
        mode = isDark(QApplication::palette()) ? Mode::Dark : Mode::Light;
    }
    QApplication::setPalette(mode == Mode::Dark ? darkPalette() : lightPalette());
}

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Window).lightness() < 128;
}

Pair ownBubble(const QPalette &palette)
{
    return pick(palette, { 0x10243e, 0xd7e8fd }, { 0xf0f6ff, 0x1f4a7a });
}

Pair peerBubble(const QPalette &palette)
{
    return pick(palette, { 0x1f2328, 0xf1f3f5 }, { 0xe6e8eb, 0x2f3238 });
}

Pair match(const QPalette &palette)
{
    return pick(palette, { 0x1f2328, 0xffd75e }, { 0x1f2328, 0xe8b93a });
}

Pair errorBanner(const QPalette &palette)
{
    return pick(palette, { 0x6e1414, 0xfde2e2 }, { 0xffdcdc, 0x5c2626 });
}

Pair infoBanner(const QPalette &palette)
{
    return pick(palette, { 0x10243e, 0xe3edf9 }, { 0xe3edf9, 0x24405f });
}

Pair accent(const QPalette &palette)
{
    return { palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight) };
}

Pair tint(Tint tint, const QPalette &palette)
{
    if (tint == Tint::Length)
        return pick(palette, { 0x4a2a00, 0xffe3b3 }, { 0xffe3b3, 0x6b4510 });
    return pick(palette, { 0x0c3a24, 0xd3f1e0 }, { 0xcdf2de, 0x1f4d38 });
}

QColor meta(const Pair &pair)
{
    QColor colour = pair.text;
    colour.setAlphaF(0.7F);
    return colour;
}

QColor chip(StateChip::State state, const QPalette &palette)
{
    const bool dark = isDark(palette);
    switch (state) {
    case StateChip::State::Idle:
        return dark ? 0x9aa1aa : 0x5f6770;
    case StateChip::State::Busy:
        return dark ? 0xe8b93a : 0x9a6700;
    case StateChip::State::Good:
        return dark ? 0x4ccb7f : 0x1a7f37;
    case StateChip::State::Bad:
        return dark ? 0xff8a80 : 0xc62828;
    }
    Q_UNREACHABLE();
}

QColor outline(const QPalette &palette)
{
    return isDark(palette) ? 0x8b929b : 0x7d858d;
}

QColor frame(const QPalette &palette)
{
    return isDark(palette) ? 0x4b5058 : 0xb4b9bf;
}

QColor plot(const QPalette &palette)
{
    return isDark(palette) ? 0x7fb4f5 : 0x1f5fae;
}

QFont fixedFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (QApplication::font().pointSizeF() > 0)
        font.setPointSizeF(QApplication::font().pointSizeF());
    return font;
}

double contrast(const QColor &one, const QColor &other)
{
    const double a = luminance(one);
    const double b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

} // namespace Theme
