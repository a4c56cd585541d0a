// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "connectform.h"

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qcombobox.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qspinbox.h>

ConnectForm::ConnectForm(QWidget *parent)
    : QWidget(parent)
    , m_host(new QComboBox(this))
    , m_port(new QSpinBox(this))
    , m_encrypted(new QCheckBox(tr("&TLS"), this))
    , m_button(new QPushButton(this))
{
    setObjectName(QStringLiteral("connectForm"));
    auto *const row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    auto *const hostLabel = new QLabel(tr("H&ost"), this);
    hostLabel->setBuddy(createHost());
    auto *const portLabel = new QLabel(tr("Po&rt"), this);
    portLabel->setBuddy(createPort());
    row->addWidget(hostLabel);
    row->addWidget(m_host, 1);
    row->addWidget(portLabel);
    row->addWidget(m_port);
    row->addWidget(m_encrypted);
    row->addWidget(createButtons());
    setEndpoint({ QStringLiteral("127.0.0.1"), 5551 });
    update();
}

QWidget *ConnectForm::createHost()
{
    m_host->setObjectName(QStringLiteral("host"));
    m_host->setEditable(true);
    m_host->setInsertPolicy(QComboBox::NoInsert);
    m_host->setMinimumContentsLength(4);
    m_host->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_host->setAccessibleName(tr("Host"));
    m_host->lineEdit()->setObjectName(QStringLiteral("hostEdit"));
    m_host->lineEdit()->setAccessibleName(tr("Host"));
    m_host->lineEdit()->setPlaceholderText(tr("name or address"));
    connect(m_host, &QComboBox::editTextChanged, this, [this] {
        update();
        Q_EMIT endpointEdited();
    });
    connect(m_host->lineEdit(), &QLineEdit::returnPressed, this, [this] {
        if (m_action == Action::Connect)
            trigger();
    });
    return m_host;
}

QWidget *ConnectForm::createPort()
{
    m_port->setObjectName(QStringLiteral("port"));
    m_port->setRange(1, 65535);
    m_port->setAccessibleName(tr("Port"));
    m_port->findChild<QLineEdit *>()->setAccessibleName(tr("Port"));
    connect(m_port, &QSpinBox::valueChanged, this, &ConnectForm::endpointEdited);
    return m_port;
}

QWidget *ConnectForm::createButtons()
{
    m_encrypted->setObjectName(QStringLiteral("encrypted"));
    m_encrypted->setAccessibleName(tr("Encrypt with TLS"));
    m_encrypted->setToolTip(tr("Encrypt the connection and check the server's certificate"));
    connect(m_encrypted, &QCheckBox::toggled, this, &ConnectForm::encryptedToggled);
    m_button->setObjectName(QStringLiteral("connect"));
    // As wide as its longest text, so that the row does not jump.
    m_button->setMinimumWidth(m_button->fontMetrics().horizontalAdvance(tr("Disco&nnect")) + 14);
    connect(m_button, &QPushButton::clicked, this, &ConnectForm::trigger);
    return m_button;
}

Endpoint ConnectForm::endpoint() const
{
    return { m_host->currentText().trimmed(), quint16(m_port->value()) };
}

void ConnectForm::setEndpoint(const Endpoint &endpoint)
{
    m_host->setEditText(endpoint.host);
    m_port->setValue(endpoint.port);
}

bool ConnectForm::isEncrypted() const
{
    return m_encrypted->isChecked();
}

void ConnectForm::setEncrypted(bool encrypted)
{
    m_encrypted->setChecked(encrypted);
}

ConnectForm::Action ConnectForm::action() const
{
    return m_action;
}

void ConnectForm::setAction(Action action)
{
    m_action = action;
    update();
}

void ConnectForm::setEditable(bool editable)
{
    m_host->setEnabled(editable);
    m_port->setEnabled(editable);
}

QStringList ConnectForm::history() const
{
    QStringList hosts;
    for (int i = 0; i < m_host->count(); ++i)
        hosts.append(m_host->itemText(i));
    return hosts;
}

void ConnectForm::setHistory(const QStringList &hosts)
{
    const QString current = m_host->currentText();
    m_host->clear();
    QStringList unique = hosts;
    unique.removeDuplicates();
    unique.removeAll(QString());
    m_host->addItems(unique.mid(0, MaximumHistory));
    m_host->setEditText(current);
}

void ConnectForm::rememberHost()
{
    const QString host = endpoint().host;
    if (!host.isEmpty())
        setHistory(QStringList(host) + history());
}

QString ConnectForm::problem() const
{
    return endpoint().host.isEmpty() ? tr("Enter the name or the address of a server first")
                                     : QString();
}

void ConnectForm::focusHost()
{
    m_host->setFocus(Qt::ShortcutFocusReason);
    m_host->lineEdit()->selectAll();
}

void ConnectForm::trigger()
{
    if (m_action != Action::Connect || problem().isEmpty())
        Q_EMIT triggered(m_action);
}

void ConnectForm::update()
{
    const QString texts[] = { tr("Co&nnect"), tr("Ca&ncel"), tr("Disco&nnect") };
    m_button->setText(texts[int(m_action)]);
    const QString why = m_action == Action::Connect ? problem() : QString();
    m_button->setEnabled(why.isEmpty());
    m_button->setToolTip(why);
}
