// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/connectionguard_p.h>

#include <QtTest/qtest.h>

#include <atomic>
#include <thread>
#include <vector>

using Verdict = ConnectionGuard::Verdict;
Q_DECLARE_METATYPE(ConnectionGuard::Verdict)

// Who may come in, by a clock of the test's own.
class tst_ConnectionGuard : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void totalIsBounded();
    void placesComeBack();
    void addressesShare_data();
    void addressesShare();
    void unknownAddressHasNoShare();
    void loweredLimitKeepsWhoIsThere();
    void rate_data();
    void rate();
    void refusedTakesNoToken();
    void whoKnocksTakesNoPlace();
    void rateMayBeChanged();
    void clockThatStandsStill();
    void ticketOutlivesTheGuard();
    void manyThreads();

private:
    Verdict come(const char *address, ConnectionGuard::Ticket *ticket = nullptr)
    {
        ConnectionGuard::Ticket own;
        const Verdict verdict = guard->admit(QHostAddress(QLatin1String(address)), &own);
        if (verdict == Verdict::Admitted && ticket)
            *ticket = own;
        else if (verdict == Verdict::Admitted)
            tickets.push_back(own);
        return verdict;
    }

    qint64 now = 0; // ms
    std::shared_ptr<ConnectionGuard> guard;
    std::vector<ConnectionGuard::Ticket> tickets;
};

void tst_ConnectionGuard::init()
{
    now = 1'000'000;
    tickets.clear();
    guard = std::make_shared<ConnectionGuard>([this] { return now; });
}

