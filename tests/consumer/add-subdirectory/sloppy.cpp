// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// Somebody's code as it is: it compiles only where GruvSocks' own warnings and QT_NO_... stay at
// home.

#include <gruvsocks/gruvsocks.h>

#include <QtCore/QObject>
#include <QtCore/QStringList>

int sloppy(double value, int unused)
{
    int narrow = value;
    for (int value = 0; value < 3; ++value)
        narrow += value;
    int neverRead;
    QString text = "a literal";
    foreach(const QString &word, text.split(" ")) narrow += word.size();
    GruvSocket socket;
    emit socket.connected();
    return narrow;
}
