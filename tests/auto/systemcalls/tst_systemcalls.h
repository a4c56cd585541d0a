// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_SYSTEMCALLS_H
#define TST_SYSTEMCALLS_H

#include <QtCore/qobject.h>

// How many system calls messages cost.
class tst_SystemCalls : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void callsOfQtAreCounted_data();
    void callsOfQtAreCounted();

    // bursts
    void burst_data();
    void burst();
    void echoOfABurst_data();
    void echoOfABurst();
    void broadcast_data();
    void broadcast();

    // turns
    void pingPong_data();
    void pingPong();
    void oneWakeUpForABurst_data();
    void oneWakeUpForABurst();
    void answersLeaveWithTheirDelivery_data();
    void answersLeaveWithTheirDelivery();
};

#endif // TST_SYSTEMCALLS_H
