// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "frameview.h"

#include <QtCore/qcoreevent.h>
#include <QtCore/qlocale.h>
#include <QtGui/qclipboard.h>
#include <QtGui/qguiapplication.h>
#include <QtGui/qtextobject.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qplaintextedit.h>
#include <QtWidgets/qpushbutton.h>

#include <algorithm>

static constexpr qsizetype LengthBytes = 4;
static constexpr qsizetype HexColumn = 6; // "0000  00 00 00 02 68 69 ...  ....hi"

static QLabel *createLegend(const QString &name, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setObjectName(name);
    label->setAutoFillBackground(true);
    label->setContentsMargins(6, 2, 6, 2);
    label->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    return label;
}

static QPlainTextEdit *createBytes(QWidget *parent)
{
    auto *bytes = new QPlainTextEdit(parent);
    bytes->setObjectName(QStringLiteral("frameBytes"));
    bytes->setAccessibleName(FrameView::tr("Bytes of the frame"));
    bytes->setPlaceholderText(FrameView::tr("Select a message to see its bytes"));
    bytes->setReadOnly(true);
    bytes->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    bytes->setTabChangesFocus(true);
    bytes->setLineWrapMode(QPlainTextEdit::NoWrap);
    bytes->setFont(Theme::fixedFont());
    return bytes;
}

FrameView::FrameView(QWidget *parent)
    : QWidget(parent)
    , m_length(createLegend(QStringLiteral("frameLength"), this))
    , m_payload(createLegend(QStringLiteral("framePayload"), this))
    , m_more(new QLabel(this))
    , m_bytes(createBytes(this))
    , m_copy(new QPushButton(this))
{
    m_more->setObjectName(QStringLiteral("frameMore"));
    m_copy->setObjectName(QStringLiteral("frameCopy"));
    m_copy->setText(tr("Copy he&x"));
    m_copy->setAccessibleName(tr("Copy the frame as hex"));
    connect(m_copy, &QPushButton::clicked, this, &FrameView::copyAsHex);
    auto *legend = new QHBoxLayout;
    legend->addWidget(m_length);
    legend->addWidget(m_payload);
    legend->addWidget(m_more);
    legend->addStretch();
    legend->addWidget(m_copy);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addLayout(legend);
    layout->addWidget(m_bytes);
    clear();
}

void FrameView::showFrame(const QByteArray &frame, qint64 payloadSize)
{
    m_frame = frame;
    m_payloadSize = payloadSize;
    describe();
    refresh();
}

void FrameView::refresh()
{
    m_bytesPerLine = fittingBytes();
    render();
    tint();
}

static qsizetype asciiColumn(qsizetype bytesPerLine)
{
    return HexColumn + 3 * bytesPerLine + 1;
}

qsizetype FrameView::fittingBytes() const
{
    const double width = QFontMetricsF(m_bytes->font()).horizontalAdvance(u'0');
    const double room = m_bytes->viewport()->width() - 2 * m_bytes->document()->documentMargin();
    qsizetype count = 16;
    while (count > 4 && double(asciiColumn(count) + count) * width > room)
        count /= 2;
    return count;
}

void FrameView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (fittingBytes() != m_bytesPerLine)
        refresh();
}

void FrameView::clear()
{
    showFrame({}, 0);
}

QString FrameView::hex() const
{
    return QString::fromLatin1(m_frame.toHex(' '));
}

void FrameView::copyAsHex()
{
    QGuiApplication::clipboard()->setText(hex());
}

static QString printable(const QByteArray &bytes)
{
    QString text = QString::fromLatin1(bytes);
    for (QChar &character : text) {
        if (character < u' ' || character > u'~')
            character = u'.';
    }
    return text;
}

static QString lineOf(const QByteArray &bytes, qsizetype offset, qsizetype bytesPerLine)
{
    const QString hex = QString::fromLatin1(bytes.toHex(' ')).leftJustified(3 * bytesPerLine);
    return QStringLiteral("%1  %2 %3")
            .arg(offset, 4, 16, QLatin1Char('0'))
            .arg(hex, printable(bytes));
}

void FrameView::render()
{
    QStringList lines;
    const qsizetype shown = std::min(m_frame.size(), MaximumShown);
    for (qsizetype offset = 0; offset < shown; offset += m_bytesPerLine)
        lines.append(lineOf(m_frame.mid(offset, std::min(m_bytesPerLine, shown - offset)), offset,
                            m_bytesPerLine));
    m_bytes->setPlainText(lines.join(u'\n'));
}

void FrameView::describe()
{
    const bool isEmpty = m_frame.isEmpty();
    const qint64 whole = LengthBytes + m_payloadSize;
    const qint64 shown = std::min(m_frame.size(), MaximumShown);
    const QLocale locale;
    for (QWidget *widget : { static_cast<QWidget *>(m_length), static_cast<QWidget *>(m_payload) })
        widget->setVisible(!isEmpty);
    m_copy->setEnabled(!isEmpty);
    m_length->setText(tr("Length %1").arg(locale.toString(m_payloadSize)));
    m_payload->setText(tr("Payload"));
    m_more->setVisible(shown < whole && !isEmpty);
    m_more->setText(tr("First %1 of %2").arg(locale.toString(shown), locale.toString(whole)));
}

static QTextEdit::ExtraSelection selection(const QTextBlock &block, qsizetype from, qsizetype count,
                                           const Theme::Pair &pair)
{
    QTextEdit::ExtraSelection selection;
    selection.cursor = QTextCursor(block);
    selection.cursor.setPosition(block.position() + int(from));
    selection.cursor.setPosition(block.position() + int(from + count), QTextCursor::KeepAnchor);
    selection.format.setBackground(pair.background);
    selection.format.setForeground(pair.text);
    return selection;
}

void FrameView::tintBytes(QList<QTextEdit::ExtraSelection> *selections, const QTextBlock &block,
                          qsizetype from, qsizetype count, const Theme::Pair &pair) const
{
    selections->append(selection(block, HexColumn + 3 * from, 3 * count - 1, pair));
    selections->append(selection(block, asciiColumn(m_bytesPerLine) + from, count, pair));
}

void FrameView::tint()
{
    const Theme::Pair length = Theme::tint(Theme::Tint::Length, QApplication::palette());
    const Theme::Pair payload = Theme::tint(Theme::Tint::Payload, QApplication::palette());
    setColours(m_length, length);
    setColours(m_payload, payload);
    QList<QTextEdit::ExtraSelection> selections;
    const qsizetype shown = std::min(m_frame.size(), MaximumShown);
    QTextBlock block = m_bytes->document()->firstBlock();
    for (qsizetype offset = 0; offset < shown; offset += m_bytesPerLine, block = block.next()) {
        const qsizetype count = std::min(m_bytesPerLine, shown - offset);
        const qsizetype lengthCount = offset == 0 ? std::min(LengthBytes, count) : 0;
        if (lengthCount > 0)
            tintBytes(&selections, block, 0, lengthCount, length);
        if (count > lengthCount)
            tintBytes(&selections, block, lengthCount, count - lengthCount, payload);
    }
    m_bytes->setExtraSelections(selections);
}

void FrameView::setColours(QWidget *legend, const Theme::Pair &pair)
{
    QPalette colours = legend->palette();
    colours.setColor(QPalette::Window, pair.background);
    colours.setColor(QPalette::WindowText, pair.text);
    legend->setPalette(colours);
}

void FrameView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        tint();
    QWidget::changeEvent(event);
}
