// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <messagemodel.h>

#include <QtTest/qabstractitemmodeltester.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

class tst_GuidemoModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rowsComeInBatches();
};

// G6
void tst_GuidemoModel::rowsComeInBatches()
{
    MessageModel model;
    QSignalSpy inserted(&model, &MessageModel::rowsInserted);
    for (int i = 0; i < 1000; ++i)
        model.post(Message::Sender::Me, QByteArray::number(i));
    QCOMPARE(model.rowCount(), 0);
    QTRY_COMPARE(model.rowCount(), 1000);
    QVERIFY(inserted.size() <= 3);
}

QTEST_MAIN(tst_GuidemoModel)

#include "tst_guidemo_model.moc"
