// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <findbar.h>
#include <frameview.h>
#include <hooddock.h>
#include <listenform.h>
#include <messageview.h>
#include <signallog.h>
#include <theme.h>
#include <transferbar.h>

#include <QtCore/qfile.h>
#include <QtCore/qjsonarray.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qsettings.h>
#include <QtCore/qtemporarydir.h>
#include <QtGui/qscreen.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qabstractbutton.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qmenu.h>
#include <QtWidgets/qsplitter.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;

class tst_GuidemoWindow : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }

    void defaultSize();
    void panesOfTheCommandLine();
    void hiddenServerStaysOut();
    void settingsComeBack();
    void textsAreNotRemembered();
    void corruptGeometryFallsBack();
    void offScreenGeometryFallsBack();
    void themeOfTheCommandLineCounts();
    void themeSwitchesAtRunTime();
    void findsAndReturnsToTheComposer();
    void findWaitsForTheEndOfTheTyping();
    void exportsThatParse();
    void selectedMessageShowsItsFrame();
    void signalsAreNamed();
    void programOfTheClient();
    void fitsSmallWindows();
    void staysNarrowWithAllThatMayShow();

private:
    QSettings settings() const
    {
        return { m_directory.filePath(u"demo.ini"_s), QSettings::IniFormat };
    }
    void reopen();

    std::unique_ptr<DemoWindow> m_window;
    QTemporaryDir m_directory;
};

void tst_GuidemoWindow::init()
{
    failOnFaults();
    reopen();
}

