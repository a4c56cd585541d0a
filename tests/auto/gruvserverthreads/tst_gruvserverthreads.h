// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_GRUVSERVERTHREADS_H
#define TST_GRUVSERVERTHREADS_H

#include <QtCore/qobject.h>

// GruvServer::setThreadCount(): connections spread over event loops.
class tst_GruvServerThreads : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    // where connections live, and what is told where
    void startsWithItsOwnThread();
    void leastLoadedThreadTakesTheNext();
    void handlerRunsInTheThreadBeforeTheFirstByte();
    void handlerRunsAnEventLoop();
    void signalsComeInOrder();
    void receiverInAThirdThread();
    void echoThroughTheServersThread();
    void receiverThatComesLate();
    void messagesWaitForAReceiver();
    void sendsFromTheServersThread();
    void broadcastEncodesOnce();
    void disconnectClientReachesIt();
    void optionsOfNewConnections();
    void maximumConnectionsCountsAll();

    // tst_gruvserverthreads_flow.cpp: more messages than the server's thread can take
    void slowServerThreadSlowsThePeers();
    void emptyMessagesSlowThePeer();
    void timersHaveTheirTurn();

    // how it changes and ends
    void changedWhileRunning();
    void stopEndsAllBeforeItReturns();
    void stopDrains();
    void stopFromASlotOfAConnection();
    void stopFromAnotherThread();
    void listensAgainAfterStop();
    void destructorIsSilent();
    void destructorBeforeAnythingRan();
    void destructorEndsAWaitingSlot();
    void deletedInItsThread_data();
    void deletedInItsThread();
    void endedByTheHandler_data();
    void endedByTheHandler();
    void nestedLoopInTheHandler();
    void slotEndsTheLoop_data();
    void slotEndsTheLoop();
    void movedOutOutlivesTheServer();
};

#endif // TST_GRUVSERVERTHREADS_H
