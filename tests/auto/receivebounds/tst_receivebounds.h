// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_RECEIVEBOUNDS_H
#define TST_RECEIVEBOUNDS_H

#include <QtTest/qtest.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool IsSanitized = true; // it keeps freed memory for a while
#else
constexpr bool IsSanitized = false;
#endif

// Contract 5: what a connection costs while messages arrive, and while nothing does.
class tst_ReceiveBounds : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void manyConnections_data();
    void manyConnections();
    void headerOfAllOnesAllocatesNothing();
    void largeFrameCostsWhatArrived_data();
    void largeFrameCostsWhatArrived();
    void oneByteSegments();
};

#endif // TST_RECEIVEBOUNDS_H
