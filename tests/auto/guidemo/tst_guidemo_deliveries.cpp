// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <deliveries.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using Delivery = Message::Delivery;

// The client's side is played by the test.
class tst_GuidemoDeliveries : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void writtenByItsLastByte();
    void answersAreMatchedInOrder();
    void missingAnswersAreSkipped();
    void whatIsNoAnswer();
    void droppedWhileWaiting();
    void droppedAfterItWasWritten();
    void answersDoNotOutliveTheConnection();
    void roundTripBeginsOnline();
    void refusedAndRetried();
    void droppedBeforeItsNumberIsKnown();
    void writtenBeforeItsNumberIsKnown();
    void abandoned();
    void whatIsKeptIsBounded();
    void whatIsUnansweredIsBounded();

private:
    QList<Delivery> storyOf(quint64 uid) const;

    std::unique_ptr<Deliveries> m_deliveries;
    QList<std::pair<quint64, Delivery>> m_story;
    quint64 m_lastId = 0;
};

void tst_GuidemoDeliveries::init()
{
    m_story.clear();
    m_lastId = 100;
    m_deliveries = std::make_unique<Deliveries>();
    m_deliveries->setSend([this](const QByteArray &) { return ++m_lastId; });
    connect(m_deliveries.get(), &Deliveries::changed, this, [this](quint64 uid, Delivery delivery) {
        m_story.append({ uid, delivery });
    });
    m_deliveries->comeOnline();
}

QList<Delivery> tst_GuidemoDeliveries::storyOf(quint64 uid) const
{
    QList<Delivery> story;
    for (const auto &[of, delivery] : m_story) {
        if (of == uid)
            story.append(delivery);
    }
    return story;
}

// G2: the first tick
void tst_GuidemoDeliveries::writtenByItsLastByte()
{
    QSignalSpy progressed(m_deliveries.get(), &Deliveries::progressed);
    m_deliveries->send(1, "12345"); // 9 on the wire
    m_deliveries->send(2, {});      // 4
    m_deliveries->writeBytes(8);
    QCOMPARE(storyOf(1), QList<Delivery>{ Delivery::Queued });
    QCOMPARE(progressed.constLast(), QVariantList({ quint64(1), qint64(8), qint64(9) }));
    m_deliveries->writeBytes(1);
    QCOMPARE(storyOf(1), QList<Delivery>({ Delivery::Queued, Delivery::Written }));
    QCOMPARE(storyOf(2), QList<Delivery>{ Delivery::Queued });
    m_deliveries->writeBytes(4);
    QCOMPARE(storyOf(2), QList<Delivery>({ Delivery::Queued, Delivery::Written }));
}

// G2: the second tick, and the round trip
void tst_GuidemoDeliveries::answersAreMatchedInOrder()
{
    QSignalSpy changed(m_deliveries.get(), &Deliveries::changed);
    m_deliveries->send(1, "same");
    m_deliveries->send(2, "same");
    m_deliveries->writeBytes(16);
    QCOMPARE(m_deliveries->waitingForAnswer(), 2);
    QCOMPARE(m_deliveries->receive("same"), 1U);
    QCOMPARE(changed.constLast().at(1).value<Delivery>(), Delivery::Echoed);
    QVERIFY(changed.constLast().at(2).value<std::chrono::microseconds>().count() >= 0);
    QCOMPARE(m_deliveries->receive("same"), 2U);
    QCOMPARE(m_deliveries->receive("same"), 0U);
    QCOMPARE(m_deliveries->waitingForAnswer(), 0);
}

// G17: a message that the server has dropped stays written
void tst_GuidemoDeliveries::missingAnswersAreSkipped()
{
    m_deliveries->send(1, "a");
    m_deliveries->send(2, "b");
    m_deliveries->send(3, "c");
    m_deliveries->writeBytes(15);
    QCOMPARE(m_deliveries->receive("a"), 1U);
    QCOMPARE(m_deliveries->receive("c"), 3U);
    QCOMPARE(storyOf(2), QList<Delivery>({ Delivery::Queued, Delivery::Written }));
    QCOMPARE(m_deliveries->waitingForAnswer(), 0);
}

void tst_GuidemoDeliveries::whatIsNoAnswer()
{
    m_deliveries->send(1, "a");
    m_deliveries->writeBytes(5);
    QCOMPARE(m_deliveries->receive("from the server"), 0U);
    QCOMPARE(m_deliveries->receive("a"), 1U);
}

// G12
void tst_GuidemoDeliveries::droppedWhileWaiting()
{
    m_deliveries->send(1, "a");
    m_deliveries->send(2, "b");
    m_deliveries->drop(101);
    QCOMPARE(storyOf(1), QList<Delivery>({ Delivery::Queued, Delivery::NotSent }));
    QCOMPARE(m_deliveries->unsent(), QList<quint64>{ 1 });
    m_deliveries->writeBytes(5);
    QCOMPARE(storyOf(2), QList<Delivery>({ Delivery::Queued, Delivery::Written }));
}

