// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <messagemodel.h>

#include <QtTest/qabstractitemmodeltester.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace std::chrono_literals;

static const int Cap = MessageModel::MaximumRows;

class tst_GuidemoModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void keepsTheContractOfModels();
    void trimsInBlocks();
    void moreThanTheCapAtOnce();
    void rowsComeInBatches();
    void firstRowComesAtOnce();
    void changesComeAsOneRange();
    void changesOfWhatIsNoRow();
    void findsByUid();
    void keepsTheBeginningOfAPayload();
    void memoryIsBounded();
    void texts_data();
    void texts();
    void accessibleTexts_data();
    void accessibleTexts();
};

static void post(MessageModel *model, int count)
{
    for (int i = 0; i < count; ++i)
        model->post(Message::Sender::Me, QByteArray::number(i));
}

// G5
void tst_GuidemoModel::keepsTheContractOfModels()
{
    MessageModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    quint64 uid = model.post(Message::Sender::Peer, "hello");
    model.flush();
    for (int i = 0; i < 30; ++i) {
        post(&model, 500);
        model.setDelivery(uid + quint64(i), Message::Delivery::Echoed, 400us);
        model.flush();
        QVERIFY(model.rowCount() <= Cap);
    }
    model.clear();
    QCOMPARE(model.rowCount(), 0);
    uid = model.post(Message::Sender::Peer, "again");
    model.flush();
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.rowOf(uid), 0);
    QVERIFY(!model.index(1).isValid());
}

// G5
void tst_GuidemoModel::trimsInBlocks()
{
    MessageModel model;
    QSignalSpy removed(&model, &MessageModel::rowsRemoved);
    post(&model, Cap);
    model.flush();
    QCOMPARE(model.rowCount(), Cap);
    QCOMPARE(removed.size(), 0);
    post(&model, 1);
    model.flush();
    QCOMPARE(model.rowCount(), Cap - Cap / 20);
    for (int i = 0; i < Cap / 20; ++i) {
        post(&model, 1);
        model.flush();
    }
    QCOMPARE(model.rowCount(), Cap);
    QCOMPARE(removed.size(), 1);
}

// G5
void tst_GuidemoModel::moreThanTheCapAtOnce()
{
    MessageModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    post(&model, 3);
    model.flush();
    post(&model, 2 * Cap + 7);
    model.flush();
    QCOMPARE(model.rowCount(), Cap - Cap / 20);
    QCOMPARE(model.at(model.rowCount() - 1).payload, QByteArray::number(2 * Cap + 6));
    QCOMPARE(model.pendingCount(), 0);
}

// G6
void tst_GuidemoModel::rowsComeInBatches()
{
    MessageModel model;
    QSignalSpy inserted(&model, &MessageModel::rowsInserted);
    post(&model, 1000);
    QCOMPARE(model.rowCount(), 0);
    QTRY_COMPARE(model.rowCount(), 1000);
    QVERIFY(inserted.size() <= 3);
}

void tst_GuidemoModel::firstRowComesAtOnce()
{
    MessageModel model;
    QSignalSpy inserted(&model, &MessageModel::rowsInserted);
    post(&model, 1);
    QCoreApplication::processEvents(); // no interval is waited for when idle
    QCOMPARE(model.rowCount(), 1);
    post(&model, 1);
    QCoreApplication::processEvents();
    post(&model, 1);
    QTRY_COMPARE(model.rowCount(), 3);
    QCOMPARE(inserted.size(), 2); // the two within the interval as one batch
}

