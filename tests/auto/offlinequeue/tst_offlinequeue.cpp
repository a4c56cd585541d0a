// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/deliverylog_p.h>
#include <gruvsocks/offlinequeue_p.h>

#include <QtTest/qtest.h>

namespace {

using Policy = GruvClient::QueuePolicy;
using Verdict = OfflineQueue::Verdict;

constexpr qint64 Entry64 = 64; // beside the bytes of each

QList<quint64> idsOf(const QList<OfflineQueue::Entry> &entries)
{
    QList<quint64> ids;
    for (const auto &entry : entries)
        ids.append(entry.id);
    return ids;
}

} // namespace

// What waits for a connection, and what a connection may not have delivered.
class tst_OfflineQueue : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsOrder();
    void isBounded_data();
    void isBounded();
    void tooLargeForAny();
    void getsOld();
    void putBackIsFirst();
    void lastBytesOfALog();
    void logKeepsMessages();
    void oldRecordsGo();
    void largeMessagesGo();
    void recordsStayIfNobodyTells();
};

void tst_OfflineQueue::keepsOrder()
{
    OfflineQueue queue;
    QList<quint64> dropped;
    for (quint64 id = 1; id <= 3; ++id)
        QCOMPARE(queue.add({ id, QByteArray::number(id), 0 }, &dropped), Verdict::Queued);
    QCOMPARE(queue.bytes(), 3 * (Entry64 + 1));
    for (quint64 id = 1; id <= 3; ++id)
        QCOMPARE(queue.takeFirst().id, id);
    QVERIFY(queue.isEmpty());
    QCOMPARE(queue.bytes(), 0);
}

void tst_OfflineQueue::isBounded_data()
{
    QTest::addColumn<int>("policy");
    QTest::addColumn<int>("verdict");
    QTest::addColumn<QList<quint64>>("dropped");
    QTest::addColumn<QList<quint64>>("stay");
    QTest::newRow("refuse") << int(Policy::Refuse) << int(Verdict::Refused) << QList<quint64>()
                            << QList<quint64>{ 1, 2 };
    QTest::newRow("drop-newest") << int(Policy::DropNewest) << int(Verdict::Dropped)
                                 << QList<quint64>() << QList<quint64>{ 1, 2 };
    QTest::newRow("drop-oldest") << int(Policy::DropOldest) << int(Verdict::Queued)
                                 << QList<quint64>{ 1 } << QList<quint64>{ 2, 3 };
}

void tst_OfflineQueue::isBounded()
{
    QFETCH(int, policy);
    QFETCH(int, verdict);
    QFETCH(QList<quint64>, stay);
    OfflineQueue queue;
    queue.setLimits({ 2 * (Entry64 + 10), 0, Policy(policy) });
    QList<quint64> dropped;
    queue.add({ 1, QByteArray(10, 'a'), 0 }, &dropped);
    queue.add({ 2, QByteArray(10, 'b'), 0 }, &dropped);
    QCOMPARE(int(queue.add({ 3, QByteArray(10, 'c'), 0 }, &dropped)), verdict);
    QTEST(dropped, "dropped");
    QCOMPARE(queue.takeAll(), stay);
}

void tst_OfflineQueue::tooLargeForAny()
{
    OfflineQueue queue;
    queue.setLimits({ 100, 0, Policy::DropOldest });
    QList<quint64> dropped;
    queue.add({ 1, "small", 0 }, &dropped);
    QCOMPARE(queue.add({ 2, QByteArray(101, 'x'), 0 }, &dropped), Verdict::Dropped);
    QVERIFY(dropped.isEmpty()); // none went for one that has no room all the same
    QCOMPARE(queue.takeAll(), QList<quint64>{ 1 });
}

