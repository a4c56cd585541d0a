// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SPARKLINE_H
#define SPARKLINE_H

#include <QtWidgets/qwidget.h>

#include <deque>

// The last 60 samples of a figure as a line, with its title and its newest value.
class Sparkline : public QWidget
{
    Q_OBJECT

public:
    static constexpr int MaximumSamples = 60;

    // The scale reaches up to yFloor at least, so that noise does not look like a mountain.
    Sparkline(const QString &title, const QString &unit, double yFloor, QWidget *parent = nullptr);

    void addSample(double value); // NaN: none at this moment
    void clear();
    int sampleCount() const;
    double scaleTop() const;
    QString valueText() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString format(double value) const;
    void describe();
    QRectF plotRect() const;
    void paintLine(QPainter *painter, const QRectF &plot) const;

    const QString m_title;
    const QString m_unit;
    const double m_yFloor;
    std::deque<double> m_samples;
};

#endif // SPARKLINE_H
