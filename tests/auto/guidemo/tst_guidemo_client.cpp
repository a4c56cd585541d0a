// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <connectform.h>
#include <messageview.h>
#include <statechip.h>

#include <QtCore/qelapsedtimer.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qtableview.h>

#include <sanitized.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;
using State = GruvClient::State;

namespace {

GruvReconnectPolicy longWait()
{
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 3600s;
    return policy;
}

quint16 unusedPort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace

class tst_GuidemoClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }

    void opensConnected();
    void echoes();
    void linesArrive();
    void refused();
    void unknownHost();
    void silentHost();
    void kickCountsDown();
    void comesBackByItself();
    void attemptsAreCounted();
    void withoutAutoReconnect();
    void cancelsConnecting();
    void whatWasNotSentIsRetried();

private:
    Banner *banner() { return m_window->widget<Banner>("clientBanner"); }
    StateChip *chip() { return m_window->widget<StateChip>("clientChip"); }
    QPushButton *button() { return m_window->widget<QPushButton>("connect"); }
    GruvClient *client() { return m_window->clientPanel()->client(); }
    void clickAction() { QTest::mouseClick(banner()->findChild<QPushButton *>(), Qt::LeftButton); }

    std::unique_ptr<DemoWindow> m_window;
};

void tst_GuidemoClient::init()
{
    failOnFaults();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

// G1
void tst_GuidemoClient::opensConnected()
{
    cleanup();
    QElapsedTimer since;
    since.start();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
    QVERIFY2(since.elapsed() < (IsSanitized ? 20'000 : 2000),
             QByteArray::number(since.elapsed()).constData());
    QVERIFY(chip()->text().startsWith(u"Connected"_s));
    QCOMPARE(chip()->state(), StateChip::State::Good);
    QCOMPARE(m_window->widget<QTableView>("connections")->model()->rowCount(), 1);
    QCOMPARE(m_window->focusWidget(), m_window->clientPanel()->composer());
    QVERIFY(!QApplication::activeModalWidget());
    QVERIFY(banner()->isHidden());
}

// G2
void tst_GuidemoClient::echoes()
{
    m_window->say(u"hi"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::Echoed);
    QCOMPARE(m_window->message(0).sender, Message::Sender::Me);
    QVERIFY(m_window->message(0).roundTrip.count() >= 0);
    QCOMPARE(m_window->message(1).sender, Message::Sender::Peer);
    QCOMPARE(m_window->message(1).payload, "hi");
    QTRY_VERIFY2(chip()->text().contains(u"RTT"_s), qPrintable(chip()->text()));
}

// G3
void tst_GuidemoClient::linesArrive()
{
    Composer *const composer = m_window->clientPanel()->composer();
    QTest::keyClicks(composer, u"a"_s);
    QTest::keyClick(composer, Qt::Key_Return, Qt::ShiftModifier);
    m_window->say(u"b"_s);
    m_window->say(u"   "_s); // ignored
    QTRY_COMPARE(m_window->messageCount(), 2);
    QCOMPARE(m_window->message(1).payload, "a\nb");
}

// G11
void tst_GuidemoClient::refused()
{
    m_window->clientPanel()->setReconnectPolicy(longWait());
    const quint16 port = unusedPort();
    m_window->clientPanel()->form()->setEndpoint({ u"127.0.0.1"_s, port });
    m_window->clientPanel()->connectNow();
    QTRY_VERIFY(client()->state() == State::Waiting);
    QVERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"127.0.0.1:%1"_s.arg(port)), qPrintable(banner()->text()));
    QVERIFY2(banner()->text().contains(u"refused"_s), qPrintable(banner()->text()));
    QVERIFY(!QApplication::activeModalWidget());
    QVERIFY(m_window->widget<QWidget>("host")->isEnabled());
    QVERIFY(m_window->widget<QWidget>("port")->isEnabled());
    QTcpServer back;
    QVERIFY(back.listen(QHostAddress::LocalHost, port));
    clickAction();
    QTRY_VERIFY(client()->state() == State::Online);
    QVERIFY(banner()->isHidden());
}

// G11
void tst_GuidemoClient::unknownHost()
{
    m_window->clientPanel()->setReconnects(false);
    m_window->clientPanel()->form()->setEndpoint({ u"nowhere.invalid"_s, 5551 });
    m_window->clientPanel()->connectNow();
    QTRY_VERIFY_WITH_TIMEOUT(banner()->isVisible(), 20'000);
    QVERIFY2(banner()->text().contains(u"nowhere.invalid:5551"_s), qPrintable(banner()->text()));
    QVERIFY(client()->state() == State::Offline);
    QVERIFY(m_window->widget<QWidget>("host")->isEnabled());
}

// G11: one that takes the connection and says nothing
void tst_GuidemoClient::silentHost()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    GruvSocketOptions options;
    options.connectTimeout = 100ms;
    client()->setOptions(options);
    m_window->clientPanel()->setReconnects(false);
    m_window->clientPanel()->form()->setEndpoint({ u"127.0.0.1"_s, silent.serverPort() });
    m_window->clientPanel()->form()->setEncrypted(true);
    QTRY_VERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"127.0.0.1:%1"_s.arg(silent.serverPort())),
             qPrintable(banner()->text()));
    QVERIFY2(banner()->text().contains(u"100 ms"_s), qPrintable(banner()->text()));
    QCOMPARE(button()->text(), u"Co&nnect"_s);
}

