// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "messagedelegate.h"
#include "messagemodel.h"
#include "messagepainter.h"
#include "theme.h"

#include <QtGui/qpainter.h>

#include <algorithm>
#include <cmath>

static constexpr double Margin = 10; // beside the bubble
static constexpr double Gap = 3;     // above and below it
static constexpr double PaddingX = 10;
static constexpr double PaddingY = 6;
static constexpr qsizetype MaximumCharacters = 2000; // of one bubble; the rest can be copied
static constexpr int MaximumTextLines = 30;
static constexpr std::size_t RememberedHeights = 16384;
static_assert(RememberedHeights > MessageModel::MaximumRows);

static const Message &messageAt(const QModelIndex &index)
{
    return static_cast<const MessageModel *>(index.model())->at(index.row());
}

// They would make text read otherwise than it was sent.
static bool isBidiControl(QChar character)
{
    const char16_t code = character.unicode();
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static QString withoutBidiControls(const QString &text)
{
    QString marked;
    for (const QChar character : text) {
        if (isBidiControl(character))
            marked += QStringLiteral("[U+%1]").arg(uint(character.unicode()), 4, 16).toUpper();
        else
            marked += character;
    }
    return marked;
}

// QTextLayout breaks lines at its own separator only.
static QString shownText(const QString &whole)
{
    QString text = whole.left(MaximumCharacters);
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    text.replace(u'\r', QChar::LineSeparator);
    text.replace(u'\n', QChar::LineSeparator);
    return withoutBidiControls(text);
}

static QFont textFont(QFont font, const Message &message)
{
    font.setItalic(!message.isText());
    return font;
}

static QSizeF layOutLines(QTextLayout *text, double width)
{
    QSizeF size;
    text->beginLayout();
    for (int i = 0; i < MaximumTextLines; ++i) {
        QTextLine line = text->createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(width);
        line.setPosition({ 0, size.height() });
        size = { std::max(size.width(), line.naturalTextWidth()), size.height() + line.height() };
    }
    text->endLayout();
    return { std::ceil(size.width()), std::ceil(size.height()) };
}

static QSizeF layOut(QTextLayout *text, double width)
{
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    text->setTextOption(option);
    const QSizeF size = layOutLines(text, width);
    // Text from right to left stands at the right of its lines.
    return text->text().isRightToLeft() ? layOutLines(text, size.width() + 1) : size;
}

// What stands under a text that is not shown to its end.
static QString cutText(const QTextLayout &text, const QString &whole, const Message &message)
{
    const QTextLine last = text.lineAt(text.lineCount() - 1);
    const bool isShown = last.textStart() + last.textLength() == text.text().size();
    const bool isKept = !message.isText() || message.size == message.payload.size();
    if (isShown && isKept && whole.size() <= MaximumCharacters)
        return {};
    return MessageDelegate::tr("Cut here; %1 in all").arg(Message::sizeText(message.size));
}

static double lastWidth(const QTextLayout &text)
{
    return text.lineAt(text.lineCount() - 1).naturalTextWidth();
}

// Where the last line leaves room, the time stands beside it.
static bool fitsBeside(const QTextLayout &text, double metaWidth, double width)
{
    return !text.text().isRightToLeft() && lastWidth(text) + PaddingX + metaWidth <= width;
}

MessageDelegate::MessageDelegate(QObject *parent)
    : QStyledItemDelegate(parent)
    , m_heights(RememberedHeights)
{}

void MessageDelegate::setWidth(int width)
{
    if (std::exchange(m_width, width) != width)
        std::fill(m_heights.begin(), m_heights.end(), Height());
}

int MessageDelegate::width() const
{
    return m_width;
}

void MessageDelegate::setUnreadDivider(quint64 uid)
{
    m_dividerUid = uid;
}

void MessageDelegate::setHighlight(const QString &text)
{
    m_highlight = text;
}

int MessageDelegate::layoutCount() const
{
    return m_layoutCount;
}

MessageDelegate::Geometry MessageDelegate::layout(QTextLayout *text, const Message &message,
                                                  const QFont &font) const
{
    ++m_layoutCount;
    const double widest = std::max(80.0, std::floor(m_width * 0.8 - 2 * Margin)) - 2 * PaddingX;
    const QString whole = message.text();
    text->setText(shownText(whole));
    text->setFont(textFont(font, message));
    const QSizeF size = layOut(text, widest);
    const QSizeF meta = MessagePainter::metaSize(message, font);
    const QString cut = cutText(*text, whole, message);
    const bool isBeside = message.delivery != Message::Delivery::NotSent && cut.isEmpty()
                          && fitsBeside(*text, meta.width(), widest);
    const double beside = isBeside ? lastWidth(*text) + PaddingX : 0;
    const double before = cut.isEmpty() ? 0 : MessagePainter::metaWidth(cut, font) + PaddingX;
    const double width = std::max(size.width(), beside + before + meta.width());
    const double height = size.height() + (isBeside ? 0 : meta.height());
    Geometry geometry = place({ std::ceil(width), height }, message.sender);
    geometry.cut = cut;
    geometry.text.setHeight(size.height());
    geometry.meta = QRectF(QPointF(), meta);
    geometry.meta.moveBottomRight(geometry.bubble.bottomRight() - QPointF(PaddingX, PaddingY));
    return geometry;
}

// The bubble around what is in it, without a divider.
MessageDelegate::Geometry MessageDelegate::place(const QSizeF &inner, Message::Sender sender) const
{
    const double width = inner.width() + 2 * PaddingX;
    const double left = sender == Message::Sender::Me ? m_width - Margin - width : Margin;
    Geometry geometry;
    geometry.bubble = QRectF(left, Gap, width, inner.height() + 2 * PaddingY);
    geometry.text = QRectF(geometry.bubble.topLeft() + QPointF(PaddingX, PaddingY), inner);
    geometry.height = int(std::ceil(geometry.bubble.bottom() + Gap));
    return geometry;
}

MessageDelegate::Geometry MessageDelegate::geometry(const QStyleOptionViewItem &option,
                                                    const QModelIndex &index) const
{
    QTextLayout text;
    return placed(layout(&text, messageAt(index), option.font), option, messageAt(index));
}

// Where it is in the view: under the divider, and at the right edge while a resize is waited for.
MessageDelegate::Geometry MessageDelegate::placed(Geometry geometry,
                                                  const QStyleOptionViewItem &option,
                                                  const Message &message) const
{
    QPointF offset = option.rect.topLeft();
    if (message.sender == Message::Sender::Me)
        offset.rx() += option.rect.width() - m_width;
    if (message.uid == m_dividerUid) {
        const int height = MessagePainter::dividerHeight(option.font);
        geometry.divider = QRectF(option.rect.x(), option.rect.y(), option.rect.width(), height);
        geometry.height += height;
        offset.ry() += height;
    }
    for (QRectF *rect : { &geometry.bubble, &geometry.text, &geometry.meta })
        rect->translate(offset);
    return geometry;
}

int MessageDelegate::rememberedHeight(const Message &message, const QFont &font) const
{
    if (m_font != font)
        std::fill(m_heights.begin(), m_heights.end(), Height());
    m_font = font;
    Height &height = m_heights[message.uid % RememberedHeights];
    const bool hasRetry = message.delivery == Message::Delivery::NotSent;
    if (height.uid != message.uid || height.hasRetry != hasRetry) {
        QTextLayout text;
        height = { message.uid, layout(&text, message, font).height, hasRetry };
    }
    return height.height;
}

QSize MessageDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Message &message = messageAt(index);
    const int divider =
            message.uid == m_dividerUid ? MessagePainter::dividerHeight(option.font) : 0;
    return { m_width, rememberedHeight(message, option.font) + divider };
}

