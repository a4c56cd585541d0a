// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CONNECTFORM_H
#define CONNECTFORM_H

#include "demooptions.h"

#include <QtWidgets/qwidget.h>

class QCheckBox;
class QComboBox;
class QPushButton;
class QSpinBox;

// Where the client connects to, and the button for it.
class ConnectForm : public QWidget
{
    Q_OBJECT

public:
    enum class Action { Connect, Cancel, Disconnect }; // of the button
    Q_ENUM(Action)
    static constexpr int MaximumHistory = 10;

    explicit ConnectForm(QWidget *parent = nullptr);

    Endpoint endpoint() const;
    void setEndpoint(const Endpoint &endpoint);
    bool isEncrypted() const;
    void setEncrypted(bool encrypted);
    Action action() const;
    void setAction(Action action);
    void setEditable(bool editable);
    QStringList history() const; // newest first
    void setHistory(const QStringList &hosts);
    void rememberHost();
    QString problem() const; // why one cannot connect; empty if one can

public Q_SLOTS:
    void focusHost();
    void trigger(); // as the button does

Q_SIGNALS:
    void triggered(ConnectForm::Action action);
    void encryptedToggled(bool encrypted);
    void endpointEdited();

private:
    QWidget *createHost();
    QWidget *createPort();
    QWidget *createButtons();
    void update();

    QComboBox *m_host;
    QSpinBox *m_port;
    QCheckBox *m_encrypted;
    QPushButton *m_button;
    Action m_action = Action::Connect;
};

#endif // CONNECTFORM_H
