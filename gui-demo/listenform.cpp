// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "listenform.h"

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qcombobox.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qspinbox.h>

ListenForm::ListenForm(QWidget *parent)
    : QWidget(parent)
    , m_address(new QComboBox(this))
    , m_port(new QSpinBox(this))
    , m_encrypted(new QCheckBox(tr("TLS"), this))
    , m_button(new QPushButton(tr("L&isten"), this))
{
    setObjectName(QStringLiteral("listenForm"));
    addAddresses();
    m_port->setObjectName(QStringLiteral("listenPort"));
    m_port->setRange(0, 65535);
    m_port->setSpecialValueText(tr("any port"));
    m_port->setAccessibleName(tr("Port to listen on"));
    m_port->findChild<QLineEdit *>()->setAccessibleName(tr("Port to listen on"));
    m_encrypted->setObjectName(QStringLiteral("listenEncrypted"));
    m_encrypted->setAccessibleName(tr("Encrypt with TLS, as a server"));
    m_encrypted->setToolTip(
            tr("Connections that come from now on are encrypted, with a certificate made for this "
               "run"));
    m_button->setObjectName(QStringLiteral("listen"));
    m_button->setMinimumWidth(60); // less than the style wants, for narrow windows
    auto *const row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_address, 1);
    row->addWidget(m_port);
    row->addWidget(m_encrypted);
    row->addWidget(m_button);
    connect(m_encrypted, &QCheckBox::toggled, this, &ListenForm::encryptedToggled);
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_isListening)
            Q_EMIT stopRequested();
        else
            Q_EMIT listenRequested();
    });
}

void ListenForm::addAddresses()
{
    m_address->setObjectName(QStringLiteral("listenAddress"));
    m_address->setAccessibleName(tr("Address to listen on"));
    m_address->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_address->setMinimumContentsLength(6);
    m_address->addItem(tr("127.0.0.1"), QStringLiteral("127.0.0.1"));
    m_address->addItem(tr("::1"), QStringLiteral("::1"));
    m_address->addItem(tr("all (0.0.0.0)"), QStringLiteral("0.0.0.0"));
    m_address->setToolTip(tr("127.0.0.1 and ::1: only programs of this machine can connect"));
}

QHostAddress ListenForm::address() const
{
    return QHostAddress(m_address->currentData().toString());
}

quint16 ListenForm::port() const
{
    return quint16(m_port->value());
}

void ListenForm::setPort(quint16 port)
{
    m_port->setValue(port);
}

bool ListenForm::isEncrypted() const
{
    return m_encrypted->isChecked();
}

void ListenForm::setEncrypted(bool encrypted)
{
    m_encrypted->setChecked(encrypted);
}

void ListenForm::setListening(bool listening)
{
    m_isListening = listening;
    m_button->setText(listening ? tr("Sto&p") : tr("L&isten"));
    m_address->setEnabled(!listening);
    m_port->setEnabled(!listening);
}

void ListenForm::focusPort()
{
    m_port->setFocus(Qt::ShortcutFocusReason);
    m_port->selectAll();
}
