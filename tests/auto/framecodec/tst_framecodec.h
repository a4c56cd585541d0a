// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_FRAMECODEC_H
#define TST_FRAMECODEC_H

#include <QtTest/qtest.h>

// Bytes <-> messages, without a socket.
class tst_FrameCodec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    // tst_framecodec.cpp: the format, however it is split
    void encode_data();
    void encode();
    void headerIsWritten();

    void singleFrameInOneInput();
    void singleFrameInManyInputs();
    void manyFramesInOneInput();
    void manyFramesInManyInputs();
    void headerInTwoInputs_data();
    void headerInTwoInputs();
    void headerInFourInputs();
    void emptyMessages();
    void emptyInputChangesNothing();
    void everySplitInTwo();
    void everySplitInThree();
    void randomSplitsAgainstReference();

    // tst_framecodec_bounds.cpp: limits, memory and time
    void lengthAgainstMaximum_data();
    void lengthAgainstMaximum();
    void aNewMaximumIsForTheNextHeader();
    void tooLargeLatchesUntilReset();
    void resetForgetsAHalfFrame();

    void unreadInputOutlivesItsMemory();
    void inputOnUnreadInputKeepsTheOrder();
    void progressIsTold();

    void directReadGoesIntoTheMessage();
    void directReadThenFramesByInput();
    void noDirectRead();
    void directReadOfAllThatIsMissing();

    void keptMessageIsNotChanged();
    void droppedMessageLendsItsMemory();

    void timeIsLinear_data();
    void timeIsLinear();

    // tst_framecodec_memory.cpp
    void memoryFollowsWhatArrived();
    void memoryAheadIsNotTouched();
    void memoryOfDirectReads();
    void keptInputGoesWithItsLastMessage();

    // tst_framecodec_spare.cpp: the memory of a large message that nobody kept
    void spareServesTheNextMessage_data();
    void spareServesTheNextMessage();
    void spareIsLeftAlone_data();
    void spareIsLeftAlone();
    void spareThatIsSharedStaysAsItIs();
    void spareIsUsedOnce();
    void resetDropsTheSpare();
    void keptMessagesHoldLittleMore();
    void sparesAtRandom();
};

#endif // TST_FRAMECODEC_H
