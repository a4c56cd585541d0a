// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "transferbar.h"

#include "message.h"

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qprogressbar.h>
#include <QtWidgets/qpushbutton.h>

TransferBar::TransferBar(QWidget *parent)
    : QWidget(parent)
    , m_name(new QLabel(this))
    , m_progress(new QProgressBar(this))
{
    setObjectName(QStringLiteral("transferBar"));
    m_name->setTextFormat(Qt::PlainText);
    m_progress->setObjectName(QStringLiteral("transferProgress"));
    m_progress->setAccessibleName(tr("Progress of the file"));
    m_progress->setRange(0, 100);
    auto *const cancel = new QPushButton(tr("Cance&l"), this);
    cancel->setObjectName(QStringLiteral("transferCancel"));
    cancel->setAccessibleName(tr("Cancel the file"));
    cancel->setToolTip(tr("A message that is half sent ends only with its connection: it is opened "
                          "anew"));
    auto *const row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_name);
    row->addWidget(m_progress, 1);
    row->addWidget(cancel);
    connect(cancel, &QPushButton::clicked, this, &TransferBar::cancelled);
    hide();
}

void TransferBar::begin(const QString &name, qint64 bytes)
{
    const QString shortened = fontMetrics().elidedText(name, Qt::ElideMiddle, 110);
    m_name->setText(tr("%1, %2").arg(shortened, Message::sizeText(bytes)));
    m_name->setToolTip(name);
    m_progress->setValue(0);
    show();
}

void TransferBar::setProgress(qint64 bytes, qint64 total)
{
    m_progress->setValue(total > 0 ? int(bytes * 100 / total) : 100);
}

void TransferBar::end()
{
    hide();
}
