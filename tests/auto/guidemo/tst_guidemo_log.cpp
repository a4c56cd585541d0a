// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <signallog.h>

#include <QtGui/qclipboard.h>
#include <QtGui/qguiapplication.h>
#include <QtTest/qabstractitemmodeltester.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWidgets/qabstractbutton.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qlistview.h>
#include <QtWidgets/qmenu.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qscrollbar.h>

using namespace Qt::StringLiterals;

static const int Cap = SignalLogModel::MaximumLines;

// Each test also looks that the model keeps the contract of models.
class tst_GuidemoLog : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void linesHaveTimeObjectAndSignature();
    void linesComeInBatches();
    void linesAreCapped();
    void filterShowsWhatMatches();
    void pauseHoldsBack();
    void pauseIsCapped();
    void clearForgets();
    void followsTheEndUnlessScrolledUp();
    void copyTakesTheSelectionOrAll();
    void menuExports();
    void filterKeepsItsRoom();

private:
    void append(int count, const QString &signature = u"stateChanged(Connected)"_s);
    QStringList shown() const { return m_log->visibleText().split(u'\n', Qt::SkipEmptyParts); }
    template<typename Widget>
    Widget *child(const char *name)
    {
        return m_log->findChild<Widget *>(QLatin1String(name));
    }

    std::unique_ptr<SignalLog> m_log;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void tst_GuidemoLog::init()
{
    m_log = std::make_unique<SignalLog>();
    m_tester = std::make_unique<QAbstractItemModelTester>(
            m_log->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_log->model()->setClock([] { return QDateTime(QDate(2026, 11, 28), QTime(7, 12, 48, 5)); });
    m_log->resize(500, 200);
    m_log->show();
}

void tst_GuidemoLog::append(int count, const QString &signature)
{
    for (int i = 0; i < count; ++i)
        m_log->append(u"GruvClient"_s, signature);
    m_log->model()->flush();
}

// G20
void tst_GuidemoLog::linesHaveTimeObjectAndSignature()
{
    m_log->append(u"GruvClient"_s, u"stateChanged(Connected)"_s);
    QTRY_COMPARE(shown(), QStringList{ u"07:12:48.005  GruvClient::stateChanged(Connected)"_s });
    QCOMPARE(m_log->model()->index(0).data().toString(),
             u"48.005  GruvClient::stateChanged(Connected)"_s); // there is little room
}

// G20
void tst_GuidemoLog::linesComeInBatches()
{
    QSignalSpy inserted(m_log->model(), &QAbstractItemModel::rowsInserted);
    for (int i = 0; i < 1000; ++i)
        m_log->append(u"GruvClient"_s, QString::number(i));
    QTRY_COMPARE(m_log->model()->rowCount(), 1000);
    QVERIFY(inserted.size() <= 3);
}

// G20
void tst_GuidemoLog::linesAreCapped()
{
    append(Cap, u"old()"_s);
    append(10, u"new()"_s);
    QVERIFY(shown().size() <= Cap);
    QVERIFY(shown().size() >= Cap - Cap / 20);
    QVERIFY(shown().constLast().endsWith(u"new()"_s));
    append(3 * Cap, u"newest()"_s);
    QVERIFY(shown().size() <= Cap);
    QVERIFY(shown().constFirst().endsWith(u"newest()"_s));
    QCOMPARE(m_log->model()->lineCount(), Cap);
}

// G20
void tst_GuidemoLog::filterShowsWhatMatches()
{
    append(3, u"bytesWritten(6)"_s);
    append(2, u"messageReceived(2 bytes)"_s);
    QTest::keyClicks(child<QLineEdit>("signalFilter"), u"MESSAGE"_s);
    QCOMPARE(shown().size(), 2);
    QCOMPARE(child<QLabel>("signalCounts")->text(), u"Signals: 2 of 5"_s);
    append(1, u"bytesWritten(6)"_s);
    append(1, u"messageReceived(9 bytes)"_s);
    QCOMPARE(shown().size(), 3);
    QVERIFY(shown().constLast().endsWith(u"messageReceived(9 bytes)"_s));
    child<QLineEdit>("signalFilter")->clear();
    QCOMPARE(shown().size(), 7);
    QCOMPARE(child<QLabel>("signalCounts")->text(), u"Signals: 7"_s);
}

// G20
void tst_GuidemoLog::pauseHoldsBack()
{
    auto *pause = child<QAbstractButton>("signalPause");
    append(1, u"before()"_s);
    QTest::mouseClick(pause, Qt::LeftButton);
    append(2, u"meanwhile()"_s);
    QCoreApplication::processEvents();
    QCOMPARE(shown().size(), 1);
    QCOMPARE(child<QLabel>("signalCounts")->text(), u"Signals: 1, 2 held"_s);
    QTest::mouseClick(pause, Qt::LeftButton);
    QCOMPARE(shown().size(), 3);
    QCOMPARE(child<QLabel>("signalCounts")->text(), u"Signals: 3"_s);
    append(1, u"after()"_s);
    QCOMPARE(shown().size(), 4);
}

void tst_GuidemoLog::pauseIsCapped()
{
    m_log->model()->setPaused(true);
    append(Cap + 5);
    QCOMPARE(m_log->model()->pendingCount(), Cap);
    m_log->model()->setPaused(false);
    QCOMPARE(m_log->model()->pendingCount(), 0);
    QCOMPARE(shown().size(), Cap);
}

void tst_GuidemoLog::clearForgets()
{
    append(5);
    m_log->append(u"GruvClient"_s, u"pending()"_s);
    m_log->clear();
    m_log->model()->flush();
    QCOMPARE(shown(), QStringList());
    child<QLineEdit>("signalFilter")->setText(u"x"_s);
    child<QLineEdit>("signalFilter")->clear();
    QCOMPARE(shown(), QStringList());
}

void tst_GuidemoLog::followsTheEndUnlessScrolledUp()
{
    QScrollBar *bar = child<QListView>("signalList")->verticalScrollBar();
    append(200);
    QVERIFY(bar->maximum() > 0);
    QCOMPARE(bar->value(), bar->maximum());
    append(2 * Cap);
    QCOMPARE(bar->value(), bar->maximum());
    bar->setValue(100);
    append(10);
    QCoreApplication::processEvents();
    QCOMPARE(bar->value(), 100);
}

// G20
void tst_GuidemoLog::copyTakesTheSelectionOrAll()
{
    append(1, u"one()"_s);
    append(1, u"two()"_s);
    append(1, u"other()"_s);
    m_log->copy();
    QCOMPARE(QGuiApplication::clipboard()->text(), m_log->visibleText());
    auto *list = child<QListView>("signalList");
    list->setCurrentIndex(m_log->model()->index(1));
    m_log->copy();
    QCOMPARE(QGuiApplication::clipboard()->text(), u"07:12:48.005  GruvClient::two()\n"_s);
}

void tst_GuidemoLog::menuExports()
{
    QSignalSpy exports(m_log.get(), &SignalLog::exportRequested);
    const auto actions = child<QPushButton>("signalMore")->menu()->actions();
    QCOMPARE(actions.size(), 3);
    actions.at(1)->trigger();
    QCOMPARE(exports.size(), 1);
}

void tst_GuidemoLog::filterKeepsItsRoom()
{
    auto *counts = child<QLabel>("signalCounts");
    QVERIFY(counts->isVisible());
    m_log->resize(m_log->minimumSizeHint().width(), 200);
    QVERIFY(counts->isHidden());
    m_log->resize(290, 200);
    QCoreApplication::processEvents();
    QVERIFY(child<QLineEdit>("signalFilter")->width() > 90);
    m_log->resize(500, 200);
    QVERIFY(counts->isVisible());
}

QTEST_MAIN(tst_GuidemoLog)

#include "tst_guidemo_log.moc"
