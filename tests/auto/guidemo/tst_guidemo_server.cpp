// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <flood.h>
#include <hooddock.h>
#include <listenform.h>
#include <signallog.h>
#include <sparkline.h>
#include <statechip.h>

#include <QtGui/qaction.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qslider.h>
#include <QtWidgets/qtableview.h>

#include <sanitized.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;
using State = GruvClient::State;

class tst_GuidemoServer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }

    void usedPortIsExplained();
    void chipEqualsTheState();
    void clientFollowsTheServer();
    void twoClients();
    void broadcastReachesBoth();
    void kickEndsTheChosenOne();
    void countersAndAgesAdvance();
    void delayHoldsAnswersBack();
    void shorterDelayKeepsTheOrder();
    void everyTenthIsDropped();
    void pausedReadingHoldsBack();
    void plotsMove();
    void strangersAreTold();
    void faultsAreTold();

private:
    Banner *banner() { return m_window->widget<Banner>("serverBanner"); }
    StateChip *chip() { return m_window->widget<StateChip>("serverChip"); }
    QTableView *table() { return m_window->widget<QTableView>("connections"); }
    GruvServer *server() { return m_window->serverPanel()->server(); }
    QString cell(int row, ConnectionModel::Column column)
    {
        return table()->model()->index(row, column).data().toString();
    }
    void click(const char *name)
    {
        QTest::mouseClick(m_window->widget<QWidget>(name), Qt::LeftButton);
    }
    void connectSecond();

    std::unique_ptr<DemoWindow> m_window;
    std::unique_ptr<GruvClient> m_second;
    QList<QByteArray> m_secondReceived;
};

void tst_GuidemoServer::init()
{
    failOnFaults();
    m_second.reset();
    m_secondReceived.clear();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

void tst_GuidemoServer::connectSecond()
{
    m_second = std::make_unique<GruvClient>();
    connect(m_second.get(), &GruvClient::messageReceived, this,
            [this](const QByteArray &message) { m_secondReceived.append(message); });
    m_second->connectToServer(u"127.0.0.1"_s, server()->serverPort());
    QTRY_COMPARE(table()->model()->rowCount(), 2);
}

// G15
void tst_GuidemoServer::usedPortIsExplained()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    click("listen"); // "Stop"
    m_window->serverPanel()->form()->setPort(other.serverPort());
    click("listen");
    QVERIFY(!server()->isListening());
    QVERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"127.0.0.1:%1: address in use"_s.arg(other.serverPort())),
             qPrintable(banner()->text()));
    QCOMPARE(chip()->state(), StateChip::State::Bad);
    QVERIFY(!QApplication::activeModalWidget());
    QVERIFY(m_window->widget<QWidget>("listenPort")->isEnabled());
    auto *const action = banner()->findChild<QPushButton *>(u"bannerAction"_s);
    QCOMPARE(action->text(), u"Use a free port"_s);
    QTest::mouseClick(action, Qt::LeftButton);
    QVERIFY(server()->isListening());
    QVERIFY(banner()->isHidden());
    QCOMPARE(chip()->state(), StateChip::State::Good);
}

// G15
void tst_GuidemoServer::chipEqualsTheState()
{
    QCOMPARE(chip()->text(), u"Listening on 127.0.0.1:%1"_s.arg(server()->serverPort()));
    click("listen");
    QVERIFY(!server()->isListening());
    QCOMPARE(chip()->text(), u"Stopped"_s);
    QCOMPARE(chip()->state(), StateChip::State::Idle);
    QTRY_COMPARE(table()->model()->rowCount(), 0);
    click("listen");
    QCOMPARE(chip()->text(), u"Listening on 127.0.0.1:%1"_s.arg(server()->serverPort()));
    server()->close(); // not by the panel
    QCOMPARE(chip()->text(), u"Stopped"_s);
}

void tst_GuidemoServer::clientFollowsTheServer()
{
    ConnectForm *const form = m_window->clientPanel()->form();
    click("listen"); // "Stop"
    click("listen"); // on another port
    QCOMPARE(form->endpoint().port, server()->serverPort());
    QTRY_VERIFY(m_window->isOnline());
    form->setEndpoint({ u"chat.example"_s, 4711 });
    click("listen");
    click("listen");
    QCOMPARE(form->endpoint().toString(), u"chat.example:4711"_s);
}

