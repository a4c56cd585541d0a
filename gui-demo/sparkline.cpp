// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "sparkline.h"
#include "theme.h"

#include <QtCore/qlocale.h>
#include <QtGui/qpainter.h>
#include <QtGui/qpainterpath.h>

#include <algorithm>
#include <cmath>

Sparkline::Sparkline(const QString &title, const QString &unit, double yFloor, QWidget *parent)
    : QWidget(parent)
    , m_title(title)
    , m_unit(unit)
    , m_yFloor(yFloor)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(title);
    describe();
}

void Sparkline::addSample(double value)
{
    m_samples.push_back(value);
    if (m_samples.size() > MaximumSamples)
        m_samples.pop_front();
    describe();
    update();
}

void Sparkline::clear()
{
    m_samples.clear();
    describe();
    update();
}

int Sparkline::sampleCount() const
{
    return int(m_samples.size());
}

static bool isSmaller(double a, double b)
{
    return std::isnan(a) || a < b;
}

double Sparkline::scaleTop() const
{
    const auto highest = std::max_element(m_samples.cbegin(), m_samples.cend(), isSmaller);
    return highest == m_samples.cend() || std::isnan(*highest) ? m_yFloor
                                                               : std::max(m_yFloor, *highest);
}

QString Sparkline::format(double value) const
{
    const QString number = QLocale().toString(value, 'f', value < 10 && value != 0 ? 1 : 0);
    return tr("%1 %2").arg(number, m_unit);
}

QString Sparkline::valueText() const
{
    const bool hasValue = !m_samples.empty() && !std::isnan(m_samples.back());
    return hasValue ? format(m_samples.back()) : tr("no data yet");
}

void Sparkline::describe()
{
    const QString text =
            m_samples.empty()
                    ? valueText()
                    : tr("%1 now, at most %2 of late").arg(valueText(), format(scaleTop()));
    setAccessibleDescription(text);
    setToolTip(text);
}

QSize Sparkline::sizeHint() const
{
    return { fontMetrics().averageCharWidth() * 36, fontMetrics().height() + 34 };
}

QSize Sparkline::minimumSizeHint() const
{
    return { fontMetrics().averageCharWidth() * 20, sizeHint().height() };
}

QRectF Sparkline::plotRect() const
{
    return QRectF(rect()).adjusted(0.5, fontMetrics().height() + 3.5, -0.5, -0.5);
}

void Sparkline::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRect caption(0, 0, width(), fontMetrics().height());
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(caption, Qt::AlignLeading | Qt::AlignVCenter, m_title);
    painter.drawText(caption, Qt::AlignTrailing | Qt::AlignVCenter, valueText());
    const QRectF plot = plotRect();
    painter.setPen(Theme::frame(palette()));
    painter.setBrush(palette().color(QPalette::Base));
    painter.drawRoundedRect(plot, 3, 3);
    paintLine(&painter, plot.adjusted(3, 4, -3, -4));
}

// With an end, so that a single sample is a dot.
static void startLine(QPainterPath *line, const QPointF &point)
{
    line->moveTo(point);
    line->lineTo(point + QPointF(0.01, 0));
}

void Sparkline::paintLine(QPainter *painter, const QRectF &plot) const
{
    QPainterPath line;
    const double step = plot.width() / (MaximumSamples - 1);
    double x = plot.right() - step * double(m_samples.size() - 1);
    bool isInGap = true;
    for (const double sample : m_samples) {
        const QPointF point(x, plot.bottom() - plot.height() * sample / scaleTop());
        x += step;
        if (std::isnan(sample))
            isInGap = true;
        else if (!std::exchange(isInGap, false))
            line.lineTo(point);
        else
            startLine(&line, point);
    }
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(Theme::plot(palette()), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->drawPath(line);
}
