// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "chart.h"

#include "side.h"

#include <QtCore/qxmlstream.h>

#include <algorithm>

namespace {

constexpr int Columns = 3;
constexpr int Width = 320; // of a panel
constexpr int Margin = 20;
constexpr int LabelWidth = 92;
constexpr int ValueWidth = 52;
constexpr int BarHeight = 13;
constexpr int BarStep = 18;
constexpr int TitleHeight = 44;

struct Look
{
    const char *side;
    const char *label;
    const char *colour;
};

constexpr Look Looks[] = {
    { "posix", "POSIX by hand", "#9aa0a6" },
    { "gruv", "GruvSocks", "#c2410c" },
    { "gruv-handler", "… by handler", "#ea7a3c" },
    { "gruv-tls", "GruvSocks", "#c2410c" },
    { "sslsocket", "QSslSocket", "#4b7f52" },
    { "datastream", "QDataStream", "#4b7f52" },
    { "websocket", "QWebSocket", "#3f6ea8" },
    { "zeromq", "libzmq", "#7a5ba6" },
    { "nng", "nng", "#8a7a3d" },
};

struct Bar
{
    const Look *look;
    double rate;
};

QList<Bar> barsOf(const Results &results, const Row &row)
{
    QList<Bar> bars;
    for (const Look &look : Looks) {
        if (const auto run = results.median(row.name, QLatin1String(look.side)))
            bars.append({ &look, run->rate });
    }
    return bars;
}

int heightOf(qsizetype bars)
{
    return TitleHeight + int(bars) * BarStep + Margin;
}

class Painter
{
public:
    explicit Painter(QByteArray *out)
        : m_svg(out)
    {
        m_svg.setAutoFormatting(true);
    }

    void begin(int width, int height)
    {
        m_svg.writeStartElement(QStringLiteral("svg"));
        m_svg.writeDefaultNamespace(QStringLiteral("http://www.w3.org/2000/svg"));
        attribute("viewBox", QStringLiteral("0 0 %1 %2").arg(width).arg(height));
        attribute("width", QString::number(width));
        attribute("height", QString::number(height));
        attribute("font-family", QStringLiteral("Helvetica, Arial, sans-serif"));
        rectangle(0, 0, width, height, "#ffffff");
    }
    void end() { m_svg.writeEndElement(); }

    void rectangle(double x, double y, double width, double height, const char *colour)
    {
        m_svg.writeEmptyElement(QStringLiteral("rect"));
        attribute("x", number(x));
        attribute("y", number(y));
        attribute("width", number(width));
        attribute("height", number(height));
        attribute("fill", QLatin1String(colour));
    }

    void text(double x, double y, const QString &text, int size, const char *colour,
              const char *anchor = "start", bool isBold = false)
    {
        m_svg.writeStartElement(QStringLiteral("text"));
        attribute("x", number(x));
        attribute("y", number(y));
        attribute("font-size", QString::number(size));
        attribute("fill", QLatin1String(colour));
        attribute("text-anchor", QLatin1String(anchor));
        if (isBold)
            attribute("font-weight", QStringLiteral("bold"));
        m_svg.writeCharacters(text);
        m_svg.writeEndElement();
    }

private:
    static QString number(double value) { return QString::number(value, 'f', 1); }
    void attribute(const char *name, const QString &value)
    {
        m_svg.writeAttribute(QLatin1String(name), value);
    }

    QXmlStreamWriter m_svg;
};

void drawPanel(Painter *painter, double x, double y, const Row &row, const QList<Bar> &bars)
{
    painter->text(x, y + 14, row.title, 13, "#202124", "start", true);
    painter->text(x, y + 30, row.unit, 11, "#5f6368");
    double most = 0;
    for (const Bar &bar : bars)
        most = std::max(most, bar.rate);
    double top = y + TitleHeight;
    for (const Bar &bar : bars) {
        const double length = (Width - LabelWidth - ValueWidth) * bar.rate / most;
        const bool isOurs = bar.look->label == QByteArray("GruvSocks");
        painter->text(x + LabelWidth - 6, top + 10, QString::fromUtf8(bar.look->label), 11,
                      "#202124", "end", isOurs);
        painter->rectangle(x + LabelWidth, top, std::max(length, 1.0), BarHeight, bar.look->colour);
        painter->text(x + LabelWidth + length + 5, top + 10, amount(bar.rate), 11, "#202124",
                      "start", isOurs);
        top += BarStep;
    }
}

} // namespace

// A panel for each row that more than one side has, longer is better.
QByteArray chart(const Results &results)
{
    QList<Row> rows;
    for (const Row &row : results.rows()) {
        if (barsOf(results, row).size() > 1 && !row.name.startsWith(QStringLiteral("single")))
            rows.append(row);
    }
    const int lines = int(rows.size() + Columns - 1) / Columns;
    QList<int> heights(lines, 0);
    for (int i = 0; i < rows.size(); ++i)
        heights[i / Columns] =
                std::max(heights[i / Columns], heightOf(barsOf(results, rows[i]).size()));
    int height = 2 * Margin + 14;
    for (const int line : heights)
        height += line;
    QByteArray svg;
    Painter painter(&svg);
    painter.begin(Columns * (Width + Margin) + Margin, height);
    double y = Margin;
    for (int i = 0; i < rows.size(); ++i) {
        const int column = i % Columns;
        drawPanel(&painter, Margin + column * (Width + Margin), y, rows[i],
                  barsOf(results, rows[i]));
        if (column == Columns - 1)
            y += heights[i / Columns];
    }
    painter.text(Margin, height - Margin, QStringLiteral("Longer is better. ") + machine(), 11,
                 "#5f6368");
    painter.end();
    return svg + '\n';
}
