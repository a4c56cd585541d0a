// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef WORDING_P_H
#define WORDING_P_H

#include <QtCore/qlocale.h>
#include <QtCore/qstring.h>

// A number in a sentence for people: 16,777,216.
inline QString grouped(qint64 number)
{
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(number);
}

#endif // WORDING_P_H
