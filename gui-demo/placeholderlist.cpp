// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "placeholderlist.h"

#include <QtGui/qpainter.h>

PlaceholderList::PlaceholderList(QWidget *parent)
    : QListView(parent)
{
    setEditTriggers(NoEditTriggers);
    setSelectionMode(ExtendedSelection);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

QString PlaceholderList::placeholderText() const
{
    return m_placeholderText;
}

void PlaceholderList::setPlaceholderText(const QString &text)
{
    m_placeholderText = text;
    viewport()->update();
}

void PlaceholderList::paintEvent(QPaintEvent *event)
{
    QListView::paintEvent(event);
    if (model() && model()->rowCount() > 0)
        return;
    QPainter painter(viewport());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(viewport()->rect().adjusted(24, 8, -24, -8),
                     Qt::AlignCenter | Qt::TextWordWrap, m_placeholderText);
}
