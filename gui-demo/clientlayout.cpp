// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "clientpanel.h"

#include "banner.h"
#include "certificateview.h"
#include "composer.h"
#include "findbar.h"
#include "messageview.h"
#include "statechip.h"
#include "transferbar.h"

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qtoolbutton.h>

void ClientPanel::createLayout()
{
    setObjectName(QStringLiteral("clientPanel"));
    m_banner->setObjectName(QStringLiteral("clientBanner"));
    m_view->setObjectName(QStringLiteral("messages"));
    m_view->setAccessibleName(tr("Messages"));
    m_view->setMessages(&m_messages);
    m_view->setPlaceholderText(tr("Say hello - the server echoes everything"));
    m_view->setMinimumHeight(60);
    auto *const column = new QVBoxLayout(this);
    auto *const title = new QLabel(tr("<b>Client</b>"), this);
    title->setMinimumHeight(
            m_chip->sizeHint().height()); // as the title of the server, with its chip
    column->addWidget(title);
    column->addWidget(m_form);
    column->addLayout(createStateRow());
    column->addWidget(m_banner);
    column->addWidget(m_find);
    column->addWidget(m_view, 1);
    column->addWidget(m_transfer);
    column->addLayout(createComposerRow());
}

QLayout *ClientPanel::createStateRow()
{
    m_chip->setObjectName(QStringLiteral("clientChip"));
    m_lock->setObjectName(QStringLiteral("certificate"));
    m_lock->setText(tr("Certificate..."));
    m_lock->setToolTip(tr("The certificate that the server has shown"));
    m_lock->hide();
    m_reconnects->setObjectName(QStringLiteral("reconnects"));
    m_reconnects->setChecked(true);
    m_reconnects->setToolTip(tr("Connect again when the connection is lost, after growing waits"));
    auto *const row = new QHBoxLayout;
    row->addWidget(m_chip, 1);
    row->addWidget(m_lock);
    row->addWidget(m_reconnects);
    return row;
}

QLayout *ClientPanel::createComposerRow()
{
    m_composer->setObjectName(QStringLiteral("composer"));
    m_send->setObjectName(QStringLiteral("send"));
    m_send->setEnabled(false);
    m_send->setToolTip(tr("Enter sends, Shift+Enter breaks the line"));
    m_file->setObjectName(QStringLiteral("file"));
    m_file->setToolTip(tr("Send a file as one message"));
    m_many->setObjectName(QStringLiteral("many"));
    m_many->setToolTip(tr("Send a thousand messages"));
    auto *const small = new QHBoxLayout;
    small->addWidget(m_file);
    small->addWidget(m_many);
    auto *const buttons = new QVBoxLayout;
    buttons->addWidget(m_send);
    buttons->addLayout(small);
    buttons->addStretch();
    auto *const row = new QHBoxLayout;
    row->addWidget(m_composer, 1);
    row->addLayout(buttons);
    return row;
}

void ClientPanel::connectWidgets()
{
    connect(m_form, &ConnectForm::triggered, this, &ClientPanel::trigger);
    connect(m_form, &ConnectForm::encryptedToggled, this, &ClientPanel::encryptionToggled);
    connect(m_form, &ConnectForm::encryptedToggled, this, &ClientPanel::showEncryption);
    connect(m_banner, &Banner::actionTriggered, this, &ClientPanel::retryNow);
    connect(m_banner, &Banner::dismissed, this, [this] { m_notice = Notice::None; });
    connect(m_find, &FindBar::closed, m_composer, [this] { m_composer->setFocus(); });
    connect(m_view, &MessageView::messageSelected, this, &ClientPanel::select);
    connect(m_view, &MessageView::retryRequested, &m_deliveries, &Deliveries::retry);
    connect(m_transfer, &TransferBar::cancelled, this, &ClientPanel::cancelFile);
    connect(m_composer, &Composer::submitted, this, &ClientPanel::sendText);
    connect(m_composer, &Composer::submittableChanged, m_send, &QPushButton::setEnabled);
    connect(m_composer, &Composer::filesDropped, this, &ClientPanel::sendFiles);
    connect(m_send, &QPushButton::clicked, m_composer, &Composer::submit);
    connect(m_file, &QPushButton::clicked, this, &ClientPanel::fileRequested);
    connect(m_many, &QPushButton::clicked, this, &ClientPanel::manyRequested);
    connect(m_lock, &QToolButton::clicked, this, &ClientPanel::showCertificate);
    connect(&m_deliveries, &Deliveries::changed, this, &ClientPanel::showDelivery);
    connect(&m_deliveries, &Deliveries::progressed, this, &ClientPanel::showProgress);
    connect(m_certificate, &LocalCertificate::ready, this, &ClientPanel::reconnectEncrypted);
    connect(m_certificate, &LocalCertificate::failed, this, &ClientPanel::showFailedCertificate);
}
