// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <flood.h>
#include <messageview.h>

#include <QtCore/qprocess.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qpushbutton.h>

#include <sanitized.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;

class tst_GuidemoFlood : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }

    void tenThousand();
    void nothingIsLostBelowTheCap();
    void thousandByTheButton();
    void typedMessagesDoNotCount();
    void endsWithoutAnswers();
    void silentServerDoesNotEndIt();
    void endsWithTheConnection();
    void program();

private:
    Flood::Result flood(int count);

    std::unique_ptr<DemoWindow> m_window;
};

void tst_GuidemoFlood::init()
{
    failOnFaults();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

Flood::Result tst_GuidemoFlood::flood(int count)
{
    Flood::Result result;
    connect(m_window->flood(), &Flood::finished, this,
            [&result](const Flood::Result &found) { result = found; });
    m_window->flood()->start(count, u"flood"_s);
    [&] { QTRY_VERIFY_WITH_TIMEOUT(!m_window->flood()->isRunning(), 60'000); }();
    m_window->flood()->disconnect(this);
    return result;
}

// G7
void tst_GuidemoFlood::tenThousand()
{
    const Flood::Result result = flood(10'000);
    QCOMPARE(result.answered, 10'000);
    QVERIFY(result.inOrder);
    QVERIFY2(result.worstGap <= (IsSanitized ? 10 : 1) * Flood::LongestGap,
             qPrintable(result.toString()));
    QTRY_COMPARE(m_window->clientPanel()->messages()->pendingCount(), 0);
    QVERIFY(m_window->messageCount() <= MessageModel::MaximumRows);
    QCOMPARE(m_window->message(m_window->messageCount() - 1).payload, "flood #10000");
    QTRY_VERIFY(m_window->clientPanel()->view()->isAtEnd());
}

// G7
void tst_GuidemoFlood::nothingIsLostBelowTheCap()
{
    const Flood::Result result = flood(4'000);
    QVERIFY2(result.isComplete(), qPrintable(result.toString()));
    QTRY_COMPARE(m_window->messageCount(), 8'000);
    int own = 0;
    int echoes = 0;
    for (int row = 0; row < 8'000; ++row) {
        const Message &message = m_window->message(row);
        int &count = message.sender == Message::Sender::Me ? own : echoes;
        QCOMPARE(message.payload, "flood #" + QByteArray::number(++count));
        if (message.sender == Message::Sender::Me)
            QCOMPARE(message.delivery, Delivery::Echoed);
    }
    QCOMPARE(echoes, 4'000);
}

void tst_GuidemoFlood::thousandByTheButton()
{
    QTest::mouseClick(m_window->widget<QPushButton>("many"), Qt::LeftButton);
    QTRY_COMPARE(m_window->messageCount(), 2'000);
    QVERIFY(!m_window->flood()->isRunning());
}

void tst_GuidemoFlood::typedMessagesDoNotCount()
{
    connect(m_window->clientPanel(), &ClientPanel::answered, this, [this, typed = false]() mutable {
        if (!std::exchange(typed, true))
            m_window->clientPanel()->send("typed meanwhile");
    });
    const Flood::Result result = flood(1'000);
    QVERIFY2(result.isComplete(), qPrintable(result.toString()));
    QCOMPARE(result.answered, 1'000);
}

void tst_GuidemoFlood::endsWithoutAnswers()
{
    m_window->flood()->setPatience(200ms);
    m_window->serverPanel()->stop();
    const Flood::Result result = flood(100);
    QVERIFY(!result.isComplete());
    QVERIFY2(result.toString().startsWith(u"0 of 100 "_s), qPrintable(result.toString()));
}

// A server that takes messages and answers none must not use up the room of the next flood.
void tst_GuidemoFlood::silentServerDoesNotEndIt()
{
    auto *const many = m_window->widget<QPushButton>("many");
    m_window->flood()->setPatience(200ms);
    m_window->widget<QCheckBox>("pauseReading")->click();
    QCOMPARE(flood(500).answered, 0);
    m_window->clientPanel()->messages()->flush();
    const int before = m_window->messageCount();
    QTest::mouseClick(many, Qt::LeftButton);
    QVERIFY(!many->isEnabled());
    QTRY_VERIFY(!m_window->flood()->isRunning());
    QVERIFY(many->isEnabled());
    QTRY_VERIFY(m_window->messageCount() > before);
    QCOMPARE(m_window->widget<Banner>("clientBanner")->text(), u"0 of 1000 messages answered"_s);
}

// Long before its patience
void tst_GuidemoFlood::endsWithTheConnection()
{
    m_window->clientPanel()->setReconnects(false);
    m_window->flood()->setPatience(3600s);
    m_window->widget<QCheckBox>("pauseReading")->click();
    m_window->flood()->start(100, u"lost"_s);
    QTRY_COMPARE(m_window->messageCount(), 100);
    m_window->widget<QPushButton>("connect")->click(); // "Disconnect"
    QTRY_VERIFY(!m_window->flood()->isRunning());
    QTRY_VERIFY(m_window->message(99).delivery == Delivery::Unanswered
                || m_window->message(99).delivery == Delivery::NotSent);
}

// G7
void tst_GuidemoFlood::program()
{
    QProcess demo;
    demo.start(QStringLiteral(GRUVSOCKS_DEMO), { u"--flood"_s, u"2000"_s });
    QVERIFY(demo.waitForFinished());
    const QByteArray said = demo.readAllStandardOutput();
    if (!IsSanitized) // over its budget of 100 ms then
        QCOMPARE(demo.exitCode(), 0);
    QVERIFY2(said.startsWith("2000 of 2000 round trips in "), said.constData());
    QVERIFY2(said.contains("worst UI gap"), said.constData());
    QVERIFY2(said.endsWith("in order\n"), said.constData());
}

QTEST_MAIN(tst_GuidemoFlood)
#include "tst_guidemo_flood.moc"
