// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_GRUVCLIENT_H
#define TST_GRUVCLIENT_H

#include <QtCore/qobject.h>

#include <clienttools.h>
#include <mainloop.h>

using namespace std::chrono_literals;
using ClientTools::at;
using ClientTools::Client;
using ClientTools::Host;
using State = GruvClient::State;
using DropReason = GruvClient::DropReason;

// A client that comes back.
class tst_GruvClient : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qRegisterMetaType<std::chrono::milliseconds>(); }

    // how it connects, comes back and ends
    void echo();
    void comesBack();
    void failsOver();
    void waitsLongerEachTime();
    void reconnectNow();
    void givesUp();
    void refusedCertificateIsFinal();
    void disconnectSendsWhatItHas();
    void disconnectWhileItTries();
    void movesWithItsThread();
    void refusals();

    // tst_gruvclient_queue.cpp: what becomes of a message
    void queueIsSentInOrder();
    void queueGetsOld();
    void fullQueueRefuses();
    void newestIsToldAfterItsNumber();
    void lostMessagesAreTold();
    void lostMessagesAreSentAgain();
    void smallerOptionsDropWhatWaits();

    // tst_gruvclient_slots.cpp
    void slotsMayDoAnything_data();
    void slotsMayDoAnything();
    void offlineIsToldInAnyCase();

    // tst_gruvclient_proxies.cpp
    void throughAProxy_data() { proxies(); }
    void throughAProxy();
    void comesBackThroughAProxy_data() { proxies(); }
    void comesBackThroughAProxy();
    void serverBehindAProxyComesBack_data() { proxies(); }
    void serverBehindAProxyComesBack();

private:
    static void proxies();
};

#endif // TST_GRUVCLIENT_H