QList<QTextLayout::FormatRange> MessageDelegate::matches(const QString &text,
                                                         const QPalette &palette) const
{
    QList<QTextLayout::FormatRange> ranges;
    QTextCharFormat format;
    format.setForeground(Theme::match(palette).text);
    format.setBackground(Theme::match(palette).background);
    qsizetype at = m_highlight.isEmpty() ? -1 : text.indexOf(m_highlight, 0, Qt::CaseInsensitive);
    while (at >= 0) {
        ranges.append({ int(at), int(m_highlight.size()), format });
        at = text.indexOf(m_highlight, at + m_highlight.size(), Qt::CaseInsensitive);
    }
    return ranges;
}

void MessageDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    const Message &message = messageAt(index);
    QTextLayout text;
    const Geometry geometry = placed(layout(&text, message, option.font), option, message);
    painter->save();
    painter->setClipRect(option.rect, Qt::IntersectClip); // QTextLayout has none of its own
    painter->setRenderHint(QPainter::Antialiasing);
    const MessagePainter paint(painter, option);
    paint.divider(geometry.divider);
    paint.bubble(geometry.bubble, message);
    text.draw(painter, geometry.text.topLeft(), matches(text.text(), option.palette));
    QRectF cut = geometry.meta;
    cut.setLeft(geometry.text.left());
    paint.cut(geometry.cut, cut, message);
    paint.meta(geometry.meta, message);
    painter->restore();
}
