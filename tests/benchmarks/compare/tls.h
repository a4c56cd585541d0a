// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TLS_H
#define TLS_H

#include "task.h"

#include <gruvsocks/gruvtls.h>

// The driver makes the certificates in a directory; each end loads them from there.
namespace Tls {

constexpr char Host[] = "127.0.0.1"; // as the certificate calls the server: no name is looked up

inline QSslConfiguration configurationOf(const Task &task)
{
    const QString directory = task.certificates + u'/';
    const Gruv::TlsConfiguration loaded = Gruv::loadTlsConfiguration(
            directory + QStringLiteral("server.pem"), directory + QStringLiteral("server.key"),
            directory + QStringLiteral("ca.pem"));
    if (!loaded)
        qFatal("%s", qPrintable(loaded.error));
    return loaded.configuration;
}

} // namespace Tls

#endif // TLS_H
