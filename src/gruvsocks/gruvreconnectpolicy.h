// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVRECONNECTPOLICY_H
#define GRUVRECONNECTPOLICY_H

#include <gruvsocks/gruvsocks_export.h>

#include <QtCore/qmetatype.h>
#include <QtCore/qobjectdefs.h>

#include <chrono>

class QDebug;

struct GRUVSOCKS_EXPORT GruvReconnectPolicy
{
    Q_GADGET
    Q_PROPERTY(std::chrono::milliseconds initialDelay MEMBER initialDelay)
    Q_PROPERTY(std::chrono::milliseconds maximumDelay MEMBER maximumDelay)
    Q_PROPERTY(double factor MEMBER factor)
    Q_PROPERTY(std::chrono::milliseconds resetAfter MEMBER resetAfter)
    Q_PROPERTY(int maximumAttempts MEMBER maximumAttempts)
    Q_PROPERTY(bool retriesTlsFailure MEMBER retriesTlsFailure)

public:
    std::chrono::milliseconds initialDelay{ 500 };
    std::chrono::milliseconds maximumDelay{ 30'000 };
    double factor = 2;
    std::chrono::milliseconds resetAfter{ 10'000 };
    int maximumAttempts = 0; // after the first; 0: for ever
    bool retriesTlsFailure = false;

    GruvReconnectPolicy bounded() const;
};

GRUVSOCKS_EXPORT bool operator==(const GruvReconnectPolicy &a, const GruvReconnectPolicy &b);
GRUVSOCKS_EXPORT bool operator!=(const GruvReconnectPolicy &a, const GruvReconnectPolicy &b);
GRUVSOCKS_EXPORT QDebug operator<<(QDebug debug, const GruvReconnectPolicy &policy);

#endif // GRUVRECONNECTPOLICY_H
