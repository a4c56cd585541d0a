// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "certificateview.h"

#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslcipher.h>
#include <QtNetwork/qsslkey.h>
#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qdialogbuttonbox.h>
#include <QtWidgets/qplaintextedit.h>
#include <QtWidgets/qpushbutton.h>

namespace {

QString names(const QSslCertificate &certificate)
{
    QStringList all;
    const auto alternatives = certificate.subjectAlternativeNames();
    for (const QString &name : alternatives)
        all.append(name);
    return all.join(QLatin1String(", "));
}

QString fingerprint(const QSslCertificate &certificate)
{
    const QByteArray digest = certificate.digest(QCryptographicHash::Sha256).toHex(':');
    return QString::fromLatin1(digest.toUpper());
}

} // namespace

CertificateView::CertificateView(QWidget *parent)
    : QDialog(parent)
    , m_text(new QPlainTextEdit(this))
{
    setObjectName(QStringLiteral("certificateView"));
    setWindowTitle(tr("Certificate of the server"));
    m_text->setObjectName(QStringLiteral("certificateText"));
    m_text->setAccessibleName(tr("Certificate"));
    m_text->setReadOnly(true);
    auto *const buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setText(tr("&Close"));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *const column = new QVBoxLayout(this);
    column->addWidget(m_text);
    column->addWidget(buttons);
    resize(560, 320);
    showSession({});
}

QString CertificateView::describe(const QSslCertificate &certificate)
{
    if (certificate.isNull())
        return tr("No certificate has been shown.");
    const QString lines[] = {
        tr("Subject: %1").arg(certificate.subjectDisplayName()),
        tr("Names: %1").arg(names(certificate)),
        tr("Issued by: %1").arg(certificate.issuerDisplayName()),
        tr("Valid from: %1").arg(certificate.effectiveDate().toString(Qt::ISODate)),
        tr("Valid until: %1").arg(certificate.expiryDate().toString(Qt::ISODate)),
        tr("Key: %1 bits").arg(certificate.publicKey().length()),
        tr("Serial number: %1").arg(QString::fromLatin1(certificate.serialNumber())),
        tr("SHA-256 fingerprint: %1").arg(fingerprint(certificate)),
    };
    return QStringList(std::begin(lines), std::end(lines)).join(u'\n');
}

void CertificateView::showSession(const QSslConfiguration &session)
{
    const QSslCipher cipher = session.sessionCipher();
    const QString protocol =
            cipher.isNull() ? tr("The connection is not encrypted.")
                            : tr("Protocol: %1, %2").arg(cipher.protocolString(), cipher.name());
    m_text->setPlainText(protocol + QStringLiteral("\n\n") + describe(session.peerCertificate()));
}

void CertificateView::showRefusal(const QList<QSslError> &errors)
{
    QStringList lines{ tr("The certificate was refused:") };
    for (const QSslError &error : errors)
        lines.append(tr("- %1").arg(error.errorString()));
    const QSslCertificate certificate =
            errors.isEmpty() ? QSslCertificate() : errors.constFirst().certificate();
    lines += { QString(), describe(certificate) };
    m_text->setPlainText(lines.join(u'\n'));
}

QString CertificateView::text() const
{
    return m_text->toPlainText();
}
