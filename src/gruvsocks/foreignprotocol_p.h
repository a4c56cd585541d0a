// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FOREIGNPROTOCOL_P_H
#define FOREIGNPROTOCOL_P_H

#include <gruvsocks/gruvdisconnectreason.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>

// What four bytes look like that were refused as a length.
namespace ForeignProtocol {

GruvDisconnectReason::Protocol recognise(const QByteArray &header);
QString describe(const QByteArray &header, qint64 maximumMessageSize);

} // namespace ForeignProtocol

#endif // FOREIGNPROTOCOL_P_H
