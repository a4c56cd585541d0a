// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "hooddock.h"

#include "frameview.h"
#include "signallog.h"
#include "signaltap.h"

#include <QtWidgets/qsplitter.h>

HoodDock::HoodDock(QWidget *parent)
    : QDockWidget(tr("Under the hood"), parent)
    , m_log(new SignalLog(this))
    , m_frame(new FrameView(this))
    , m_splitter(new QSplitter(Qt::Horizontal, this))
{
    setObjectName(QStringLiteral("hoodDock"));
    setAllowedAreas(Qt::BottomDockWidgetArea | Qt::TopDockWidgetArea);
    m_splitter->setObjectName(QStringLiteral("hoodSplitter"));
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setContentsMargins(9, 0, 9, 9); // as the panels
    m_splitter->addWidget(m_log);
    m_splitter->addWidget(m_frame);
    setWidget(m_splitter);
}

SignalLog *HoodDock::log() const
{
    return m_log;
}

FrameView *HoodDock::frame() const
{
    return m_frame;
}

QSplitter *HoodDock::splitter() const
{
    return m_splitter;
}

// The tap goes with the object, before the log does.
void HoodDock::watch(QObject *object, const QString &name)
{
    const auto report = [log = m_log](const QString &of, const QString &signature) {
        log->append(of, signature);
    };
    new SignalTap(object, name, report, object);
}

void HoodDock::showFrame(const QByteArray &frame, qint64 payloadSize)
{
    if (frame.isEmpty())
        m_frame->clear();
    else
        m_frame->showFrame(frame, payloadSize);
}
