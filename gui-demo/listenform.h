// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LISTENFORM_H
#define LISTENFORM_H

#include <QtNetwork/qhostaddress.h>
#include <QtWidgets/qwidget.h>

class QCheckBox;
class QComboBox;
class QPushButton;
class QSpinBox;

// Where the server listens, and the button for it.
class ListenForm : public QWidget
{
    Q_OBJECT

public:
    explicit ListenForm(QWidget *parent = nullptr);

    QHostAddress address() const;
    quint16 port() const; // 0: any free one
    void setPort(quint16 port);
    bool isEncrypted() const;
    void setEncrypted(bool encrypted);
    void setListening(bool listening);
    void focusPort();

Q_SIGNALS:
    void listenRequested();
    void stopRequested();
    void encryptedToggled(bool encrypted);

private:
    void addAddresses();

    QComboBox *m_address;
    QSpinBox *m_port;
    QCheckBox *m_encrypted;
    QPushButton *m_button;
    bool m_isListening = false;
};

#endif // LISTENFORM_H
