// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_SENDQUEUE_H
#define TST_SENDQUEUE_H

#include <QtTest/qtest.h>

// Frames on their way to the wire, without a socket.
class tst_SendQueue : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void emptyQueueHasNothingToSend();
    void wireBytes_data();
    void wireBytes();
    void partialSendAtEveryByte_data();
    void partialSendAtEveryByte();
    void twoPartialSendsAtEveryByte();
    void appendAfterAPartialSend();

    void largePayloadIsShared();
    void largeFrameIsShared();
    void sharedPayloadStaysAsItWas();
    void sharedPayloadIsReleasedOnceSent();
    void smallPayloadIsCopied();

    void sizeCountsWhatIsUnsent();
    void clearForgetsAll();
    void smallFramesShareABatch();
    void batchesAreBounded();
    void piecesCountTheBytesAsked();
    void blocksAreUsedAgain();
    void piecesFillNoMoreThanAsked();
    void frontCopiesTheNextBytes();

    // tst_sendqueue_random.cpp: against a plain string of bytes
    void anythingInAnyOrder_data();
    void anythingInAnyOrder();
    void queuesShareTheBlocksOfTheirThread();
    void sentToEachBoundary();
};

#endif // TST_SENDQUEUE_H
