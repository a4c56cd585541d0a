// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qtest.h>

#include <functional>
#include <random>

#include <memoryinuse.h>
#include <wirepair.h>

// The memory of messages: whose it is, for how long, and how much.
class tst_MessageMemory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void smallOnesLendTheirMemory();
    void largeOnesLendTheirMemory();
    void lentToTheNextConnectionOfTheThread();
    void keptOnesNeverChange_data();
    void keptOnesNeverChange();
    void keptOnesHoldLittleMore();
    void spareGoesAfterASecond();
    void spareGoesWithTheConnection_data();
    void spareGoesWithTheConnection();
    void spareOfAnotherSizeAddsNoMore();
    void keptOneLeavesNoSpare();
};

constexpr qsizetype MiB = 1024 * 1024;
constexpr qint64 Little = MiB; // buffers of the sockets, the test's own small things

// Takes what is freed: memory that is not kept by the library does not come back by chance.
class Fillers
{
public:
    explicit Fillers(qsizetype size)
        : m_size(size)
    {}
    void take() { m_fillers.append(QByteArray(m_size, 'f')); }

private:
    const qsizetype m_size;
    QList<QByteArray> m_fillers;
};

static bool sendAndWait(WirePair *pair, const QList<QByteArray> &messages)
{
    const GruvSocket &socket = *pair->socket;
    const qint64 all = socket.statistics().messagesReceived + messages.size();
    pair->send(messages);
    return QTest::qWaitFor([&] { return socket.statistics().messagesReceived == all; }, 10'000)
           && QTest::qWaitFor([&] { return pair->peer->bytesToWrite() == 0; });
}

void tst_MessageMemory::smallOnesLendTheirMemory()
{
    for (const qsizetype size : { 100, 1000, 15'000 }) { // three of them arrive with one read
        WirePair pair;
        QSet<const char *> places;
        Fillers fillers(size);
        pair.socket->setMessageHandler([&](const QByteArray &message) {
            fillers.take();
            places.insert(message.constData());
        });
        QVERIFY(pair.connect());
        const QByteArray payload = patterned(size);
        QVERIFY(sendAndWait(&pair, { payload }));
        places.clear(); // of another size, what was there may not have fitted
        for (int i = 0; i < 20; ++i) {
            fillers.take();
            QVERIFY(sendAndWait(&pair, { payload, payload, payload }));
        }
        QCOMPARE(places.size(), 1);
    }
}

void tst_MessageMemory::largeOnesLendTheirMemory()
{
    for (const qsizetype size : { 2 * MiB, 5 * MiB }) {
        WirePair pair;
        QSet<const char *> places;
        Fillers fillers(size);
        const QByteArray payload = patterned(size);
        QElapsedTimer sinceLast;
        bool isWhole = true;
        connect(pair.socket.get(), &GruvSocket::messageReceived, this,
                [&](const QByteArray &message) {
                    fillers.take();
                    if (sinceLast.isValid() && sinceLast.elapsed() > 900)
                        places.clear(); // this thread had no time, and it may be gone
                    sinceLast.start();
                    places.insert(message.constData());
                    isWhole = isWhole && message == payload;
                });
        QVERIFY(pair.connect());
        for (int i = 0; i < 10; ++i) {
            QVERIFY(sendAndWait(&pair, { payload }));
            fillers.take();
        }
        QVERIFY(isWhole);
        QCOMPARE(places.size(), 1);
    }
}

void tst_MessageMemory::lentToTheNextConnectionOfTheThread()
{
    QSet<const char *> places;
    Fillers fillers(3000);
    for (int i = 0; i < 10; ++i) {
        WirePair pair;
        pair.socket->setMessageHandler(
                [&](const QByteArray &message) { places.insert(message.constData()); });
        QVERIFY(pair.connect());
        QVERIFY(sendAndWait(&pair, { patterned(3000) }));
        fillers.take();
        fillers.take();
        if (i == 0)
            places.clear();
    }
    QCOMPARE(places.size(), 1);
}

void tst_MessageMemory::keptOnesNeverChange_data()
{
    QTest::addColumn<QList<int>>("sizes");
    QTest::addColumn<int>("every"); // one of how many is kept
    QTest::newRow("small") << QList<int>{ 1, 50, 0, 50, 49, 900 } << 2;
    QTest::newRow("one-size") << QList<int>{ 5000 } << 3;
    QTest::newRow("large") << QList<int>{ 3'000'000, 2'500'000 } << 2;
    QTest::newRow("large-and-small") << QList<int>{ 3'000'000, 10, 300'000, 2'999'999, 10 } << 3;
    QTest::newRow("all") << QList<int>{ 2'200'000, 10, 300'000 } << 1;
}

void tst_MessageMemory::keptOnesNeverChange()
{
    QFETCH(QList<int>, sizes);
    QFETCH(int, every);
    std::mt19937 random(5);
    WirePair pair;
    QList<QByteArray> kept;
    int count = 0;
    pair.socket->setMessageHandler([&](const QByteArray &message) {
        if (++count % every == 0)
            kept.append(message);
    });
    QVERIFY(pair.connect());
    for (int round = 0; round < 12; ++round) {
        QList<QByteArray> burst;
        for (int i = 0; i < 1 + int(random() % 6); ++i)
            burst.append(patterned(sizes.at(int(random() % quint32(sizes.size())))));
        QVERIFY(sendAndWait(&pair, burst));
        for (const QByteArray &message : std::as_const(kept)) {
            QVERIFY(message == patterned(message.size()));
            QVERIFY(message.capacity() <= 2 * message.size() + 1024);
        }
    }
    QVERIFY(!kept.isEmpty());
}

void tst_MessageMemory::keptOnesHoldLittleMore()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    WirePair pair;
    QList<QByteArray> kept;
    pair.socket->setMessageHandler([&](const QByteArray &message) {
        if (message.size() < 1000)
            kept.append(message);
    });
    QVERIFY(pair.connect());
    const QByteArray middle = patterned(200'000);
    const QByteArray large = patterned(4 * MiB);
    QVERIFY(sendAndWait(&pair, { middle, "small", large, "small" }));
    QVERIFY(sendAndWait(&pair, { middle }));
    const qint64 before = liveBytes();
    kept.clear();
    for (int i = 0; i < 20; ++i) {
        QVERIFY(sendAndWait(&pair, { middle, "small", "" }));
        QVERIFY(sendAndWait(&pair, { "small" }));
    }
    QCOMPARE(kept.size(), 60);
    for (const QByteArray &message : std::as_const(kept))
        QVERIFY(message.capacity() <= 2 * message.size() + 1024);
    QVERIFY(liveBytes() - before < Little);
}

void tst_MessageMemory::spareGoesAfterASecond()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    WirePair pair;
    QElapsedTimer sinceLast;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this, [&] { sinceLast.start(); });
    QVERIFY(pair.connect());
    QByteArray payload = patterned(8 * MiB);
    const qint64 before = liveBytes();
    for (int i = 0; i < 2; ++i) {
        QVERIFY(sendAndWait(&pair, { payload }));
        if (sinceLast.elapsed() < 500) // else this thread had no time, and it may have gone
            QVERIFY(liveBytes() - before >= 8 * MiB);
        QTRY_VERIFY(liveBytes() - before < Little);
        QVERIFY(sinceLast.elapsed() >= 950); // clocks are coarse
    }
    QVERIFY(sendAndWait(&pair, { payload, "and it works on" }));
    QCOMPARE(pair.socket->statistics().messagesReceived, 4);
}

using End = std::function<void(WirePair *)>;
Q_DECLARE_METATYPE(End)

void tst_MessageMemory::spareGoesWithTheConnection_data()
{
    QTest::addColumn<End>("end");
    QTest::newRow("peer") << End([](WirePair *pair) { pair->peer->disconnectFromHost(); });
    QTest::newRow("reset") << End([](WirePair *pair) { RawPeer::reset(pair->peer.get()); });
    QTest::newRow("abort") << End([](WirePair *pair) { pair->socket->abort(); });
    QTest::newRow("close") << End([](WirePair *pair) { pair->socket->disconnectFromHost(); });
    QTest::newRow("delete") << End([](WirePair *pair) { pair->socket.reset(); });
}

void tst_MessageMemory::spareGoesWithTheConnection()
{
    QFETCH(End, end);
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    WirePair pair;
    pair.socket->setMessageHandler([](const QByteArray &) {});
    QVERIFY(pair.connect());
    const QByteArray payload = patterned(8 * MiB);
    const qint64 before = liveBytes();
    QVERIFY(sendAndWait(&pair, { payload }));
    end(&pair);
    QTRY_VERIFY(!pair.socket || pair.socket->state() == QAbstractSocket::UnconnectedState);
    const qint64 held = liveBytes() - before;
    QVERIFY2(held < Little, qPrintable(QString::number(held)));
}

// At any time: what the message under way may have, and one more message at most.
void tst_MessageMemory::spareOfAnotherSizeAddsNoMore()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    WirePair pair;
    pair.socket->setMessageHandler([](const QByteArray &) {});
    QVERIFY(pair.connect());
    for (const qsizetype size : { 3 * MiB, 2 * MiB, 10 * MiB, 3 * MiB, 10 * MiB }) {
        QVERIFY(sendAndWait(&pair, { patterned(8 * MiB) })); // this is the spare
        const QByteArray payload = patterned(size);
        const QByteArray wire = RawPeer::frame(payload);
        const qint64 before = liveBytes();
        const qint64 received = pair.socket->statistics().bytesReceived;
        for (qsizetype at = 0; at < wire.size();) {
            pair.peer->write(wire.constData() + at, std::min(MiB / 2, wire.size() - at));
            at = std::min(at + MiB / 2, wire.size());
            QTRY_COMPARE(pair.socket->statistics().bytesReceived, received + at);
            const qint64 room = std::min<qint64>(8 * at, size); // it may reserve ahead so much
            QVERIFY(liveBytes() - before <= room + Little);
        }
        QVERIFY(sendAndWait(&pair, { "next" }));
        QVERIFY(liveBytes() - before <= std::max<qint64>(0, size - 8 * MiB) + Little);
    }
}

void tst_MessageMemory::keptOneLeavesNoSpare()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    WirePair pair;
    QByteArray kept;
    pair.socket->setMessageHandler([&](const QByteArray &message) { kept = message; });
    QVERIFY(pair.connect());
    const QByteArray payload = patterned(8 * MiB);
    const qint64 before = liveBytes();
    QVERIFY(sendAndWait(&pair, { payload }));
    QVERIFY(liveBytes() - before >= 8 * MiB);
    kept = QByteArray(); // what the application lets go is gone at once
    QVERIFY(liveBytes() - before < Little);
}

QTEST_GUILESS_MAIN(tst_MessageMemory)
#include "tst_messagememory.moc"
