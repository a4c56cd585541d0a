// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <flood.h>

#include <QtTest/qsignalspy.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qslider.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// The window goes while its sockets are busy. With the address sanitizer this finds who touches
// what is gone.
class tst_GuidemoTeardown : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void midFlood_data();
    void midFlood();
    void closedByTheUser();
    void whileConnecting();
    void whileWaiting();
    void whileTheCertificateIsMade();
    void whileAFileIsSent();

private:
    std::unique_ptr<DemoWindow> m_window;
};

void tst_GuidemoTeardown::init()
{
    failOnFaults();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

void tst_GuidemoTeardown::midFlood_data()
{
    QTest::addColumn<bool>("encrypted");
    QTest::addColumn<int>("delay");
    QTest::newRow("plain") << false << 0;
    QTest::newRow("encrypted") << true << 0;
    QTest::newRow("delayed") << false << 5;
}

// G25
void tst_GuidemoTeardown::midFlood()
{
    QFETCH(bool, encrypted);
    QFETCH(int, delay);
    m_window->clientPanel()->form()->setEncrypted(encrypted);
    QTRY_VERIFY(m_window->isOnline()
                && m_window->clientPanel()->client()->socket()->isEncrypted() == encrypted);
    m_window->widget<QSlider>("echoDelay")->setValue(delay);
    QSignalSpy answered(m_window->clientPanel(), &ClientPanel::answered);
    m_window->flood()->start(20'000, u"flood"_s);
    QTRY_VERIFY(answered.size() > 300);
    QVERIFY(m_window->flood()->isRunning());
    m_window.reset();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCoreApplication::processEvents();
}

// G25: in a slot of the flood itself
void tst_GuidemoTeardown::closedByTheUser()
{
    auto *const window = m_window.release();
    window->setAttribute(Qt::WA_DeleteOnClose);
    QSignalSpy destroyed(window, &QObject::destroyed);
    int count = 0;
    connect(window->clientPanel(), &ClientPanel::answered, window, [window, &count] {
        if (++count == 300)
            window->close();
    });
    window->flood()->start(20'000, u"flood"_s);
    QTRY_COMPARE(destroyed.size(), 1);
    QVERIFY(count >= 300);
}

void tst_GuidemoTeardown::whileConnecting()
{
    m_window->clientPanel()->form()->setEndpoint({ u"nowhere.invalid"_s, 5551 });
    m_window->clientPanel()->connectNow();
    QTRY_VERIFY(m_window->clientPanel()->client()->state() != GruvClient::State::Online);
    m_window.reset();
    QCoreApplication::processEvents();
}

void tst_GuidemoTeardown::whileWaiting()
{
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 3600s;
    m_window->clientPanel()->setReconnectPolicy(policy);
    m_window->serverPanel()->stop();
    QTRY_VERIFY(m_window->clientPanel()->client()->state() == GruvClient::State::Waiting);
    m_window->say(u"never sent"_s);
    m_window.reset();
    QCoreApplication::processEvents();
}

void tst_GuidemoTeardown::whileTheCertificateIsMade()
{
    m_window->clientPanel()->form()->setEncrypted(true);
    m_window.reset();
    QCoreApplication::processEvents();
}

void tst_GuidemoTeardown::whileAFileIsSent()
{
    QTest::mouseClick(m_window->widget<QCheckBox>("pauseReading"), Qt::LeftButton);
    m_window->clientPanel()->send(QByteArray(16 * 1024 * 1024, 'x'));
    m_window.reset();
    QCoreApplication::processEvents();
}

QTEST_MAIN(tst_GuidemoTeardown)
#include "tst_guidemo_teardown.moc"
