// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_EVENTDISPATCHER_H
#define TST_EVENTDISPATCHER_H

#include <QtCore/qobject.h>

// Each row runs against Qt's unix dispatcher and ours, and both must tell the same story.
class tst_EventDispatcher : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data();
    void init();

    // notifiers
    void readableIsToldUntilRead();
    void threeTypesOnOneDescriptor();
    void hangUpIsToldToAll();
    void disabledWhilePending();
    void deletedInItsOwnSlot();
    void descriptorUsedAgainInTheSameTurn();
    void closedBeforeItsNotifier();
    void enabledAgainInTheSameTurn();
    void regularFileIsAlwaysReady();
    void invalidDescriptorIsDisabled();
    void closedWithTwoNotifiers();
    void closedAndBackAsACopy();
    void twoOfATypeWarn();
    void manyDescriptors();
    void movedToAnotherThread();

    // timers
    void timersInOrder();
    void zeroTimerOncePerTurn();
    void zeroTimerLeavesRoomForOthers();
    void stoppedAndStartedInSlots();
    void missedTimesAreNotMadeUpFor();
    void nestedLoopLeavesTheRunningTimerOut();
    void registeredTimers();
    void remainingTime();
    void timersOfADeletedObject();
    void tenThousandTimers();

    // turns
    void returnsWhetherAnythingHappened();
    void excludeSocketNotifiers();
    void excludeTimers();
    void waitEndsWithATimer();
    void nestedLoopServesWhatIsPending();
    void nestedLoopsQuitInnermostFirst();
    void postedEventsInOrder();
    void deferredDelete();
    void wakeUpFromOtherThreads();
    void wakeUpOfItself();
    void interruptEndsTheWait();
    void awakeAndAboutToBlock();
    void signalsOfTheSystemDoNotEndTheWait();
    void childOfForkHasItsOwn();
    void beginsWithoutDescriptors();
    void qtClassesWork();
    void randomPlays_data();
    void randomPlays();
};

#endif // TST_EVENTDISPATCHER_H