// G6
void tst_GuidemoModel::changesComeAsOneRange()
{
    MessageModel model;
    post(&model, 100);
    model.flush();
    QSignalSpy changed(&model, &MessageModel::dataChanged);
    const quint64 first = model.at(0).uid;
    for (const quint64 row : { 40U, 7U, 63U, 12U })
        model.setDelivery(first + row, Message::Delivery::Echoed, 1234us);
    QCOMPARE(changed.size(), 0);
    QTRY_COMPARE(changed.size(), 1);
    QCOMPARE(changed.at(0).at(0).toModelIndex().row(), 7);
    QCOMPARE(changed.at(0).at(1).toModelIndex().row(), 63);
    const QModelIndex index = model.index(12);
    QCOMPARE(index.data(MessageModel::DeliveryRole).toInt(), int(Message::Delivery::Echoed));
    QCOMPARE(index.data(MessageModel::RoundTripRole).toLongLong(), 1234);
    model.flush();
    QCOMPARE(changed.size(), 1);
}

void tst_GuidemoModel::changesOfWhatIsNoRow()
{
    MessageModel model;
    QSignalSpy changed(&model, &MessageModel::dataChanged);
    const quint64 uid = model.post(Message::Sender::Me, "not yet a row");
    model.setDelivery(uid, Message::Delivery::Written);
    model.setDelivery(uid + 1, Message::Delivery::Written); // never was one
    model.flush();
    QCOMPARE(changed.size(), 0);
    QCOMPARE(model.at(0).delivery, Message::Delivery::Written);
    model.setDelivery(uid, Message::Delivery::Echoed, 1us);
    model.setDelivery(model.post(Message::Sender::Me, "next"), Message::Delivery::Written);
    model.flush();
    QCOMPARE(changed.size(), 1); // of the row among the two
    post(&model, 2 * Cap);
    model.setDelivery(uid, Message::Delivery::Echoed, 1us); // trimmed by this very flush
    model.flush();
    model.setDelivery(uid, Message::Delivery::Echoed, 1us);
    model.flush();
    QCOMPARE(model.find(uid), nullptr);
}

void tst_GuidemoModel::findsByUid()
{
    MessageModel model;
    const quint64 shown = model.post(Message::Sender::Me, "shown");
    model.flush();
    const quint64 pending = model.post(Message::Sender::Peer, "pending");
    QCOMPARE(model.find(shown)->payload, "shown");
    QCOMPARE(model.find(pending)->payload, "pending");
    QCOMPARE(model.rowOf(shown), 0);
    QCOMPARE(model.rowOf(pending), -1);
    QCOMPARE(model.find(0), nullptr);
    QCOMPARE(model.find(pending + 1), nullptr);
    model.clear();
    QCOMPARE(model.find(shown), nullptr);
}

void tst_GuidemoModel::keepsTheBeginningOfAPayload()
{
    MessageModel model;
    const QByteArray payload = QByteArray(65535, 'a') + "\u00fc" + "end";
    const Message &message = *model.find(model.post(Message::Sender::Peer, payload));
    QCOMPARE(message.payload, payload.left(65536)); // which ends within the letter
    QCOMPARE(message.size, payload.size());
    QVERIFY(message.isText());
    QCOMPARE(message.text(), QString(65535, u'a'));
}

// The oldest are shortened, and none is lost.
void tst_GuidemoModel::memoryIsBounded()
{
    MessageModel model;
    const QByteArray payload(Message::MaximumPayload, 'a');
    const qint64 fitting = MessageModel::MaximumBytes / payload.size();
    for (qint64 i = 0; i < fitting; ++i)
        model.post(Message::Sender::Peer, payload);
    model.flush();
    QCOMPARE(model.payloadBytes(), MessageModel::MaximumBytes);
    QCOMPARE(model.at(0).payload, payload);
    model.post(Message::Sender::Peer, payload);
    QVERIFY(model.payloadBytes() <= MessageModel::MaximumBytes);
    QCOMPARE(model.at(0).payload, payload.left(Message::ShortPayload));
    QCOMPARE(model.at(0).size, payload.size());
    QCOMPARE(model.at(2).payload, payload);
    for (qint64 i = 0; i < 5000; ++i) // so many that rows go
        model.post(Message::Sender::Peer, payload);
    QVERIFY(model.payloadBytes() <= MessageModel::MaximumBytes);
    for (qint64 i = 0; i < 5000; ++i)
        model.post(Message::Sender::Peer, "b");
    model.flush();
    qint64 sum = 0;
    for (int row = 0; row < model.rowCount(); ++row)
        sum += model.at(row).payload.size();
    QCOMPARE(model.payloadBytes(), sum);
    model.clear();
    QCOMPARE(model.payloadBytes(), 0);
}

