// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "faultlab.h"

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qslider.h>

FaultLab::FaultLab(QWidget *parent)
    : QGroupBox(tr("Fault lab"), parent)
    , m_delay(new QSlider(Qt::Horizontal, this))
    , m_delayText(new QLabel(this))
{
    setObjectName(QStringLiteral("faultLab"));
    m_delay->setObjectName(QStringLiteral("echoDelay"));
    m_delay->setRange(0, int(MaximumDelay.count()));
    m_delay->setSingleStep(10);
    m_delay->setPageStep(100);
    m_delay->setAccessibleName(tr("Echo delay in milliseconds"));
    auto *const delayLabel = new QLabel(tr("Echo dela&y"), this);
    delayLabel->setBuddy(m_delay);
    m_delayText->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_delayText->setMinimumWidth(fontMetrics().horizontalAdvance(tr("%1 ms").arg(1000)));
    auto *const dropping = new QCheckBox(tr("Drop every 1&0th"), this);
    dropping->setObjectName(QStringLiteral("dropEveryTenth"));
    dropping->setToolTip(tr("Every 10th message of a connection is not answered"));
    auto *const pausing = new QCheckBox(tr("Pause readin&g"), this);
    pausing->setObjectName(QStringLiteral("pauseReading"));
    pausing->setToolTip(
            tr("The server reads no more: what is sent waits, and TCP slows the sender"));
    auto *const delayRow = new QHBoxLayout;
    delayRow->addWidget(delayLabel);
    delayRow->addWidget(m_delay, 1);
    delayRow->addWidget(m_delayText);
    auto *const boxes = new QHBoxLayout;
    boxes->addWidget(dropping);
    boxes->addWidget(pausing);
    boxes->addStretch();
    auto *const column = new QVBoxLayout(this);
    column->addLayout(delayRow);
    column->addLayout(boxes);
    connect(m_delay, &QSlider::valueChanged, this, &FaultLab::showDelay);
    connect(dropping, &QCheckBox::toggled, this, &FaultLab::droppingToggled);
    connect(pausing, &QCheckBox::toggled, this, &FaultLab::readingPausedToggled);
    showDelay(0);
}

void FaultLab::setDelay(std::chrono::milliseconds delay)
{
    m_delay->setValue(int(delay.count()));
}

void FaultLab::showDelay(int delay)
{
    m_delayText->setText(tr("%1 ms").arg(delay));
    Q_EMIT delayChanged(std::chrono::milliseconds(delay));
}
