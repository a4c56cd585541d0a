// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CERTIFICATEVIEW_H
#define CERTIFICATEVIEW_H

#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslerror.h>
#include <QtWidgets/qdialog.h>

class QPlainTextEdit;

// Whose certificate the server has shown, until when it is valid, and why it was refused.
class CertificateView : public QDialog
{
    Q_OBJECT

public:
    explicit CertificateView(QWidget *parent = nullptr);

    void showSession(const QSslConfiguration &session);
    void showRefusal(const QList<QSslError> &errors);
    QString text() const;

private:
    static QString describe(const QSslCertificate &certificate);

    QPlainTextEdit *m_text;
};

#endif // CERTIFICATEVIEW_H
