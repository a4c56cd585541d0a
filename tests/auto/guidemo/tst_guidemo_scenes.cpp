// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <hooddock.h>
#include <messageview.h>
#include <scenes.h>
#include <statechip.h>
#include <theme.h>

#include <QtCore/qdir.h>
#include <QtCore/qprocess.h>
#include <QtCore/qset.h>
#include <QtCore/qtemporarydir.h>
#include <QtTest/qsignalspy.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;
using Check = bool (*)(DemoWindow &);

Q_DECLARE_METATYPE(Check)

namespace {

bool hasDelivery(DemoWindow &window, Delivery delivery)
{
    for (int row = 0; row < window.messageCount(); ++row) {
        if (window.message(row).delivery == delivery)
            return true;
    }
    return false;
}

bool isHello(DemoWindow &window)
{
    return window.messageCount() == 5 && hasDelivery(window, Delivery::Echoed)
           && window.clientPanel()->view()->currentIndex().row() == 0;
}

bool isWrap(DemoWindow &window)
{
    return window.messageCount() == 10 && window.clientPanel()->view()->isAtEnd();
}

bool isError(DemoWindow &window)
{
    return window.widget<Banner>("clientBanner")->isVisible()
           && window.widget<Banner>("clientBanner")->text().contains(u"refused"_s)
           && window.widget<Banner>("serverBanner")->text().contains(u"in use"_s)
           && window.widget<StateChip>("serverChip")->state() == StateChip::State::Bad;
}

bool isUnread(DemoWindow &window)
{
    return window.clientPanel()->view()->unreadCount() == 3
           && window.widget<QWidget>("unreadPill")->isVisible();
}

bool isFlood(DemoWindow &window)
{
    return window.messageCount() > 9'000 && window.messageCount() <= MessageModel::MaximumRows;
}

bool isDark(DemoWindow &window)
{
    return Theme::isDark(window.palette()) && isHello(window);
}

bool isTls(DemoWindow &window)
{
    return window.clientPanel()->client()->socket()->isEncrypted()
           && window.widget<QWidget>("certificate")->isVisible();
}

bool isOffline(DemoWindow &window)
{
    return hasDelivery(window, Delivery::NotSent) && hasDelivery(window, Delivery::Queued)
           && hasDelivery(window, Delivery::Echoed)
           && window.widget<Banner>("clientBanner")->isVisible();
}

// How many there are at least, which is enough to tell a window from an empty one.
int colourCount(const QImage &image)
{
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); y += 2) {
        for (int x = 0; x < image.width(); x += 2)
            colours.insert(image.pixel(x, y));
    }
    return int(colours.size());
}

} // namespace

class tst_GuidemoScenes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnFaults(); }
    void cleanup() { Theme::apply(Theme::Mode::Light); }

    void scenes_data();
    void scenes();
    void allAreTested();
    void pictures_data();
    void pictures();
    void picturesOfTheReadme();
    void pictureThatCannotBeWritten();
    void withoutDisplay_data();
    void withoutDisplay();
    void exitAfter();
    void settingsFile();

private:
    int run(const QStringList &arguments, const QByteArray &scale = "1");

    QTemporaryDir m_directory;
};

void tst_GuidemoScenes::scenes_data()
{
    QTest::addColumn<Check>("isThere");
    QTest::newRow("hello") << Check(isHello);
    QTest::newRow("wrap") << Check(isWrap);
    QTest::newRow("error") << Check(isError);
    QTest::newRow("unread") << Check(isUnread);
    QTest::newRow("flood") << Check(isFlood);
    QTest::newRow("dark") << Check(isDark);
    QTest::newRow("tls") << Check(isTls);
    QTest::newRow("offline") << Check(isOffline);
}

// G25: structure, not pixels
void tst_GuidemoScenes::scenes()
{
    QFETCH(Check, isThere);
    DemoWindow window({ u"--theme"_s, u"light"_s });
    window.open();
    Scenes scenes(&window);
    QSignalSpy finished(&scenes, &Scenes::finished);
    QVERIFY(!isThere(window));
    scenes.play(QString::fromLatin1(QTest::currentDataTag()));
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 30'000);
    QVERIFY2(finished.at(0).at(0).toBool(), qPrintable(scenes.failedStep()));
    QTRY_VERIFY(isThere(window));
    QVERIFY(colourCount(window.grab().toImage()) > 10);
}

void tst_GuidemoScenes::allAreTested()
{
    const QStringList names = DemoOptions::sceneNames();
    QCOMPARE(names, QStringList({ u"hello"_s, u"wrap"_s, u"error"_s, u"unread"_s, u"flood"_s,
                                  u"dark"_s, u"tls"_s, u"offline"_s }));
}