// G12
void tst_GuidemoClient::kickCountsDown()
{
    GruvReconnectPolicy policy = longWait();
    m_window->clientPanel()->setReconnectPolicy(policy);
    m_window->serverPanel()->kick();
    QTRY_VERIFY(client()->state() == State::Waiting);
    QVERIFY(banner()->isVisible());
    static const QRegularExpression countdown(u"lost - retrying in \\d+ s\nthe peer closed"_s);
    QVERIFY2(countdown.match(banner()->text()).hasMatch(), qPrintable(banner()->text()));
    const QString before = banner()->text();
    QTRY_VERIFY(banner()->text() != before); // it counts
    QCOMPARE(chip()->state(), StateChip::State::Bad);
    QCOMPARE(button()->text(), u"Ca&ncel"_s);
    clickAction(); // "Retry now"
    QTRY_VERIFY(m_window->isOnline());
    QVERIFY(banner()->isHidden());
    QCOMPARE(chip()->state(), StateChip::State::Good);
}

// G12
void tst_GuidemoClient::comesBackByItself()
{
    QSignalSpy scheduled(client(), &GruvClient::reconnectScheduled);
    m_window->serverPanel()->kick();
    QTRY_COMPARE(scheduled.size(), 1);
    QTRY_VERIFY(m_window->isOnline());
    QVERIFY(banner()->isHidden());
    m_window->say(u"again"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
}

// G12
void tst_GuidemoClient::attemptsAreCounted()
{
    QSignalSpy scheduled(client(), &GruvClient::reconnectScheduled);
    m_window->serverPanel()->stop();
    QTRY_VERIFY(scheduled.size() >= 3);
    for (int i = 0; i < 3; ++i)
        QCOMPARE(scheduled.at(i).at(1).toInt(), i + 1);
    const GruvReconnectPolicy policy;
    QVERIFY(policy.factor > 1); // of what grows; the demo keeps it
    QCOMPARE(m_window->clientPanel()->reconnectPolicy().factor, policy.factor);
}

// G12
void tst_GuidemoClient::withoutAutoReconnect()
{
    QTest::mouseClick(m_window->widget<QCheckBox>("reconnects"), Qt::LeftButton);
    QVERIFY(!m_window->clientPanel()->reconnects());
    QSignalSpy connecting(client(), &GruvClient::stateChanged);
    m_window->serverPanel()->kick();
    QTRY_VERIFY(client()->state() == State::Offline);
    QVERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"lost"_s), qPrintable(banner()->text()));
    QCOMPARE(button()->text(), u"Co&nnect"_s);
    for (const QVariantList &change : std::as_const(connecting))
        QVERIFY(change.at(0).value<State>() != State::Connecting);
    clickAction(); // "Connect again"
    QTRY_VERIFY(m_window->isOnline());
}

// G13
void tst_GuidemoClient::cancelsConnecting()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    m_window->clientPanel()->form()->setEndpoint({ u"127.0.0.1"_s, silent.serverPort() });
    m_window->clientPanel()->form()->setEncrypted(true); // it waits for an answer
    QTRY_VERIFY(client()->currentServer().port == silent.serverPort()
                && client()->state() == State::Connecting);
    QCOMPARE(button()->text(), u"Ca&ncel"_s);
    QTRY_VERIFY(chip()->text().startsWith(u"Connecting"_s));
    QElapsedTimer since;
    since.start();
    QTest::mouseClick(button(), Qt::LeftButton);
    QTRY_VERIFY(client()->state() == State::Offline);
    QVERIFY2(since.elapsed() < (IsSanitized ? 1000 : 100),
             QByteArray::number(since.elapsed()).constData());
    QCOMPARE(button()->text(), u"Co&nnect"_s);
    QVERIFY(banner()->isHidden()); // it was wanted
}

void tst_GuidemoClient::whatWasNotSentIsRetried()
{
    m_window->clientPanel()->setReconnectPolicy(longWait());
    m_window->serverPanel()->kick();
    QTRY_VERIFY(client()->state() == State::Waiting);
    m_window->say(u"one"_s);
    m_window->say(u"two"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QCOMPARE(m_window->message(0).delivery, Delivery::Queued);
    QTest::mouseClick(button(), Qt::LeftButton); // cancels, and what waits is dropped
    QTRY_COMPARE(m_window->message(1).delivery, Delivery::NotSent);
    m_window->clientPanel()->connectNow();
    QTRY_VERIFY(m_window->isOnline());
    Q_EMIT m_window->clientPanel()->view()->retryRequested(m_window->message(1).uid);
    QTRY_COMPARE(m_window->message(1).delivery, Delivery::Echoed);
    QCOMPARE(m_window->message(0).delivery, Delivery::NotSent);
    m_window->widget<QAction>("retryUnsentAction")->trigger();
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::Echoed);
    QTRY_COMPARE(m_window->messageCount(), 4);
}

QTEST_MAIN(tst_GuidemoClient)
#include "tst_guidemo_client.moc"
