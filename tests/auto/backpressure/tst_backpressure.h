// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_BACKPRESSURE_H
#define TST_BACKPRESSURE_H

#include <QtTest/qtest.h>

// A reader slower than its sender: what that costs, and that nothing is lost by it.
class tst_Backpressure : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    // First, for it measures the least memory.
    void obedientSenderStaysAtTheWatermark();
    void floodIsRefusedAtTheLimit_data();
    void floodIsRefusedAtTheLimit();

    // tst_backpressure_pausing.cpp
    void pausedReaderStopsTheSender_data() { servers(); }
    void pausedReaderStopsTheSender();
    void pauseInAMessageHoldsTheRest_data();
    void pauseInAMessageHoldsTheRest();

private:
    void servers();
};

#endif // TST_BACKPRESSURE_H
