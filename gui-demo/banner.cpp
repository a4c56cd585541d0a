// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "banner.h"
#include "theme.h"

#include <QtCore/qcoreevent.h>
#include <QtGui/qaccessible.h>
#include <QtGui/qevent.h>
#include <QtGui/qpainter.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qgridlayout.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qtoolbutton.h>

#include <algorithm>

static constexpr int IconSide = 18;
static constexpr int Padding = 8;

static QLabel *createLabel(const QString &name, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText); // it may be a peer's words
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    return label;
}

static QToolButton *createToolButton(const QString &name, const QString &accessibleName,
                                     QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setObjectName(name);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setAccessibleName(accessibleName);
    button->setToolTip(accessibleName);
    return button;
}

Banner::Banner(QWidget *parent)
    : QFrame(parent)
    , m_text(createLabel(QStringLiteral("bannerText"), this))
    , m_detail(createLabel(QStringLiteral("bannerDetail"), this))
    , m_action(new QPushButton(this))
    , m_more(createToolButton(QStringLiteral("bannerMore"), tr("Details"), this))
    , m_dismiss(createToolButton(QStringLiteral("bannerDismiss"), tr("Dismiss"), this))
{
    m_action->setObjectName(QStringLiteral("bannerAction"));
    m_more->setCheckable(true);
    m_dismiss->setText(tr("\u00d7"));
    arrange();
    connect(m_action, &QPushButton::clicked, this, &Banner::actionTriggered);
    connect(m_more, &QToolButton::toggled, this, &Banner::showDetail);
    connect(m_dismiss, &QToolButton::clicked, this, [this] {
        dismiss();
        Q_EMIT dismissed();
    });
    showDetail(false);
    hide();
}

void Banner::arrange()
{
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(2 * Padding + IconSide, Padding, Padding, Padding);
    layout->setHorizontalSpacing(Padding);
    layout->setVerticalSpacing(2);
    layout->addWidget(m_text, 0, 0);
    layout->addWidget(m_action, 0, 1);
    layout->addWidget(m_more, 0, 2);
    layout->addWidget(m_dismiss, 0, 3);
    layout->addWidget(m_detail, 1, 0, 1, 4);
    layout->setColumnStretch(0, 1);
}

Banner::Severity Banner::severity() const
{
    return m_severity;
}

QString Banner::text() const
{
    return m_text->text();
}

QString Banner::detail() const
{
    return m_detail->text();
}

void Banner::showMessage(Severity severity, const QString &text, const QString &detail,
                         const QString &actionText)
{
    const bool isNews = isHidden() || severity != m_severity;
    m_severity = severity;
    m_text->setText(text);
    m_detail->setText(detail);
    m_action->setText(actionText);
    m_action->setVisible(!actionText.isEmpty());
    m_more->setVisible(!detail.isEmpty());
    if (isNews || detail.isEmpty())
        m_more->setChecked(false);
    setAccessibleName(text);
    setAccessibleDescription(detail);
    applyColours();
    show();
    if (isNews)
        announce();
}

// A window that is too low for all of it grows, for a layout would rather cut the text.
QSize Banner::minimumSizeHint() const
{
    const QSize least = QFrame::minimumSizeHint();
    return { least.width(), std::max(least.height(), heightForWidth(width())) };
}

void Banner::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        updateGeometry();
}

void Banner::dismiss()
{
    hide();
}

void Banner::showDetail(bool show)
{
    m_detail->setVisible(show);
    m_more->setArrowType(show ? Qt::UpArrow : Qt::DownArrow);
}

// A screen reader speaks it at once. A countdown would have it speak each second, so only news do.
void Banner::announce()
{
    QAccessibleEvent event(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

void Banner::applyColours()
{
    const auto [text, background] = m_severity == Severity::Error
                                            ? Theme::errorBanner(QApplication::palette())
                                            : Theme::infoBanner(QApplication::palette());
    QPalette colours = palette();
    if (colours.color(QPalette::Window) == background)
        return; // a change of the palette comes back here
    colours.setColor(QPalette::Window, background);
    for (const auto role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText })
        colours.setColor(role, text);
    setPalette(colours);
}

void Banner::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        applyColours();
    QFrame::changeEvent(event);
}

void Banner::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(palette().color(QPalette::Window));
    painter.drawRoundedRect(rect(), 5, 5);
    const int middle = m_text->geometry().center().y();
    paintIcon(&painter, QRectF(Padding, middle - IconSide / 2.0, IconSide, IconSide));
}

// A disc with an i, a triangle or a disc with an exclamation mark.
void Banner::paintIcon(QPainter *painter, const QRectF &rect) const
{
    const auto at = [&](double x, double y) { return rect.topLeft() + QPointF(x, y) * IconSide; };
    painter->setBrush(palette().color(QPalette::WindowText));
    if (m_severity == Severity::Warning)
        painter->drawPolygon(QPolygonF{ at(0.5, 0.04), at(0.98, 0.92), at(0.02, 0.92) });
    else
        painter->drawEllipse(rect.adjusted(1, 1, -1, -1));
    painter->setPen(QPen(palette().color(QPalette::Window), 2, Qt::SolidLine, Qt::RoundCap));
    const double shift = m_severity == Severity::Warning ? 0.08 : 0;
    const bool isInfo = m_severity == Severity::Info;
    painter->drawLine(at(0.5, (isInfo ? 0.48 : 0.28) + shift),
                      at(0.5, (isInfo ? 0.72 : 0.54) + shift));
    painter->drawPoint(at(0.5, (isInfo ? 0.28 : 0.72) + shift));
}