void tst_GuidemoWindow::reopen()
{
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

void tst_GuidemoWindow::defaultSize()
{
    QCOMPARE(m_window->size(), QSize(980, 640));
    QVERIFY(m_window->hood()->isVisible());
}

void tst_GuidemoWindow::panesOfTheCommandLine()
{
    DemoWindow server({ u"--server"_s });
    server.open();
    QVERIFY(server.serverPanel()->isVisible());
    QVERIFY(!server.clientPanel()->isVisible());
    QVERIFY(server.serverPanel()->server()->isListening());
    QVERIFY(server.clientPanel()->client()->state() == GruvClient::State::Offline);
    const quint16 port = server.serverPanel()->server()->serverPort();
    DemoWindow client({ u"--client"_s, u"127.0.0.1:%1"_s.arg(port) });
    client.open();
    QVERIFY(!client.serverPanel()->isVisible());
    QVERIFY(!client.serverPanel()->server()->isListening());
    QTRY_VERIFY(client.clientPanel()->client()->state() == GruvClient::State::Online);
    DemoWindow idle({ u"--no-autostart"_s });
    idle.open();
    QVERIFY(!idle.serverPanel()->server()->isListening());
    QVERIFY(idle.clientPanel()->client()->state() == GruvClient::State::Offline);
}

// A window for another server neither starts its own unseen nor turns to it.
void tst_GuidemoWindow::hiddenServerStaysOut()
{
    DemoWindow window({ u"--client"_s, u"127.0.0.1:9"_s, u"--no-autostart"_s });
    window.open();
    const QAction *const menu =
            qobject_cast<QMenu *>(window.widget<QAction>("listenAction")->parent())->menuAction();
    QVERIFY(!menu->isEnabled());
    window.widget<QAction>("serverPaneAction")->setChecked(true);
    QVERIFY(menu->isEnabled() && window.serverPanel()->isVisible());
    window.serverPanel()->form()->setPort(0);
    window.serverPanel()->listen();
    QVERIFY(window.serverPanel()->server()->isListening());
    QCOMPARE(window.clientPanel()->form()->endpoint().toString(), u"127.0.0.1:9"_s);
}

// G22
void tst_GuidemoWindow::settingsComeBack()
{
    m_window->resize(900, 600);
    auto *const panes = m_window->widget<QSplitter>("panes");
    panes->setSizes({ 500, 390 });
    const QList<int> sizes = panes->sizes();
    m_window->hood()->hide();
    m_window->setTheme(Theme::Mode::Dark);
    m_window->clientPanel()->setReconnects(false);
    m_window->clientPanel()->form()->setHistory({ u"one.example"_s, u"two.example"_s });
    m_window->clientPanel()->form()->setEndpoint({ u"127.0.0.1"_s, 4711 });
    QSettings written = settings();
    m_window->save(&written);
    written.sync();

    m_window = std::make_unique<DemoWindow>(QStringList(u"--no-autostart"_s));
    m_window->restore(settings());
    m_window->show();
    QCOMPARE(m_window->size(), QSize(900, 600));
    QCOMPARE(m_window->widget<QSplitter>("panes")->sizes(), sizes);
    QVERIFY(m_window->hood()->isHidden());
    QCOMPARE(m_window->theme(), Theme::Mode::Dark);
    QVERIFY(!m_window->clientPanel()->reconnects());
    QCOMPARE(m_window->clientPanel()->form()->history(),
             QStringList({ u"one.example"_s, u"two.example"_s }));
    QCOMPARE(int(m_window->clientPanel()->form()->endpoint().port), 4711);
}

// G22: never message text
void tst_GuidemoWindow::textsAreNotRemembered()
{
    m_window->say(u"confidential"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QSettings written = settings();
    m_window->save(&written);
    written.sync();
    QFile file(written.fileName());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray content = file.readAll();
    QVERIFY(content.contains("geometry"));
    QVERIFY(!content.contains("confidential"));
}

// G22
void tst_GuidemoWindow::corruptGeometryFallsBack()
{
    QSettings corrupt = settings();
    for (const char *key : { "window/geometry", "window/state", "window/panes", "window/hood" })
        corrupt.setValue(QLatin1String(key), QByteArray("no such thing"));
    corrupt.setValue(u"client/port"_s, u"http"_s);
    corrupt.setValue(u"window/theme"_s, 77);
    const Theme::Mode before = m_window->theme();
    m_window->resize(800, 500);
    m_window->restore(corrupt);
    QCOMPARE(m_window->size(), QSize(980, 640));
    QCOMPARE(m_window->theme(), before);
    QVERIFY(m_window->clientPanel()->form()->endpoint().port > 0);
}

// G22
void tst_GuidemoWindow::offScreenGeometryFallsBack()
{
    m_window->move(20'000, 20'000);
    QSettings far = settings();
    m_window->save(&far);
    reopen();
    m_window->move(20'000, 20'000);
    far.remove(u"window/geometry"_s); // as if it had been restored there
    m_window->restore(far);
    QVERIFY(m_window->screen()->availableGeometry().intersects(m_window->geometry()));
    QCOMPARE(m_window->size(), QSize(980, 640));
}

// G23
void tst_GuidemoWindow::themeOfTheCommandLineCounts()
{
    QSettings dark = settings();
    dark.setValue(u"window/theme"_s, int(Theme::Mode::Dark));
    DemoWindow light({ u"--no-autostart"_s, u"--theme"_s, u"light"_s });
    light.restore(dark);
    QCOMPARE(light.theme(), Theme::Mode::Light);
}

// G23
void tst_GuidemoWindow::themeSwitchesAtRunTime()
{
    m_window->say(u"hi"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    m_window->setTheme(Theme::Mode::Light);
    QTRY_VERIFY(!Theme::isDark(m_window->palette()));
    const QImage light = m_window->grab().toImage();
    m_window->setTheme(Theme::Mode::Dark);
    QTRY_VERIFY(Theme::isDark(m_window->palette()));
    const QImage dark = m_window->grab().toImage();
    const auto corner = [](const QImage &image) { return image.pixelColor(4, 40).lightness(); };
    QVERIFY2(corner(light) > 180, QByteArray::number(corner(light)).constData());
    QVERIFY2(corner(dark) < 80, QByteArray::number(corner(dark)).constData());
    const QRect bubbles = m_window->clientPanel()->view()->geometry();
    QVERIFY(light.copy(bubbles.translated(m_window->clientPanel()->mapTo(m_window.get(), QPoint())))
            != dark.copy(
                    bubbles.translated(m_window->clientPanel()->mapTo(m_window.get(), QPoint()))));
    m_window->setTheme(Theme::Mode::Light);
}

// G21
void tst_GuidemoWindow::findsAndReturnsToTheComposer()
{
    for (const QString &text : { u"first apple"_s, u"pear"_s, u"second apple"_s })
        m_window->say(text);
    QTRY_COMPARE(m_window->messageCount(), 6);
    QTest::keyClick(m_window.get(), Qt::Key_F, Qt::ControlModifier);
    auto *const bar = m_window->widget<FindBar>("findBar");
    QVERIFY(bar->isVisible());
    auto *const text = m_window->widget<QLineEdit>("findText");
    QCOMPARE(m_window->focusWidget(), text);
    QTest::keyClicks(text, u"apple"_s);
    MessageView *const view = m_window->clientPanel()->view();
    QTRY_VERIFY(view->currentIndex().isValid());
    QList<int> found{ view->currentIndex().row() };
    for (int i = 0; i < 4; ++i) {
        QTest::keyClick(m_window.get(), Qt::Key_F3);
        found.append(view->currentIndex().row());
    }
    QCOMPARE(found.constLast(), found.constFirst()); // four of them, round
    found.removeLast();
    std::sort(found.begin(), found.end());
    for (const int row : std::as_const(found))
        QVERIFY(m_window->message(row).payload.contains("apple"));
    QCOMPARE(std::unique(found.begin(), found.end()), found.end());
    QTest::keyClick(text, Qt::Key_Escape);
    QVERIFY(bar->isHidden());
    QCOMPARE(m_window->focusWidget(), m_window->clientPanel()->composer());
}

void tst_GuidemoWindow::findWaitsForTheEndOfTheTyping()
{
    m_window->say(u"apple"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    m_window->clientPanel()->findBar()->open();
    auto *const text = m_window->widget<QLineEdit>("findText");
    const MessageView *const view = m_window->clientPanel()->view();
    QTest::keyClicks(text, u"app"_s);
    QVERIFY(!view->currentIndex().isValid());
    QTRY_COMPARE(view->currentIndex().row(), 1);
    QTest::keyClicks(text, u"le"_s);
    QTest::keyClick(text, Qt::Key_Return); // does not wait, and finds the newest
    QCOMPARE(view->currentIndex().row(), 1);
}

// G21
void tst_GuidemoWindow::exportsThatParse()
{
    m_window->clientPanel()->sendText(u"gr\u00fc\u00dfe"_s); // no key has these
    QTRY_COMPARE(m_window->messageCount(), 2);
    const QString json = m_directory.filePath(u"chat.json"_s);
    m_window->exportTo(json);
    QFile file(json);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll());
    const QJsonArray rows =
            document.isArray() ? document.array() : document.object()[u"messages"_s].toArray();
    QCOMPARE(rows.size(), 2);
    const QString text = m_directory.filePath(u"chat.txt"_s);
    m_window->exportTo(text);
    QFile plain(text);
    QVERIFY(plain.open(QIODevice::ReadOnly));
    QVERIFY(QString::fromUtf8(plain.readAll()).contains(u"gr\u00fc\u00dfe"_s));
}

// G19
void tst_GuidemoWindow::selectedMessageShowsItsFrame()
{
    m_window->say(u"hi"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    MessageView *const view = m_window->clientPanel()->view();
    view->setCurrentIndex(view->model()->index(0, 0));
    QCOMPARE(m_window->hood()->frame()->hex(), u"00 00 00 02 68 69"_s);
    const QByteArray large(100'000, 'x');
    m_window->clientPanel()->send(large);
    QTRY_COMPARE(m_window->messageCount(), 4);
    view->setCurrentIndex(view->model()->index(2, 0));
    QVERIFY(m_window->hood()->frame()->hex().startsWith(u"00 01 86 a0 78"_s)); // of all of it
}

// G20: of the library, with enum names
void tst_GuidemoWindow::signalsAreNamed()
{
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 3600s;
    m_window->clientPanel()->setReconnectPolicy(policy);
    m_window->say(u"hi"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    const quint16 port = m_window->serverPanel()->server()->serverPort();
    m_window->serverPanel()->stop();
    m_window->serverPanel()->server()->listen(QHostAddress::LocalHost, port);
    m_window->serverPanel()->server()->listen(QHostAddress::LocalHost, port); // refused
    m_window->hood()->log()->model()->flush();
    const QString log = m_window->hood()->log()->visibleText();
    for (const QString &line :
         { u"server::listeningChanged(true)"_s, u"server::clientConnected(#"_s,
           u"client::stateChanged(Connecting)"_s, u"client::stateChanged(Online)"_s,
           u"client::online()"_s, u"client::bytesWritten(6)"_s, u"client::messageReceived(2 B)"_s,
           u", 2 B)"_s, u"server::errorOccurred(AlreadyListening, "_s })
        QVERIFY2(log.contains(line), qPrintable(line + u"\n"_s + log));
    QTRY_VERIFY(m_window->clientPanel()->client()->state() == GruvClient::State::Waiting);
    m_window->hood()->log()->model()->flush();
    const QString end = m_window->hood()->log()->visibleText();
    QVERIFY2(end.contains(u"client::stateChanged(Waiting)"_s), qPrintable(end));
    static const QRegularExpression scheduled(u"client::reconnectScheduled\\(\\d+ ms, 1\\)"_s);
    QVERIFY2(scheduled.match(end).hasMatch(), qPrintable(end));
    QVERIFY2(end.contains(u"client::offline(Peer, BetweenMessages"_s), qPrintable(end));
}

void tst_GuidemoWindow::programOfTheClient()
{
    m_window->clientPanel()->form()->setEndpoint({ u"chat.example"_s, 4711 });
    const QString program = m_window->cppProgram();
    QVERIFY2(program.contains(u"connectToServer(QString::fromUtf8(\"chat.example\"), 4711)"_s),
             qPrintable(program));
}

// G4, and what the window promises
void tst_GuidemoWindow::fitsSmallWindows()
{
    m_window->resize(720, 480);
    QCOMPARE(m_window->size(), QSize(720, 480));
    const auto widgets = m_window->findChildren<QWidget *>();
    for (const QWidget *widget : widgets) {
        const auto *const button = qobject_cast<const QAbstractButton *>(widget);
        if (!button || !button->isVisible() || button->text().isEmpty())
            continue;
        const int text = button->fontMetrics().size(Qt::TextShowMnemonic, button->text()).width();
        QVERIFY2(button->width() >= text + 8 && button->height() >= button->fontMetrics().height(),
                 qPrintable(button->objectName()));
    }
}

// G4
void tst_GuidemoWindow::staysNarrowWithAllThatMayShow()
{
    m_window->clientPanel()->findBar()->open();
    m_window->widget<TransferBar>("transferBar")->begin(QString(60, u'x'), 16'000'000);
    for (const char *name : { "clientBanner", "serverBanner" })
        m_window->widget<Banner>(name)->showMessage(Banner::Severity::Error,
                                                    u"text "_s.repeated(40), u"detail"_s,
                                                    u"Use a free port"_s);
    m_window->widget<QWidget>("certificate")->show();
    m_window->resize(720, 480);
    QCOMPARE(m_window->width(), 720);
    for (const char *name : { "clientBanner", "serverBanner" }) {
        const auto *const text =
                m_window->widget<Banner>(name)->findChild<QLabel *>(u"bannerText"_s);
        QTRY_VERIFY(text->height() >= text->heightForWidth(text->width())); // none of it is cut
    }
}

QTEST_MAIN(tst_GuidemoWindow)
#include "tst_guidemo_window.moc"
