// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVTLS_H
#define GRUVTLS_H

#include <gruvsocks/gruvsocks_export.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qsslconfiguration.h>

namespace Gruv {

struct TlsConfiguration
{
    QSslConfiguration configuration; // null if there is an error
    QString error;
    explicit operator bool() const { return error.isEmpty(); }
};

GRUVSOCKS_EXPORT TlsConfiguration loadTlsConfiguration(const QString &certificateFile,
                                                       const QString &keyFile,
                                                       const QString &caFile = {},
                                                       const QByteArray &passPhrase = {});

} // namespace Gruv

#endif // GRUVTLS_H
