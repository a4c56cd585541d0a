// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <certificateview.h>
#include <connectform.h>
#include <messageview.h>
#include <statechip.h>
#include <transferbar.h>

#include <QtCore/qcryptographichash.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qmimedata.h>
#include <QtCore/qtemporarydir.h>
#include <QtGui/qevent.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qplaintextedit.h>
#include <QtWidgets/qprogressbar.h>
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

class WithoutTool : public LocalCertificate
{
public:
    WithoutTool() { setProgram(u"/nonexistent/openssl"_s); }
};

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
    void fileGoesAndComesBack();
    void droppedFile();
    void cancelledFile();
    void tooLargeFile();
    void unreadableFile();
    void encryptedWithItsDetails();
    void wrongCertificateIsExplained_data();
    void wrongCertificateIsExplained();
    void withoutOpenssl();

private:
    Banner *banner() { return m_window->widget<Banner>("clientBanner"); }
    StateChip *chip() { return m_window->widget<StateChip>("clientChip"); }
    QPushButton *button() { return m_window->widget<QPushButton>("connect"); }
    GruvClient *client() { return m_window->clientPanel()->client(); }
    void clickAction() { QTest::mouseClick(banner()->findChild<QPushButton *>(), Qt::LeftButton); }
    QString writeFile(const QString &name, const QByteArray &content);

    std::unique_ptr<DemoWindow> m_window;
    QTemporaryDir m_directory;
};

void tst_GuidemoClient::init()
{
    failOnFaults();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

QString tst_GuidemoClient::writeFile(const QString &name, const QByteArray &content)
{
    QFile file(m_directory.filePath(name));
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
    return isWritten ? file.fileName() : QString();
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
    QCOMPARE(button()->text(), u"&Connect"_s);
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
    QCOMPARE(button()->text(), u"&Cancel"_s);
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
    QCOMPARE(button()->text(), u"&Connect"_s);
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
    QCOMPARE(button()->text(), u"&Cancel"_s);
    QTRY_VERIFY(chip()->text().startsWith(u"Connecting"_s));
    QElapsedTimer since;
    since.start();
    QTest::mouseClick(button(), Qt::LeftButton);
    QTRY_VERIFY(client()->state() == State::Offline);
    QVERIFY2(since.elapsed() < (IsSanitized ? 1000 : 100),
             QByteArray::number(since.elapsed()).constData());
    QCOMPARE(button()->text(), u"&Connect"_s);
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

// G18
void tst_GuidemoClient::fileGoesAndComesBack()
{
    QByteArray content(12 * 1024 * 1024, '\0');
    for (qsizetype i = 0; i < content.size(); ++i)
        content[i] = char(i * 31 >> 7);
    QByteArray received;
    connect(m_window->serverPanel()->server(), &GruvServer::messageReceived, this,
            [&](GruvSocket *, const QByteArray &message) { received = message; });
    auto *const pause = m_window->widget<QCheckBox>("pauseReading");
    auto *const progress = m_window->widget<QProgressBar>("transferProgress");
    QTest::mouseClick(pause, Qt::LeftButton);
    m_window->clientPanel()->sendFiles({ writeFile(u"twelve.bin"_s, content) });
    QVERIFY(m_window->widget<QWidget>("transferBar")->isVisible());
    QTRY_VERIFY(progress->value() > 0); // what fits into the system
    QVERIFY2(progress->value() < 100, QByteArray::number(progress->value()).constData());
    QSignalSpy moved(progress, &QProgressBar::valueChanged);
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::Echoed);
    QVERIFY(m_window->widget<QWidget>("transferBar")->isHidden());
    QVERIFY2(moved.size() > 2, QByteArray::number(moved.size()).constData());
    QCOMPARE(progress->value(), 100);
    const auto hash = [](const QByteArray &bytes) {
        return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
    };
    QCOMPARE(hash(received), hash(content));
    QCOMPARE(m_window->message(0).label, u"twelve.bin"_s);
    QCOMPARE(m_window->message(1).label, u"twelve.bin"_s);
    QCOMPARE(m_window->message(1).size, qint64(content.size()));
}

// G18
void tst_GuidemoClient::droppedFile()
{
    QMimeData files;
    files.setUrls({ QUrl::fromLocalFile(writeFile(u"small.txt"_s, "small")) });
    Composer *const composer = m_window->clientPanel()->composer();
    QWidget *const target = composer->viewport();
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &drop);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QCOMPARE(m_window->message(1).payload, "small");
    QVERIFY(composer->toPlainText().isEmpty());
}

