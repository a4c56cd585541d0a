// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_BADINPUT_H
#define TST_BADINPUT_H

#include <QtTest/qtest.h>

// Peers that send what no honest peer sends, and ends where no honest peer ends.
class tst_BadInput : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void stranger_data();
    void stranger();
    void strangerByRead_data();
    void strangerByRead();
    void strangerToABlockingHandler();
    void sentence_data();
    void sentence();
    void errorLatches_data() { sides(); }
    void errorLatches();
    void errorWaitsForResume_data() { sides(); }
    void errorWaitsForResume();
    void readAfterErrorGivesNothing();

    // tst_badinput_endings.cpp
    void endAtEveryByte_data();
    void endAtEveryByte();
    void endAtEveryByteByRead_data();
    void endAtEveryByteByRead();
    void finBeforeAReceiver();

    // tst_badinput_memory.cpp
    void memoryIsFlatAfterManyStrangers();
    void announcedLengthAllocatesNothing();

private:
    void sides();
};

#endif // TST_BADINPUT_H