// G16
void tst_GuidemoServer::twoClients()
{
    connectSecond();
    QVERIFY(cell(0, ConnectionModel::IdColumn) != cell(1, ConnectionModel::IdColumn));
    QCOMPARE(cell(1, ConnectionModel::PeerColumn), u":%1"_s.arg(m_second->socket()->localPort()));
    m_second.reset();
    QTRY_COMPARE(table()->model()->rowCount(), 1);
}

// G16
void tst_GuidemoServer::broadcastReachesBoth()
{
    connectSecond();
    auto *const text = m_window->widget<QLineEdit>("broadcastText");
    QVERIFY(!m_window->widget<QPushButton>("broadcast")->isEnabled());
    QTest::keyClicks(text, u"to all"_s);
    click("broadcast");
    QTRY_COMPARE(m_secondReceived, QList<QByteArray>{ "to all" });
    QTRY_COMPARE(m_window->messageCount(), 1);
    QCOMPARE(m_window->message(0).payload, "to all");
    QCOMPARE(m_window->message(0).sender, Message::Sender::Peer);
    QVERIFY(text->text().isEmpty());
}

// G16
void tst_GuidemoServer::kickEndsTheChosenOne()
{
    connectSecond();
    auto *const kick = m_window->widget<QPushButton>("kick");
    QVERIFY(!kick->isEnabled()); // which of the two?
    m_window->widget<QAction>("kickAction")->trigger();
    QCOMPARE(server()->clientCount(), 2);
    QSignalSpy offline(m_second.get(), &GruvClient::offline);
    const QString first = cell(0, ConnectionModel::IdColumn);
    table()->selectRow(1);
    m_second->setReconnectPolicy([] {
        GruvReconnectPolicy policy;
        policy.initialDelay = policy.maximumDelay = 3600s;
        return policy;
    }());
    QTest::mouseClick(kick, Qt::LeftButton);
    QTRY_COMPARE(offline.size(), 1);
    QTRY_COMPARE(table()->model()->rowCount(), 1);
    QCOMPARE(cell(0, ConnectionModel::IdColumn), first);
    QVERIFY(m_window->isOnline());
}

// G2, G16
void tst_GuidemoServer::countersAndAgesAdvance()
{
    QCOMPARE(cell(0, ConnectionModel::InColumn), u"0"_s);
    m_window->say(u"hi"_s);
    QTRY_COMPARE(cell(0, ConnectionModel::InColumn), u"1"_s);
    QTRY_COMPARE(cell(0, ConnectionModel::OutColumn), u"1"_s);
    QTRY_COMPARE(cell(0, ConnectionModel::BytesColumn), u"12 B"_s); // 2 and 4, both ways
    QTRY_VERIFY(cell(0, ConnectionModel::AgeColumn) != u"0 s"_s);
}

// G17
void tst_GuidemoServer::delayHoldsAnswersBack()
{
    m_window->widget<QSlider>("echoDelay")->setValue(200);
    QElapsedTimer beat;
    qint64 worst = 0;
    QTimer heart;
    heart.setTimerType(Qt::PreciseTimer);
    connect(&heart, &QTimer::timeout, this, [&] { worst = std::max(worst, beat.restart()); });
    beat.start();
    heart.start(5);
    for (int i = 0; i < 20; ++i)
        m_window->clientPanel()->send(QByteArray::number(i));
    QTRY_COMPARE(m_window->messageCount(), 40);
    heart.stop();
    for (int i = 0; i < 20; ++i) {
        QCOMPARE(m_window->message(i).delivery, Delivery::Echoed);
        QVERIFY(m_window->message(i).roundTrip >= 200ms);
        QCOMPARE(m_window->message(20 + i).payload, QByteArray::number(i));
    }
    QVERIFY2(worst <= (IsSanitized ? 500 : 50), QByteArray::number(worst).constData());
}