// G18
void tst_GuidemoClient::cancelledFile()
{
    QTest::mouseClick(m_window->widget<QCheckBox>("pauseReading"), Qt::LeftButton);
    const QString path = writeFile(u"large.bin"_s, QByteArray(16 * 1024 * 1024, 'x'));
    auto *const progress = m_window->widget<QProgressBar>("transferProgress");
    m_window->clientPanel()->sendFiles({ path });
    QTRY_VERIFY(progress->value() > 0);
    QVERIFY(progress->value() < 100); // nobody reads
    QTRY_COMPARE(m_window->messageCount(), 1);
    QSignalSpy received(m_window->serverPanel()->server(), &GruvServer::messageReceived);
    QTest::mouseClick(m_window->widget<QPushButton>("transferCancel"), Qt::LeftButton);
    QVERIFY(m_window->widget<QWidget>("transferBar")->isHidden());
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::NotSent);
    QVERIFY2(banner()->text().contains(u"cancelled"_s), qPrintable(banner()->text()));
    QTest::mouseClick(m_window->widget<QCheckBox>("pauseReading"), Qt::LeftButton);
    QTRY_COMPARE(m_window->serverPanel()->server()->clientCount(), 1); // the first is gone
    QTRY_VERIFY(client()->state() == State::Online);
    m_window->say(u"after it"_s);
    QTRY_COMPARE(received.size(), 1); // and nothing of the file
    QCOMPARE(received.constFirst().at(1).toByteArray(), "after it");
}

// G18
void tst_GuidemoClient::tooLargeFile()
{
    QFile file(writeFile(u"huge.bin"_s, "x"));
    QVERIFY(file.resize(GruvSocketOptions().maximumMessageSize + 1));
    m_window->clientPanel()->sendFiles({ file.fileName() });
    QVERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"huge.bin"_s), qPrintable(banner()->text()));
    QVERIFY2(banner()->detail().contains(u"16"_s), qPrintable(banner()->detail()));
    QVERIFY(m_window->isOnline());
    m_window->clientPanel()->messages()->flush();
    QCOMPARE(m_window->messageCount(), 0);
}

void tst_GuidemoClient::unreadableFile()
{
    m_window->clientPanel()->sendFiles({ m_directory.filePath(u"missing"_s) });
    QVERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"missing"_s), qPrintable(banner()->text()));
}

void tst_GuidemoClient::encryptedWithItsDetails()
{
    QTest::mouseClick(m_window->widget<QCheckBox>("encrypted"), Qt::LeftButton);
    QTRY_VERIFY(m_window->isOnline() && client()->socket()->isEncrypted());
    QVERIFY(m_window->serverPanel()->isEncrypted()); // of the local pair both
    m_window->say(u"secret"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QTest::mouseClick(m_window->widget<QWidget>("certificate"), Qt::LeftButton);
    const auto *const details = m_window->widget<CertificateView>("certificateView");
    QVERIFY(details->isVisible());
    for (const QString &word :
         { u"TLSv1"_s, u"localhost"_s, u"try-authority"_s, u"SHA-256"_s,
           client()->socket()->sslConfiguration().peerCertificate().expiryDate().toString(
                   Qt::ISODate) })
        QVERIFY2(details->text().contains(word), qPrintable(details->text()));
    QTest::mouseClick(m_window->widget<QCheckBox>("encrypted"), Qt::LeftButton);
    QTRY_VERIFY(m_window->isOnline() && !client()->socket()->isEncrypted());
    QVERIFY(!m_window->serverPanel()->isEncrypted());
}

void tst_GuidemoClient::wrongCertificateIsExplained_data()
{
    QTest::addColumn<QByteArray>("action");
    QTest::addColumn<QString>("named");
    QTest::newRow("another-name") << QByteArray("wrongNameCertificate") << u"elsewhere.example"_s;
    QTest::newRow("unknown-authority") << QByteArray("unknownCertificate") << u"localhost"_s;
}

void tst_GuidemoClient::wrongCertificateIsExplained()
{
    QFETCH(QByteArray, action);
    QFETCH(QString, named);
    m_window->clientPanel()->form()->setEncrypted(true);
    QTRY_VERIFY(m_window->isOnline() && client()->socket()->isEncrypted());
    m_window->widget<QAction>(action.constData())->trigger();
    QTRY_VERIFY(banner()->isVisible() && client()->state() == State::Offline);
    QVERIFY2(banner()->text().contains(u"certificate"_s), qPrintable(banner()->text()));
    QVERIFY2(banner()->text().contains(u"was refused"_s), qPrintable(banner()->text()));
    m_window->clientPanel()->showCertificate();
    const QString details = m_window->widget<CertificateView>("certificateView")->text();
    QVERIFY2(details.contains(named), qPrintable(details));
    QVERIFY2(details.contains(u"refused"_s), qPrintable(details));
    m_window->widget<QAction>("rightCertificate")->trigger();
    clickAction(); // "Connect again"
    QTRY_VERIFY(m_window->isOnline() && client()->socket()->isEncrypted());
    QVERIFY(banner()->isHidden());
}

void tst_GuidemoClient::withoutOpenssl()
{
    WithoutTool certificate;
    ClientPanel panel(&certificate);
    panel.form()->setEncrypted(true);
    const auto *const told = panel.findChild<Banner *>(u"clientBanner"_s);
    QTRY_VERIFY(!told->isHidden());
    QVERIFY2(told->detail().contains(u"openssl"_s), qPrintable(told->detail()));
    QVERIFY(!panel.form()->isEncrypted());
}

QTEST_MAIN(tst_GuidemoClient)
#include "tst_guidemo_client.moc"
