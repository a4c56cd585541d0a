// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_TURNS_H
#define TST_TURNS_H

#include <QtTest/qtest.h>

/*
    Messages are gathered until the turn of the event loop ends, and leave then. That they do is
    seen at the other end without a turn of the event loop: it is asked for what has arrived.
*/
class tst_Turns : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    // tst_turns.cpp: in one thread
    void gatheredWithinATurn();
    void leavesAtTheTurnsEnd_data() { senders(); }
    void leavesAtTheTurnsEnd();
    void leavesFromALoopThatNeverWaits_data() { senders(); }
    void leavesFromALoopThatNeverWaits();
    void leavesInANestedLoop_data() { senders(); }
    void leavesInANestedLoop();
    void leavesInProcessEventsOfASlot();
    void leavesAtOnceBeforeTheLoop();
    void leavesAtOnceFromProcessEvents();
    void leftBehindByItsLoop_data();
    void leftBehindByItsLoop();
    void eachTurnHasItsMessage();
    void manySocketsInOneTurn();
    void deletedInTheTurnItSentIn();
    void abortedInTheTurnItSentIn();

    // tst_turns_threads.cpp: in threads
    void threadWithoutALoop_data();
    void threadWithoutALoop();
    void threadWithoutALoopAnswers();
    void movedWhileUnconnected_data();
    void movedWhileUnconnected();
    void movedInTheTurnItSentIn();

private:
    void senders();
};

#endif // TST_TURNS_H