int tst_GuidemoScenes::run(const QStringList &arguments, const QByteArray &scale)
{
    QProcess demo;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"QT_SCALE_FACTOR"_s, QString::fromLatin1(scale));
    environment.insert(u"XDG_CONFIG_HOME"_s, m_directory.path());
    demo.setProcessEnvironment(environment);
    demo.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    demo.start(QStringLiteral(GRUVSOCKS_DEMO), arguments);
    return demo.waitForFinished() && demo.exitStatus() == QProcess::NormalExit ? demo.exitCode()
                                                                               : -1;
}

void tst_GuidemoScenes::pictures_data()
{
    QTest::addColumn<QByteArray>("scale");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QSize>("size");
    QTest::newRow("1") << QByteArray("1") << QStringList() << QSize(980, 640);
    QTest::newRow("2") << QByteArray("2") << QStringList() << QSize(1960, 1280);
    QTest::newRow("small") << QByteArray("1") << QStringList({ u"--size"_s, u"720x480"_s })
                           << QSize(720, 480);
}

// G25
void tst_GuidemoScenes::pictures()
{
    QFETCH(QByteArray, scale);
    QFETCH(QStringList, arguments);
    const QString file = m_directory.filePath(u"picture.png"_s);
    QCOMPARE(run(QStringList{ u"--screenshot"_s, file, u"--scene"_s, u"hello"_s } + arguments,
                 scale),
             0);
    const QImage picture(file);
    QTEST(picture.size(), "size");
    QVERIFY(colourCount(picture) > 10);
}

// G25: those that pictures.sh makes
void tst_GuidemoScenes::picturesOfTheReadme()
{
    const QDir folder(QFINDTESTDATA("../../../gui-demo/doc"));
    const QFileInfoList pictures = folder.entryInfoList({ u"*.png"_s });
    QVERIFY(pictures.size() >= 2);
    for (const QFileInfo &picture : pictures) {
        QVERIFY2(picture.size() <= 200 * 1024, qPrintable(picture.fileName()));
        QCOMPARE(QImage(picture.filePath()).size(), QSize(980, 640));
        QVERIFY(DemoOptions::sceneNames().contains(picture.baseName()));
    }
}

void tst_GuidemoScenes::pictureThatCannotBeWritten()
{
    QCOMPARE(run({ u"--screenshot"_s, u"/nonexistent/picture.png"_s, u"--scene"_s, u"wrap"_s }), 1);
}

void tst_GuidemoScenes::withoutDisplay_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("version") << QStringList(u"--version"_s);
    QTest::newRow("help") << QStringList(u"--help"_s);
    QTest::newRow("picture") << QStringList(
            { u"--scene"_s, u"wrap"_s, u"--screenshot"_s, m_directory.filePath(u"nowhere.png"_s) });
}

// G25: from a clean checkout on any machine
void tst_GuidemoScenes::withoutDisplay()
{
    QFETCH(QStringList, arguments);
    QProcess demo;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : { u"QT_QPA_PLATFORM"_s, u"DISPLAY"_s, u"WAYLAND_DISPLAY"_s })
        environment.remove(name);
    demo.setProcessEnvironment(environment);
    demo.start(QStringLiteral(GRUVSOCKS_DEMO), arguments);
    QVERIFY(demo.waitForFinished());
    QCOMPARE(demo.exitStatus(), QProcess::NormalExit);
    QCOMPARE(demo.exitCode(), 0);
}

void tst_GuidemoScenes::exitAfter()
{
    QCOMPARE(run({ u"--exit-after"_s, u"1"_s, u"--settings"_s,
                   m_directory.filePath(u"exit.ini"_s) }),
             0);
}

// G22
void tst_GuidemoScenes::settingsFile()
{
    const QString file = m_directory.filePath(u"window.ini"_s);
    QCOMPARE(run({ u"--settings"_s, file, u"--exit-after"_s, u"1"_s }), 0);
    QVERIFY(QFile::exists(file));
    const QString picture = m_directory.filePath(u"scripted.png"_s);
    QFile::remove(file);
    QCOMPARE(run({ u"--screenshot"_s, picture, u"--scene"_s, u"wrap"_s }), 0);
    QVERIFY(!QFile::exists(m_directory.filePath(u"GruvSocks/gruvsocks-demo.conf"_s)));
}

QTEST_MAIN(tst_GuidemoScenes)
#include "tst_guidemo_scenes.moc"
