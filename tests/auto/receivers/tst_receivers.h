// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_RECEIVERS_H
#define TST_RECEIVERS_H

#include <QtTest/qtest.h>

// Receivers of messageReceived() that come and go while a burst is delivered, by every way Qt has.
class tst_Receivers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    // tst_receivers.cpp: in the socket's own thread
    void restWaitsForRead_data() { ways(); }
    void restWaitsForRead();
    void restWaitsForTheNextReceiver_data() { ways(); }
    void restWaitsForTheNextReceiver();
    void restWaitsForAHandler_data() { ways(); }
    void restWaitsForAHandler();
    void nextReceiverComesInTheSlot_data() { ways(); }
    void nextReceiverComesInTheSlot();
    void restOutlivesThePeersEnd_data() { ways(); }
    void restOutlivesThePeersEnd();
    void oneOfTwoLeaves_data() { ways(JustOne); }
    void oneOfTwoLeaves();
    void bothLeave_data() { ways(JustOne); }
    void bothLeave();
    void oneCutsBoth();
    void leavesInAnEventLoopOfTheSlot_data() { ways(); }
    void leavesInAnEventLoopOfTheSlot();
    void leavesWhilePaused_data() { ways(); }
    void leavesWhilePaused();
    void singleShotTakesOne();
    void handsOverEachTime();
    void anotherComesInMidBurst();
    void readBesideAReceiver();

    // tst_receivers_threads.cpp: in another thread
    void deletedInItsThread();
    void disconnectedInItsThread();
    void itsThreadEnds();
    void deletedWhileItsThreadIsWaitedFor();
    void deletedSlowly();

private:
    enum Cut { JustOne, All };
    void ways(Cut most = All);
};

#endif // TST_RECEIVERS_H
