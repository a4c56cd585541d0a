// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "findbar.h"

#include "messageview.h"

#include <QtGui/qevent.h>
#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qtoolbutton.h>

FindBar::FindBar(MessageView *view, QWidget *parent)
    : QWidget(parent)
    , m_view(view)
    , m_text(new QLineEdit(this))
    , m_count(new QLabel(this))
{
    setObjectName(QStringLiteral("findBar"));
    m_text->setObjectName(QStringLiteral("findText"));
    m_text->setAccessibleName(tr("Find in the messages"));
    m_text->setPlaceholderText(tr("Find in the messages"));
    m_text->setClearButtonEnabled(true);
    auto *const next = new QToolButton(this);
    next->setObjectName(QStringLiteral("findNext"));
    next->setText(tr("Next"));
    next->setToolTip(tr("Next match (F3)"));
    auto *const done = new QToolButton(this);
    done->setObjectName(QStringLiteral("findClose"));
    done->setText(tr("Close"));
    done->setToolTip(tr("Close (Esc)"));
    auto *const row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_text, 1);
    row->addWidget(m_count);
    row->addWidget(next);
    row->addWidget(done);
    m_pause.setSingleShot(true);
    m_pause.setInterval(150);
    connect(&m_pause, &QTimer::timeout, this, &FindBar::find);
    connect(m_text, &QLineEdit::textChanged, &m_pause, qOverload<>(&QTimer::start));
    connect(m_text, &QLineEdit::returnPressed, this, &FindBar::findNext);
    connect(next, &QToolButton::clicked, this, &FindBar::findNext);
    connect(done, &QToolButton::clicked, this, &FindBar::close);
    hide();
}

void FindBar::open()
{
    show();
    m_text->setFocus(Qt::ShortcutFocusReason);
    m_text->selectAll();
    find();
}

void FindBar::find()
{
    const QString text = m_text->text();
    m_pause.stop();
    const int count = m_view->find(text);
    m_count->setText(text.isEmpty() ? QString() : tr("%n found", nullptr, count));
}

void FindBar::findNext()
{
    if (!isVisible())
        open();
    else if (m_pause.isActive())
        find(); // and that is the newest
    else
        m_view->findNext();
}

void FindBar::close()
{
    hide();
    m_pause.stop();
    m_view->find({});
    Q_EMIT closed();
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}
