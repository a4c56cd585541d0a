// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_GRUVCLIENTFAULTS_H
#define TST_GRUVCLIENTFAULTS_H

#include <QtCore/qobject.h>

#include <clientstory.h>
#include <mainloop.h>

using namespace std::chrono_literals;
using State = GruvClient::State;

// Peers that break off at the wrong moment, and what becomes of servers and messages then.
class tst_GruvClientFaults : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void eachMessageArrivesOrIsTold();
    void redeliveryOfThisConnection();
    void timeWithAConnectionIsNoAge();
    void serversHoldFromTheNextRound();
    void noServersEndIt();
    void largeOnesWaitForRoom();
    void refusedOneIsNotCounted();
    void cutHandshakeIsNoRefusal_data();
    void cutHandshakeIsNoRefusal();
    void refusedByOneOfSeveral();
    void oneThatDoesNotHoldIsPassedOver_data();
    void oneThatDoesNotHoldIsPassedOver();
    void longTimes();
    void manyDeadServers();

    // tst_gruvclientfaults_tls.cpp
    void bytesThatAreNotTls_data();
    void bytesThatAreNotTls();
};

#endif // TST_GRUVCLIENTFAULTS_H