void tst_GuidemoModel::texts_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isText");
    const QByteArray bytes = QByteArray::fromHex("00ff102030405060708090a0b0c0d0e0f0");
    QTest::newRow("text") << QByteArray("a\nb\tc") << QString() << QStringLiteral("a\nb\tc")
                          << true;
    QTest::newRow("utf-8") << QByteArray("\xc3\xbc") << QString() << QStringLiteral("\u00fc")
                           << true;
    QTest::newRow("empty") << QByteArray() << QString() << QStringLiteral("Empty message") << false;
    QTest::newRow("no-utf-8") << QByteArray("\xff") << QString()
                              << QStringLiteral("Binary, 1 byte: ff") << false;
    QTest::newRow("control") << QByteArray("a\x07z") << QString()
                             << QStringLiteral("Binary, 3 bytes: 61 07 7a") << false;
    QTest::newRow("long-binary")
            << bytes << QString()
            << QStringLiteral(
                       "Binary, 17 bytes: 00 ff 10 20 30 40 50 60 70 80 90 a0 b0 c0 d0 e0 ...")
            << false;
    QTest::newRow("file") << QByteArray(2048, 'x') << QStringLiteral("x.txt")
                          << QStringLiteral("File x.txt, 2.00 KiB") << false;
}

void tst_GuidemoModel::texts()
{
    QFETCH(const QByteArray, payload);
    QFETCH(const QString, label);
    MessageModel model;
    model.post(Message::Sender::Peer, payload, label);
    model.flush();
    QTEST(model.index(0).data().toString(), "text");
    QTEST(model.at(0).isText(), "isText");
    QCOMPARE(model.index(0).data(MessageModel::PayloadRole).toByteArray(), payload);
}

void tst_GuidemoModel::accessibleTexts_data()
{
    using Sender = Message::Sender;
    using Delivery = Message::Delivery;
    QTest::addColumn<Message::Sender>("sender");
    QTest::addColumn<Message::Delivery>("delivery");
    QTest::addColumn<int>("microseconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("peer") << Sender::Peer << Delivery::None << -1
                          << QStringLiteral("Peer at 07:12:48: hi");
    QTest::newRow("queued") << Sender::Me << Delivery::Queued << -1
                            << QStringLiteral("You at 07:12:48: hi, waiting to be sent");
    QTest::newRow("written") << Sender::Me << Delivery::Written << -1
                             << QStringLiteral("You at 07:12:48: hi, written to the socket");
    QTest::newRow("echoed") << Sender::Me << Delivery::Echoed << 412
                            << QStringLiteral("You at 07:12:48: hi, echoed after 0.4 ms");
    QTest::newRow("slow") << Sender::Me << Delivery::Echoed << 12'340'000
                          << QStringLiteral("You at 07:12:48: hi, echoed after 12.3 s");
    QTest::newRow("not-sent") << Sender::Me << Delivery::NotSent << -1
                              << QStringLiteral("You at 07:12:48: hi, not sent");
}

// G24
void tst_GuidemoModel::accessibleTexts()
{
    QFETCH(const Message::Sender, sender);
    QFETCH(const Message::Delivery, delivery);
    QFETCH(const int, microseconds);
    MessageModel model([] { return QDateTime(QDate(2026, 11, 28), QTime(7, 12, 48)); });
    const quint64 uid = model.post(sender, "hi");
    model.setDelivery(uid, delivery, std::chrono::microseconds(microseconds));
    model.flush();
    QTEST(model.index(0).data(Qt::AccessibleTextRole).toString(), "text");
}

QTEST_MAIN(tst_GuidemoModel)

#include "tst_guidemo_model.moc"
