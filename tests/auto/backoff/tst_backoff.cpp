// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/backoff_p.h>

#include <QtTest/qtest.h>

#include <limits>

using namespace std::chrono_literals;

class tst_Backoff : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void grows();
    void jitterIsFull();
    void heldConnectionBeginsAnew();
    void attemptsEnd();
    void policyIsBounded();
};

void tst_Backoff::grows()
{
    Backoff backoff([] { return 0.999999; });
    const std::chrono::milliseconds expected[] = { 500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s };
    for (const auto ceiling : expected) {
        QCOMPARE(backoff.ceiling().count(), ceiling.count());
        const auto delay = backoff.next();
        QVERIFY(delay < ceiling && delay > ceiling * 9 / 10);
    }
    for (int i = 0; i < 5000; ++i)
        backoff.next();
    QCOMPARE(backoff.ceiling().count(), 30'000); // although the power is infinite by now
}

void tst_Backoff::jitterIsFull()
{
    double random = 0;
    Backoff backoff([&] { return random; });
    QCOMPARE(backoff.next().count(), 0);
    random = 0.5;
    QCOMPARE(backoff.next().count(), 500);
    QCOMPARE(backoff.next().count(), 1000);
    QCOMPARE(backoff.attempts(), 3);
}

void tst_Backoff::heldConnectionBeginsAnew()
{
    Backoff backoff([] { return 0.5; });
    for (int i = 0; i < 4; ++i)
        backoff.next();
    QVERIFY(!backoff.held(9999ms));
    QCOMPARE(backoff.attempts(), 4);
    QVERIFY(backoff.held(10s));
    QCOMPARE(backoff.attempts(), 0);
    QCOMPARE(backoff.ceiling().count(), 500);
}

void tst_Backoff::attemptsEnd()
{
    Backoff backoff([] { return 0.5; });
    QVERIFY(!backoff.isOver());
    GruvReconnectPolicy policy;
    policy.maximumAttempts = 2;
    backoff.setPolicy(policy);
    backoff.next();
    QVERIFY(!backoff.isOver());
    backoff.next();
    QVERIFY(backoff.isOver());
    backoff.reset();
    QVERIFY(!backoff.isOver());
}

void tst_Backoff::policyIsBounded()
{
    GruvReconnectPolicy wild;
    QCOMPARE(wild.bounded(), wild);
    wild.initialDelay = 2h;
    wild.maximumDelay = -1s;
    wild.factor = std::numeric_limits<double>::quiet_NaN();
    wild.resetAfter = -5s;
    wild.maximumAttempts = -1;
    const GruvReconnectPolicy tame = wild.bounded();
    QCOMPARE(tame.maximumDelay.count(), 1);
    QCOMPARE(tame.initialDelay.count(), 1);
    QCOMPARE(tame.factor, 1.0);
    QCOMPARE(tame.resetAfter.count(), 0);
    QCOMPARE(tame.maximumAttempts, 0);
    wild.initialDelay = wild.maximumDelay = std::chrono::milliseconds::max();
    QCOMPARE(wild.bounded().initialDelay.count(), 2'073'600'000); // a QTimer takes no more
}

QTEST_APPLESS_MAIN(tst_Backoff)
#include "tst_backoff.moc"