void tst_ConnectionGuard::totalIsBounded()
{
    QCOMPARE(guard->limits().total, 10'000);
    guard->setLimits({ 2, 0, 0 });
    QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
    QCOMPARE(come("10.0.0.2"), Verdict::Admitted);
    QCOMPARE(come("10.0.0.3"), Verdict::TooManyConnections);
    QCOMPARE(guard->count(), 2);
    guard->setLimits({ 0, 0, 0 });
    tickets.clear();
    QCOMPARE(come("10.0.0.1"), Verdict::TooManyConnections);
}

void tst_ConnectionGuard::placesComeBack()
{
    guard->setLimits({ 10, 1, 0 });
    for (int i = 0; i < 1000; ++i) {
        ConnectionGuard::Ticket ticket;
        QCOMPARE(come("10.0.0.1", &ticket), Verdict::Admitted);
        const ConnectionGuard::Ticket copy = ticket;
        ticket.reset();
        QCOMPARE(come("10.0.0.1"), Verdict::TooManyFromAddress); // the copy holds the place
    }
    QCOMPARE(guard->count(), 0);
}

void tst_ConnectionGuard::addressesShare_data()
{
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<bool>("shared");
    const auto row = [](const char *tag, const char *first, const char *second, bool shared) {
        QTest::newRow(tag) << QString::fromLatin1(first) << QString::fromLatin1(second) << shared;
    };
    row("same-ipv4", "10.0.0.1", "10.0.0.1", true);
    row("other-ipv4", "10.0.0.1", "10.0.0.2", false);
    row("ipv4-and-mapped", "10.0.0.1", "::ffff:10.0.0.1", true);
    row("other-mapped", "::ffff:10.0.0.2", "::ffff:10.0.0.1", false);
    row("same-ipv6", "2001:db8:1:2::1", "2001:db8:1:2::1", true);
    row("same-64", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true);
    row("other-64", "2001:db8:1:2::1", "2001:db8:1:3::1", false);
    row("ipv4-and-ipv6-of-same-bits", "0.0.0.1", "0:0:0:1::1", false);
    row("loopbacks", "127.0.0.1", "::1", false);
}

void tst_ConnectionGuard::addressesShare()
{
    QFETCH(QString, first);
    QFETCH(QString, second);
    QFETCH(bool, shared);
    guard->setLimits({ 10, 1, 0 });
    QCOMPARE(come(first.toLatin1().constData()), Verdict::Admitted);
    QCOMPARE(come(second.toLatin1().constData()),
             shared ? Verdict::TooManyFromAddress : Verdict::Admitted);
    QCOMPARE(come("192.168.7.7"), Verdict::Admitted);
}

// Where the system does not tell it, not all shall share one place.
void tst_ConnectionGuard::unknownAddressHasNoShare()
{
    guard->setLimits({ 3, 1, 0 });
    for (int i = 0; i < 3; ++i)
        QCOMPARE(come(""), Verdict::Admitted);
    QCOMPARE(come(""), Verdict::TooManyConnections);
}

void tst_ConnectionGuard::loweredLimitKeepsWhoIsThere()
{
    for (int i = 0; i < 5; ++i)
        QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
    guard->setLimits({ 100, 2, 0 });
    for (int left = 5; left >= 2; --left) {
        QCOMPARE(come("10.0.0.1"), Verdict::TooManyFromAddress);
        tickets.pop_back();
    }
    QCOMPARE(guard->count(), 1);
    QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
}

void tst_ConnectionGuard::rate_data()
{
    QTest::addColumn<int>("perSecond");
    for (int perSecond : { 1, 3, 10, 100, 1000, 5000 })
        QTest::addRow("%d", perSecond) << perSecond;
}

// A burst of one second's worth, then as many as time brings; never more after a long rest.
void tst_ConnectionGuard::rate()
{
    QFETCH(int, perSecond);
    guard->setLimits({ 1'000'000, 0, perSecond });
    const auto comeUntilRefused = [this, perSecond] {
        int admitted = 0;
        while (admitted <= 2 * perSecond && come("10.0.0.1") == Verdict::Admitted)
            ++admitted;
        return admitted;
    };
    QCOMPARE(comeUntilRefused(), perSecond);
    now += 2000;
    QCOMPARE(comeUntilRefused(), perSecond);
    now += 3'600'000;
    QCOMPARE(comeUntilRefused(), perSecond);
    int admitted = 0;
    for (int ms = 0; ms < 10'000; ++ms) {
        ++now;
        admitted += comeUntilRefused();
    }
    QVERIFY2(std::abs(admitted - 10 * perSecond) <= 1, QByteArray::number(admitted).constData());
    QCOMPARE(come("10.0.0.1"), Verdict::TooFast);
}

void tst_ConnectionGuard::refusedTakesNoToken()
{
    guard->setLimits({ 10, 1, 2 });
    QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
    for (int i = 0; i < 100; ++i)
        QCOMPARE(come("10.0.0.1"), Verdict::TooManyFromAddress);
    QCOMPARE(come("10.0.0.2"), Verdict::Admitted);
    QCOMPARE(come("10.0.0.3"), Verdict::TooFast);
}

// It has its token then, and needs a place when it comes in.
void tst_ConnectionGuard::whoKnocksTakesNoPlace()
{
    const QHostAddress address(QStringLiteral("10.0.0.1"));
    guard->setLimits({ 1, 0, 3 });
    for (int i = 0; i < 3; ++i)
        QCOMPARE(guard->knock(address), Verdict::Admitted);
    QCOMPARE(guard->knock(address), Verdict::TooFast);
    QCOMPARE(guard->count(), 0);
    ConnectionGuard::Ticket ticket;
    QCOMPARE(guard->enter(address, &ticket), Verdict::Admitted);
    QCOMPARE(guard->count(), 1);
    QCOMPARE(guard->enter(address, &ticket), Verdict::TooManyConnections);
    QCOMPARE(guard->knock(address), Verdict::TooManyConnections);
    ticket.reset();
    QCOMPARE(guard->enter(address, &ticket), Verdict::Admitted);
}

void tst_ConnectionGuard::rateMayBeChanged()
{
    guard->setLimits({ 100, 0, 1 });
    QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
    QCOMPARE(come("10.0.0.1"), Verdict::TooFast);
    guard->setLimits({ 50, 0, 1 }); // another limit brings no new tokens
    QCOMPARE(come("10.0.0.1"), Verdict::TooFast);
    guard->setLimits({ 100, 0, 2 });
    QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
    guard->setLimits({ 100, 0, 0 });
    for (int i = 0; i < 50; ++i)
        QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
}

void tst_ConnectionGuard::clockThatStandsStill()
{
    guard->setLimits({ 100, 0, 5 });
    for (int i = 0; i < 5; ++i)
        QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
    for (int i = 0; i < 1000; ++i)
        QCOMPARE(come("10.0.0.1"), Verdict::TooFast);
}

void tst_ConnectionGuard::ticketOutlivesTheGuard()
{
    QCOMPARE(come("10.0.0.1"), Verdict::Admitted);
    guard.reset();
    tickets.clear(); // under AddressSanitizer: no use after free
}

void tst_ConnectionGuard::manyThreads()
{
    constexpr int Threads = 4;
    constexpr int Rounds = 20'000;
    guard->setLimits({ 2, 0, 0 });
    std::atomic<int> inside{ 0 };
    std::atomic<int> most{ 0 };
    std::vector<std::thread> threads;
    for (int t = 0; t < Threads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < Rounds; ++i) {
                ConnectionGuard::Ticket ticket;
                if (guard->admit(QHostAddress(QHostAddress::LocalHost), &ticket)
                    != Verdict::Admitted)
                    continue;
                const int here = ++inside;
                int seen = most;
                while (seen < here && !most.compare_exchange_weak(seen, here)) {
                }
                --inside;
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QVERIFY(most >= 1 && most <= 2);
    QCOMPARE(guard->count(), 0);
}

QTEST_APPLESS_MAIN(tst_ConnectionGuard)
#include "tst_connectionguard.moc"
