// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "composer.h"

#include <QtCore/qmimedata.h>
#include <QtCore/qurl.h>
#include <QtGui/qevent.h>
#include <QtGui/qtextdocument.h>

#include <algorithm>
#include <cmath>

static constexpr int MinimumLines = 2;
static constexpr int MaximumLines = 6;

Composer::Composer(QWidget *parent)
    : QPlainTextEdit(parent)
{
    setTabChangesFocus(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setPlaceholderText(tr("Type a message. Enter sends, Shift+Enter breaks the line"));
    setAccessibleName(tr("Message"));
    connect(this, &QPlainTextEdit::textChanged, this, &Composer::onTextChanged);
}

QStringList Composer::history() const
{
    return m_history;
}

void Composer::submit()
{
    const QString text = toPlainText();
    if (text.trimmed().isEmpty())
        return;
    if (m_history.isEmpty() || m_history.constLast() != text)
        m_history.append(text);
    if (m_history.size() > MaximumHistory)
        m_history.removeFirst();
    m_position = m_history.size();
    m_draft.clear();
    clear();
    Q_EMIT submitted(text);
}

void Composer::onTextChanged()
{
    const bool isSubmittable = !toPlainText().trimmed().isEmpty();
    if (std::exchange(m_isSubmittable, isSubmittable) != isSubmittable)
        Q_EMIT submittableChanged(isSubmittable);
    updateGeometry();
}

void Composer::keyPressEvent(QKeyEvent *event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    const auto modifiers = event->modifiers() & ~Qt::KeypadModifier;
    if (isEnter && modifiers == Qt::NoModifier)
        submit();
    else if (event->key() == Qt::Key_Up && modifiers == Qt::ControlModifier)
        recall(-1);
    else if (event->key() == Qt::Key_Down && modifiers == Qt::ControlModifier)
        recall(1);
    else
        QPlainTextEdit::keyPressEvent(event);
}

void Composer::recall(int step)
{
    const qsizetype position = std::clamp<qsizetype>(m_position + step, 0, m_history.size());
    if (position == m_position)
        return;
    if (m_position == m_history.size())
        m_draft = toPlainText();
    m_position = position;
    setPlainText(position == m_history.size() ? m_draft : m_history.at(position));
    moveCursor(QTextCursor::End);
}

void Composer::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange)
        updateGeometry();
    QPlainTextEdit::changeEvent(event);
}

int Composer::heightOfLines(int lines) const
{
    // A scroll bar appears already where less than a third margin is left.
    const double text = lines * fontMetrics().lineSpacing() + 3 * document()->documentMargin();
    return int(std::ceil(text)) + 2 * frameWidth();
}

// The document of a QPlainTextEdit measures its height in lines.
QSize Composer::sizeHint() const
{
    const int lines = int(document()->size().height());
    return { QPlainTextEdit::sizeHint().width(),
             heightOfLines(std::clamp(lines, MinimumLines, MaximumLines)) };
}

QSize Composer::minimumSizeHint() const
{
    return { fontMetrics().averageCharWidth() * 12, heightOfLines(MinimumLines) };
}

static QStringList localFiles(const QMimeData *source)
{
    QStringList paths;
    const auto urls = source->urls();
    for (const QUrl &url : urls) {
        if (!url.isLocalFile())
            return {};
        paths.append(url.toLocalFile());
    }
    return paths;
}

bool Composer::canInsertFromMimeData(const QMimeData *source) const
{
    return !localFiles(source).isEmpty() || QPlainTextEdit::canInsertFromMimeData(source);
}

void Composer::insertFromMimeData(const QMimeData *source)
{
    const QStringList paths = localFiles(source);
    if (paths.isEmpty())
        QPlainTextEdit::insertFromMimeData(source);
    else
        Q_EMIT filesDropped(paths);
}
