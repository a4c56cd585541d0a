// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSOCKETOPERATORS_H
#define GRUVSOCKETOPERATORS_H

#include <gruvsocks/gruvsocks_export.h>

class GruvSocket;
class QByteArray;
class QDebug;
class QString;

GRUVSOCKS_EXPORT GruvSocket &operator<<(GruvSocket &socket, const QByteArray &message);
GRUVSOCKS_EXPORT GruvSocket &operator<<(GruvSocket &socket, const QString &text);
GRUVSOCKS_EXPORT GruvSocket &operator<<(GruvSocket &socket, const char *text);
GRUVSOCKS_EXPORT bool operator+(GruvSocket &socket, const QByteArray &message);
GRUVSOCKS_EXPORT bool operator+(GruvSocket &socket, const QString &text);
GRUVSOCKS_EXPORT bool operator+(GruvSocket &socket, const char *text);
GRUVSOCKS_EXPORT QDebug operator<<(QDebug debug, const GruvSocket &socket);
GRUVSOCKS_EXPORT QDebug operator<<(QDebug debug, const GruvSocket *socket);

#endif // GRUVSOCKETOPERATORS_H
