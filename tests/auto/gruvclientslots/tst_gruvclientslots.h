// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_GRUVCLIENTSLOTS_H
#define TST_GRUVCLIENTSLOTS_H

#include <QtCore/qobject.h>

#include <clientstory.h>
#include <mainloop.h>

using namespace std::chrono_literals;
using State = GruvClient::State;
using DropReason = GruvClient::DropReason;

// Slots of a GruvClient that do what they like.
class tst_GruvClientSlots : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void disconnectWhereConnectingIsTold();
    void disconnectWhereOnlineIsTold();
    void disconnectWhereOldOnesAreTold();
    void beginAgainWhereAnErrorIsTold();
    void eventLoopWhereTheEndIsTold_data();
    void eventLoopWhereTheEndIsTold();
    void eventLoopWhileTheQueueIsSent();
    void senderThatStopsInTime();
    void sendAgainWhereRefused();
    void sendAgainWhereDropped();
    void moveWhereTheEndIsTold_data();
    void moveWhereTheEndIsTold();
    void sendFromAnotherThread();
    void deleteAnywhere();

    // tst_gruvclientslots_atonce.cpp: where connecting fails as soon as it is tried
    void tryAgainAtOnce_data();
    void tryAgainAtOnce();
    void disconnectBeforeTheAttempt();
};

#endif // TST_GRUVCLIENTSLOTS_H
