// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TST_MESSAGEHANDLER_H
#define TST_MESSAGEHANDLER_H

#include <QtTest/qtest.h>

// GruvSocket::setMessageHandler(): what is promised of slots of messageReceived() holds for it.
class tst_MessageHandler : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    // tst_messagehandler.cpp: it is a receiver
    void eachMessageOnceWholeInOrder();
    void comesBeforeTheSignal();
    void messagesDoNotWaitForRead();
    void readTakesWhatItWaitsFor();
    void laterOneGetsWhatWaited();
    void laterOneGetsWhatComesNext();
    void withoutItMessagesWaitForRead();
    void withoutItMessagesWaitForASignalReceiver();
    void withoutItTheSignalStays();
    void lastMessageComesBeforeDisconnected_data();
    void lastMessageComesBeforeDisconnected();
    void takenOverSocket();
    void nextConnectionHasItToo();
    void inAThreadOfTheServer();

    // tst_messagehandler_deeds.cpp: what it does
    void deletesTheSocket();
    void deletesTheSocketLater();
    void aborts();
    void disconnects();
    void connectsAgain();
    void pauses();
    void runsAnEventLoop();
    void deletesTheSocketInItsEventLoop();
    void sends();
    void reads();
    void connectsAReceiver();
    void disconnectsTheReceiver();

    // tst_messagehandler_life.cpp: how long it lives
    void replacesItself();
    void removesItself();
    void isReplacedInItsEventLoop();
    void releasedWhenReplaced();
    void releasedWhenReplacedFromInside();
    void releasedWithTheSocket();
    void releasedWithTheSocketFromInside();
};

#endif // TST_MESSAGEHANDLER_H
