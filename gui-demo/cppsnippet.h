// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CPPSNIPPET_H
#define CPPSNIPPET_H

#include <QtCore/qstring.h>

// A whole program that does what the client of the window does: what "Copy as C++" copies.
struct CppSnippet
{
    QString host;
    quint16 port = 0;
    bool isEncrypted = false;
    bool reconnects = true;

    QString toString() const;
};

#endif // CPPSNIPPET_H