void tst_OfflineQueue::getsOld()
{
    OfflineQueue queue;
    QList<quint64> dropped;
    queue.setLimits({ 10'000, 30, Policy::Refuse });
    QCOMPARE(queue.nextExpiry(), -1);
    for (quint64 id = 1; id <= 3; ++id)
        queue.add({ id, {}, qint64(100 + 10 * id) }, &dropped);
    QCOMPARE(queue.nextExpiry(), 140);
    QVERIFY(queue.takeOlderThan(139).isEmpty());
    QCOMPARE(queue.takeOlderThan(150), (QList<quint64>{ 1, 2 }));
    QCOMPARE(queue.nextExpiry(), 160);
    queue.setLimits({ 10'000, 0, Policy::Refuse });
    QCOMPARE(queue.nextExpiry(), -1);
    QVERIFY(queue.takeOlderThan(1'000'000).isEmpty());
}

void tst_OfflineQueue::putBackIsFirst()
{
    OfflineQueue queue;
    QList<quint64> dropped;
    queue.setLimits({ 3 * Entry64, 0, Policy::Refuse });
    queue.add({ 3, {}, 0 }, &dropped);
    queue.putBack({ { 1, {}, 0 }, { 2, {}, 0 } });
    QCOMPARE(queue.bytes(), 3 * Entry64);
    QCOMPARE(queue.takeAll(), (QList<quint64>{ 1, 2, 3 }));
}

void tst_OfflineQueue::lastBytesOfALog()
{
    const auto ofLast = [](qint64 wireBytes) {
        DeliveryLog log;
        for (quint64 id = 1; id <= 3; ++id)
            log.accepted(id, QByteArray(6, 'm')); // 10 on the wire
        return idsOf(log.takeLast(wireBytes, 0));
    };
    QCOMPARE(ofLast(0), QList<quint64>());
    QCOMPARE(ofLast(1), QList<quint64>{ 3 });
    QCOMPARE(ofLast(10), QList<quint64>{ 3 });
    QCOMPARE(ofLast(11), (QList<quint64>{ 2, 3 }));
    QCOMPARE(ofLast(1000), (QList<quint64>{ 1, 2, 3 }));
}

// And for how long they had waited before; the time with the connection does not count.
void tst_OfflineQueue::logKeepsMessages()
{
    DeliveryLog log;
    log.begin(true);
    log.accepted(1, "one");
    log.accepted(2, "two", 70);
    const auto last = log.takeLast(7, 1000);
    QCOMPARE(idsOf(last), QList<quint64>{ 2 });
    QCOMPARE(last.first().message, "two");
    QCOMPARE(last.first().since, 930);
    QVERIFY(log.takeLast(1000, 1000).isEmpty());
    log.begin(false);
    log.accepted(3, "three");
    QVERIFY(log.takeLast(1, 0).first().message.isEmpty());
}

// A connection that sends for days does not gather what it has sent, however small.
void tst_OfflineQueue::oldRecordsGo()
{
    DeliveryLog log;
    log.begin(true);
    for (quint64 id = 1; id <= 1'000'000; ++id) {
        log.accepted(id, {});
        log.written(4);
        if (log.isLong())
            log.unacknowledged(400);
    }
    QVERIFY(log.takeLast(4'000'000, 0).size() <= 1024);
    for (quint64 id = 1; id <= 10; ++id)
        log.accepted(id, {});
    log.written(40);
    log.unacknowledged(8);
    QCOMPARE(idsOf(log.takeLast(1000, 0)), (QList<quint64>{ 9, 10 }));
}

// Nor few large ones, which are written bit by bit.
void tst_OfflineQueue::largeMessagesGo()
{
    constexpr qint64 Size = 4 * 1024 * 1024;
    constexpr qint64 Bit = 64 * 1024;
    const QByteArray message(Size - 4, 'x');
    DeliveryLog log;
    log.begin(true);
    int asked = 0;
    for (quint64 id = 1; id <= 150; ++id) {
        log.accepted(id, message);
        for (qint64 written = 0; written < Size; written += Bit) {
            log.written(Bit);
            if (!log.isLong())
                continue;
            log.unacknowledged(2 * Bit);
            ++asked;
        }
    }
    QVERIFY2(asked <= 600, QByteArray::number(asked).constData());
    const auto last = log.takeLast(150 * Size, 0);
    QCOMPARE(idsOf(last), QList<quint64>{ 150 });
    QCOMPARE(last.first().message.size(), message.size());
}

// As many as may wait in a system, where that does not tell.
void tst_OfflineQueue::recordsStayIfNobodyTells()
{
    constexpr qint64 Size = 1024 * 1024;
    DeliveryLog log;
    for (quint64 id = 1; id <= 100; ++id) {
        log.accepted(id, QByteArray(Size - 4, 'x'));
        log.written(Size);
        log.unacknowledged(-1);
    }
    const auto all = idsOf(log.takeLast(1000 * Size, 0));
    QCOMPARE(all.size(), 8);
    QCOMPARE(all.last(), 100);
}

QTEST_APPLESS_MAIN(tst_OfflineQueue)
#include "tst_offlinequeue.moc"
