// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSOCKS_H
#define GRUVSOCKS_H

#include <gruvsocks/gruvclient.h>
#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocketoptions.h>
#include <gruvsocks/gruvsocks_export.h>
#include <gruvsocks/gruvtls.h>

namespace Gruv {

GRUVSOCKS_EXPORT void echoHandler(const GruvPeer &peer, GruvSocket &socket);
GRUVSOCKS_EXPORT QByteArray selfTest();
GRUVSOCKS_EXPORT QByteArray encodeFrame(const QByteArray &message);
GRUVSOCKS_EXPORT bool installEventDispatcher();

} // namespace Gruv

#endif // GRUVSOCKS_H
