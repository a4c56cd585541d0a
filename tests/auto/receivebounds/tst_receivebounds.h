// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_RECEIVEBOUNDS_H
#define TST_RECEIVEBOUNDS_H

#include <QtTest/qtest.h>

#include <sanitized.h>

// Contract 5: what a connection costs while messages arrive, and while nothing does.
class tst_ReceiveBounds : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    // The last leaves the heap in pieces, which would count as resident in the others.
    void headerOfAllOnesAllocatesNothing();
    void oneByteSegments();
    void largeFrameCostsWhatArrived_data();
    void largeFrameCostsWhatArrived();
    void manyConnections_data();
    void manyConnections();
};

#endif // TST_RECEIVEBOUNDS_H