// G17
void tst_GuidemoServer::shorterDelayKeepsTheOrder()
{
    auto *const delay = m_window->widget<QSlider>("echoDelay");
    QSignalSpy received(server(), &GruvServer::messageReceived);
    delay->setValue(500);
    m_window->clientPanel()->send("first");
    QTRY_COMPARE(received.size(), 1);
    delay->setValue(0);
    m_window->clientPanel()->send("second");
    QTRY_COMPARE(m_window->messageCount(), 4);
    QCOMPARE(m_window->message(2).payload, "first");
    QCOMPARE(m_window->message(3).payload, "second");
}

// G17
void tst_GuidemoServer::everyTenthIsDropped()
{
    click("dropEveryTenth");
    for (int i = 1; i <= 25; ++i)
        m_window->clientPanel()->send(QByteArray::number(i));
    QTRY_COMPARE(m_window->messageCount(), 25 + 23);
    for (int i = 1; i <= 25; ++i)
        QCOMPARE(m_window->message(i - 1).delivery,
                 i % 10 == 0 ? Delivery::Written : Delivery::Echoed);
}

// G17
void tst_GuidemoServer::pausedReadingHoldsBack()
{
    click("pauseReading");
    m_window->say(u"held back"_s);
    QTRY_COMPARE(m_window->messageCount(), 1);
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::Written);
    QSignalSpy received(server(), &GruvServer::messageReceived);
    connectSecond(); // is not read, either
    m_second->sendMessage("nor this");
    auto *const rate = m_window->widget<Sparkline>("ratePlot");
    const int samples = rate->sampleCount();
    QTRY_VERIFY(rate->sampleCount() >= samples + 2); // half a second and more
    QCOMPARE(received.size(), 0);
    QCOMPARE(cell(0, ConnectionModel::InColumn), u"0"_s);
    click("pauseReading");
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::Echoed);
    QTRY_COMPARE(m_secondReceived, QList<QByteArray>{ "nor this" });
    QVERIFY(m_window->message(0).roundTrip >= 250ms);
}

// GUI facts: 4 Hz at most
void tst_GuidemoServer::plotsMove()
{
    auto *const rate = m_window->widget<Sparkline>("ratePlot");
    auto *const roundTrip = m_window->widget<Sparkline>("roundTripPlot");
    m_window->flood()->start(500, u"plot"_s);
    QTRY_VERIFY(rate->scaleTop() > 100); // its floor
    QTRY_VERIFY2(roundTrip->valueText().contains(u"ms"_s), qPrintable(roundTrip->valueText()));
    QVERIFY(rate->sampleCount() <= 60);
}

void tst_GuidemoServer::strangersAreTold()
{
    m_window->serverPanel()->form()->setEncrypted(true);
    QTRY_VERIFY(m_window->isOnline() && m_window->clientPanel()->client()->socket()->isEncrypted());
    GruvSocket plain;
    plain.connectToHost(QHostAddress::LocalHost, server()->serverPort());
    plain.sendMessage("not TLS");
    QTRY_VERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"TLS"_s), qPrintable(banner()->text()));
    QVERIFY(m_window->isOnline());
}

// Who closes in order is not.
void tst_GuidemoServer::faultsAreTold()
{
    connectSecond();
    m_second.reset();
    QTRY_COMPARE(table()->model()->rowCount(), 1);
    QVERIFY(banner()->isHidden());
    QTcpSocket faulty;
    faulty.connectToHost(QHostAddress::LocalHost, server()->serverPort());
    QTRY_COMPARE(table()->model()->rowCount(), 2);
    faulty.write(QByteArray::fromHex("000000056162"));
    faulty.disconnectFromHost();
    QTRY_VERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"has gone"_s), qPrintable(banner()->text()));
    m_window->hood()->log()->model()->flush();
    const QString log = m_window->hood()->log()->visibleText();
    static const QRegularExpression ended(
            u"clientDisconnected\\(#\\d+: Peer, InsideMessage.*; .+\\)"_s);
    QVERIFY2(ended.match(log).hasMatch(), qPrintable(log));
}

QTEST_MAIN(tst_GuidemoServer)
#include "tst_guidemo_server.moc"
