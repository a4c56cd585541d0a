// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <certificateview.h>
#include <connectform.h>

#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvtls.h>

#include <QtCore/qdir.h>
#include <QtCore/qtemporarydir.h>
#include <QtGui/qaction.h>
#include <QtNetwork/qsslkey.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qpushbutton.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using State = GruvClient::State;

namespace {

class WithoutTool : public LocalCertificate
{
public:
    WithoutTool() { setProgram(u"/nonexistent/openssl"_s); }
};

// Where temporary files go, until its end.
class TemporaryPlace
{
public:
    explicit TemporaryPlace(const QString &path) { qputenv("TMPDIR", path.toLocal8Bit()); }
    ~TemporaryPlace() { m_before.isNull() ? qunsetenv("TMPDIR") : qputenv("TMPDIR", m_before); }
    Q_DISABLE_COPY_MOVE(TemporaryPlace)

private:
    const QByteArray m_before = qgetenv("TMPDIR");
};

} // namespace

class tst_GuidemoTls : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }

    void encryptedWithItsDetails();
    void wrongCertificateIsExplained_data();
    void wrongCertificateIsExplained();
    void refusalGoesWithTls();
    void savedAuthorityIsTrusted();
    void withoutOpenssl();
    void withoutDirectory();
    void keysAreOnDiskOnlyWhileMade();
    void reconnectTellsTheStatesInOrder();

private:
    Banner *banner() { return m_window->widget<Banner>("clientBanner"); }
    GruvClient *client() { return m_window->clientPanel()->client(); }
    void clickAction() { QTest::mouseClick(banner()->findChild<QPushButton *>(), Qt::LeftButton); }

    std::unique_ptr<DemoWindow> m_window;
};

void tst_GuidemoTls::init()
{
    failOnFaults();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

void tst_GuidemoTls::encryptedWithItsDetails()
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
    QVERIFY2(details->text().contains(u"not encrypted"_s), qPrintable(details->text()));
}

void tst_GuidemoTls::wrongCertificateIsExplained_data()
{
    QTest::addColumn<QByteArray>("action");
    QTest::addColumn<QString>("named");
    QTest::newRow("another-name") << QByteArray("wrongNameCertificate") << u"elsewhere.example"_s;
    QTest::newRow("unknown-authority") << QByteArray("unknownCertificate") << u"localhost"_s;
}

void tst_GuidemoTls::wrongCertificateIsExplained()
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
    const QString now = m_window->widget<CertificateView>("certificateView")->text();
    QVERIFY2(!now.contains(u"refused"_s) && now.contains(u"TLSv1"_s), qPrintable(now));
}

void tst_GuidemoTls::refusalGoesWithTls()
{
    m_window->clientPanel()->form()->setEncrypted(true);
    QTRY_VERIFY(m_window->isOnline() && client()->socket()->isEncrypted());
    m_window->widget<QAction>("wrongNameCertificate")->trigger();
    QTRY_VERIFY(banner()->isVisible() && client()->state() == State::Offline);
    QVERIFY(m_window->widget<QWidget>("certificate")->isVisible());
    m_window->clientPanel()->form()->setEncrypted(false); // and offline it stays
    QVERIFY(client()->state() == State::Offline);
    QVERIFY(!m_window->widget<QWidget>("certificate")->isVisible());
    const QString details = m_window->widget<CertificateView>("certificateView")->text();
    QVERIFY2(!details.contains(u"refused"_s), qPrintable(details));
}

// A program with its own authorities trusts the demo's server by it.
void tst_GuidemoTls::savedAuthorityIsTrusted()
{
    const QTemporaryDir directory;
    const QString file = directory.filePath(u"authority.pem"_s);
    QVERIFY(!m_window->widget<QAction>("authorityAction")->isEnabled());
    m_window->clientPanel()->form()->setEncrypted(true);
    QTRY_VERIFY(m_window->isOnline() && client()->socket()->isEncrypted());
    QVERIFY(m_window->widget<QAction>("authorityAction")->isEnabled());
    m_window->saveAuthorityAs(file);
    GruvSocket other;
    other.setSslConfiguration(Gruv::loadTlsConfiguration({}, {}, file).configuration);
    QSignalSpy connected(&other, &GruvSocket::connected);
    other.connectToHostEncrypted(u"localhost"_s, m_window->serverPanel()->server()->serverPort());
    QTRY_COMPARE(connected.size(), 1);
    QVERIFY(other.isEncrypted());
}

void tst_GuidemoTls::withoutOpenssl()
{
    WithoutTool certificate;
    ClientPanel panel(&certificate);
    panel.form()->setEncrypted(true);
    const auto *const told = panel.findChild<Banner *>(u"clientBanner"_s);
    QTRY_VERIFY(!told->isHidden());
    QVERIFY2(told->detail().contains(u"openssl"_s), qPrintable(told->detail()));
    QVERIFY(!panel.form()->isEncrypted());
}

void tst_GuidemoTls::withoutDirectory()
{
    const TemporaryPlace noPlace(QCoreApplication::applicationFilePath()); // no directory
    LocalCertificate certificate;
    ClientPanel panel(&certificate);
    panel.form()->setEncrypted(true);
    const auto *const told = panel.findChild<Banner *>(u"clientBanner"_s);
    QTRY_VERIFY(!told->isHidden());
    QVERIFY2(told->detail().contains(u"directory"_s), qPrintable(told->detail()));
    QVERIFY(!panel.form()->isEncrypted());
    QVERIFY(!QFile::exists(u"authority.key"_s)); // not in the current directory instead
}

void tst_GuidemoTls::keysAreOnDiskOnlyWhileMade()
{
    const QTemporaryDir directory;
    const TemporaryPlace place(directory.path());
    LocalCertificate certificate;
    QSignalSpy ready(&certificate, &LocalCertificate::ready);
    QVERIFY(QDir(directory.path()).isEmpty());
    certificate.make();
    QVERIFY(!QDir(directory.path()).isEmpty());
    QTRY_COMPARE(ready.size(), 1);
    QVERIFY(QDir(directory.path()).isEmpty());
    QVERIFY(!certificate.server(LocalCertificate::Kind::Right).privateKey().isNull());
}

// Another slot of the client is not told of Connecting before Offline.
void tst_GuidemoTls::reconnectTellsTheStatesInOrder()
{
    QList<State> panelTold;
    QList<State> clientTold;
    connect(m_window->clientPanel(), &ClientPanel::stateChanged, this,
            [&panelTold](State state) { panelTold.append(state); });
    connect(client(), &GruvClient::stateChanged, this,
            [&clientTold](State state) { clientTold.append(state); });
    m_window->clientPanel()->connectNow();
    const QList<State> inOrder{ State::Offline, State::Connecting, State::Online };
    QTRY_COMPARE(panelTold, inOrder);
    QCOMPARE(clientTold, inOrder);
}

QTEST_MAIN(tst_GuidemoTls)
#include "tst_guidemo_tls.moc"