// G12
void tst_GuidemoDeliveries::droppedAfterItWasWritten()
{
    m_deliveries->send(1, "a");
    m_deliveries->send(2, "half of it");
    m_deliveries->writeBytes(5 + 3);
    m_deliveries->goOffline();
    m_deliveries->drop(101); // it had not arrived
    m_deliveries->drop(102);
    QCOMPARE(m_deliveries->unsent(), QList<quint64>({ 1, 2 }));
    m_deliveries->comeOnline();
    QVERIFY(m_deliveries->retry(2));
    m_deliveries->writeBytes(13); // the three bytes before do not count
    QCOMPARE(storyOf(2).constLast(), Delivery::Queued);
    m_deliveries->writeBytes(1);
    QCOMPARE(storyOf(2).constLast(), Delivery::Written);
}

void tst_GuidemoDeliveries::answersDoNotOutliveTheConnection()
{
    m_deliveries->send(1, "same");
    m_deliveries->writeBytes(8);
    m_deliveries->goOffline();
    m_deliveries->comeOnline();
    m_deliveries->send(2, "same");
    m_deliveries->writeBytes(8);
    QCOMPARE(m_deliveries->receive("same"), 2U);
    QCOMPARE(storyOf(1),
             QList<Delivery>({ Delivery::Queued, Delivery::Written, Delivery::Unanswered }));
}

void tst_GuidemoDeliveries::roundTripBeginsOnline()
{
    using namespace std::chrono_literals;
    QSignalSpy changed(m_deliveries.get(), &Deliveries::changed);
    m_deliveries->goOffline();
    m_deliveries->send(1, "a");
    const QDeadlineTimer offline(100ms);
    QTRY_VERIFY(offline.hasExpired());
    QElapsedTimer online;
    online.start();
    m_deliveries->comeOnline();
    m_deliveries->writeBytes(5);
    QCOMPARE(m_deliveries->receive("a"), 1U);
    QVERIFY(changed.constLast().at(2).value<std::chrono::microseconds>()
            <= std::chrono::nanoseconds(online.nsecsElapsed()));
}

void tst_GuidemoDeliveries::refusedAndRetried()
{
    m_deliveries->setSend([](const QByteArray &) { return quint64(0); });
    QVERIFY(!m_deliveries->send(1, "a"));
    QCOMPARE(storyOf(1), QList<Delivery>{ Delivery::NotSent });
    QByteArray sent;
    m_deliveries->setSend([&](const QByteArray &message) {
        sent = message;
        return ++m_lastId;
    });
    QVERIFY(m_deliveries->retry(1));
    QCOMPARE(sent, "a");
    QVERIFY(m_deliveries->unsent().isEmpty());
    QVERIFY(!m_deliveries->retry(1));
}

// sendMessage() may find that the connection has ended.
void tst_GuidemoDeliveries::droppedBeforeItsNumberIsKnown()
{
    m_deliveries->setSend([this](const QByteArray &) {
        m_deliveries->drop(++m_lastId);
        return m_lastId;
    });
    QVERIFY(!m_deliveries->send(1, "a"));
    QCOMPARE(storyOf(1), QList<Delivery>{ Delivery::NotSent });
    QCOMPARE(m_deliveries->waitingForAnswer(), 0);
}

void tst_GuidemoDeliveries::writtenBeforeItsNumberIsKnown()
{
    m_deliveries->setSend([this](const QByteArray &) {
        m_deliveries->writeBytes(5);
        return ++m_lastId;
    });
    m_deliveries->send(1, "a");
    QCOMPARE(storyOf(1), QList<Delivery>({ Delivery::Queued, Delivery::Written }));
}

// G18: cancelled
void tst_GuidemoDeliveries::abandoned()
{
    m_deliveries->send(1, "a");
    m_deliveries->send(2, "b");
    m_deliveries->writeBytes(5 + 2);
    m_deliveries->abandon();
    QCOMPARE(m_deliveries->unsent(), QList<quint64>{ 2 });
    QCOMPARE(m_deliveries->waitingForAnswer(), 0);
    QCOMPARE(m_deliveries->receive("a"), 0U);
    QCOMPARE(storyOf(1).constLast(), Delivery::Unanswered);
}

void tst_GuidemoDeliveries::whatIsKeptIsBounded()
{
    m_deliveries->setSend([](const QByteArray &) { return quint64(0); });
    const QByteArray large(int(Deliveries::MaximumKept / 4), 'x');
    for (quint64 uid = 1; uid <= 6; ++uid)
        m_deliveries->send(uid, large);
    QCOMPARE(m_deliveries->unsent(), QList<quint64>({ 3, 4, 5, 6 }));
    QVERIFY(!m_deliveries->retry(1));
}

// A server that never answers.
void tst_GuidemoDeliveries::whatIsUnansweredIsBounded()
{
    const QByteArray large(int(Deliveries::MaximumKept / 4), 'x');
    for (quint64 uid = 1; uid <= 6; ++uid) {
        m_deliveries->send(uid, large);
        m_deliveries->writeBytes(large.size() + 4);
    }
    QCOMPARE(m_deliveries->waitingForAnswer(), 3);
    QCOMPARE(m_deliveries->receive(large), 4U);
}

QTEST_GUILESS_MAIN(tst_GuidemoDeliveries)
#include "tst_guidemo_deliveries.moc"
