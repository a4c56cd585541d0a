// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <banner.h>
#include <sparkline.h>
#include <statechip.h>
#include <theme.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qplaintextedit.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qtoolbutton.h>

#include <cmath>
#include <set>

using namespace Qt::StringLiterals;

// Colours, and the small widgets that are little else.
class tst_GuidemoTheme : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void contrastIsThatOfTheStandard();
    void lightAndDark_data();
    void lightAndDark();
    void textContrast_data() { lightAndDark_data(); }
    void textContrast();
    void pairContrast_data() { lightAndDark_data(); }
    void pairContrast();
    void shapeContrast_data() { lightAndDark_data(); }
    void shapeContrast();
    void checkBoxHasAnOutline_data() { lightAndDark_data(); }
    void checkBoxHasAnOutline();
    void focusIsSeen_data() { lightAndDark_data(); }
    void focusIsSeen();
    void chipIsMoreThanColour();
    void chipElidesAndTellsAll();
    void widgetsFollowThePalette();
    void bannerShowsAndHides();
    void bannerCountsDown();
    void sparklineKeepsSixty();
    void singleSampleIsADot();
    void sparklineScaleHasAFloor();
    void sparklineSkipsGaps();
};

static QPalette applied(Theme::Mode mode)
{
    Theme::apply(mode);
    return QApplication::palette();
}

// What a colour with alpha looks like on the background.
static QColor blended(const QColor &colour, const QColor &background)
{
    const float alpha = colour.alphaF();
    const auto mix = [alpha](float a, float b) { return a * alpha + b * (1 - alpha); };
    return QColor::fromRgbF(mix(colour.redF(), background.redF()),
                            mix(colour.greenF(), background.greenF()),
                            mix(colour.blueF(), background.blueF()));
}

void tst_GuidemoTheme::contrastIsThatOfTheStandard()
{
    QCOMPARE(Theme::contrast(Qt::black, Qt::white), 21.0);
    QCOMPARE(Theme::contrast(Qt::white, Qt::black), 21.0);
    QCOMPARE(Theme::contrast(Qt::red, Qt::red), 1.0);
    QVERIFY(std::abs(Theme::contrast(0x767676, Qt::white) - 4.54) < 0.01); // the known limit
}

void tst_GuidemoTheme::lightAndDark_data()
{
    QTest::addColumn<Theme::Mode>("mode");
    QTest::newRow("light") << Theme::Mode::Light;
    QTest::newRow("dark") << Theme::Mode::Dark;
    QTest::newRow("system") << Theme::Mode::System;
}

void tst_GuidemoTheme::lightAndDark()
{
    QFETCH(const Theme::Mode, mode);
    Theme::apply(mode == Theme::Mode::Light ? Theme::Mode::Dark : Theme::Mode::Light);
    const bool isDark = Theme::isDark(applied(mode));
    if (mode != Theme::Mode::System)
        QCOMPARE(isDark, mode == Theme::Mode::Dark);
    else
        QCOMPARE(isDark, false); // this platform has no desktop
}

// G23
void tst_GuidemoTheme::textContrast()
{
    QFETCH(const Theme::Mode, mode);
    const QPalette palette = applied(mode);
    const std::pair<QPalette::ColorRole, QPalette::ColorRole> pairs[] = {
        { QPalette::WindowText, QPalette::Window },
        { QPalette::Text, QPalette::Base },
        { QPalette::Text, QPalette::AlternateBase },
        { QPalette::ButtonText, QPalette::Button },
        { QPalette::HighlightedText, QPalette::Highlight },
        { QPalette::Link, QPalette::Window },
        { QPalette::PlaceholderText, QPalette::Base },
        { QPalette::PlaceholderText, QPalette::Window },
        { QPalette::ToolTipText, QPalette::ToolTipBase },
    };
    for (const auto &[text, background] : pairs) {
        const double contrast = Theme::contrast(palette.color(text), palette.color(background));
        QVERIFY2(contrast >= 4.5,
                 qPrintable(u"%1 on %2: %3"_s.arg(text).arg(background).arg(contrast)));
    }
}

// G23
void tst_GuidemoTheme::pairContrast()
{
    QFETCH(const Theme::Mode, mode);
    const QPalette palette = applied(mode);
    const Theme::Pair bubbles[] = { Theme::ownBubble(palette), Theme::peerBubble(palette) };
    for (const auto &pair : bubbles) {
        QVERIFY(Theme::contrast(blended(Theme::meta(pair), pair.background), pair.background)
                >= 4.5);
        QVERIFY(Theme::contrast(Theme::errorBanner(palette).text, pair.background) >= 4.5); // retry
    }
    for (const auto &pair : { bubbles[0], bubbles[1], Theme::match(palette),
                              Theme::errorBanner(palette), Theme::infoBanner(palette),
                              Theme::accent(palette), Theme::tint(Theme::Tint::Length, palette),
                              Theme::tint(Theme::Tint::Payload, palette) }) {
        const double contrast = Theme::contrast(pair.text, pair.background);
        QVERIFY2(contrast >= 4.5,
                 qPrintable(u"%1: %2"_s.arg(pair.background.name()).arg(contrast)));
    }
}

// G23
void tst_GuidemoTheme::shapeContrast()
{
    QFETCH(const Theme::Mode, mode);
    const QPalette palette = applied(mode);
    const QColor window = palette.color(QPalette::Window);
    using State = StateChip::State;
    for (const auto state : { State::Idle, State::Busy, State::Good, State::Bad })
        QVERIFY(Theme::contrast(Theme::chip(state, palette), window) >= 3);
    QVERIFY(Theme::contrast(Theme::plot(palette), palette.color(QPalette::Base)) >= 3);
    QVERIFY(Theme::contrast(Theme::outline(palette), window) >= 3);
    for (const auto &bubble : { Theme::ownBubble(palette), Theme::peerBubble(palette) })
        QVERIFY(Theme::contrast(Theme::plot(palette), bubble.background) >= 3); // the selected one
}

// G23: Fusion alone draws a dark box on the dark window.
void tst_GuidemoTheme::checkBoxHasAnOutline()
{
    QFETCH(const Theme::Mode, mode);
    const QPalette palette = applied(mode);
    QCheckBox box;
    box.setPalette(palette);
    const QImage image = box.grab().toImage();
    double best = 0;
    for (int x = 0; x < image.width(); ++x) {
        const QColor colour = image.pixelColor(x, image.height() / 2);
        best = std::max(best, Theme::contrast(colour, palette.color(QPalette::Window)));
    }
    QVERIFY2(best >= 3, qPrintable(QString::number(best)));
}

// G24: Fusion shows where the keyboard is in line edits only.
void tst_GuidemoTheme::focusIsSeen()
{
    QFETCH(const Theme::Mode, mode);
    const QPalette palette = applied(mode);
    QWidget window;
    window.setPalette(palette);
    QPlainTextEdit first(&window);
    QPlainTextEdit second(&window);
    first.resize(100, 50);
    second.setGeometry(0, 60, 100, 50);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    first.setFocus();
    const auto edge = [](QWidget *widget) { return widget->grab().toImage().pixelColor(50, 0); };
    QVERIFY(Theme::contrast(edge(&first), palette.color(QPalette::Window)) >= 3);
    QVERIFY(Theme::contrast(edge(&first), edge(&second)) >= 1.5);
}

// G23: the same text in each state, painted in two colours only, gives four pictures.
void tst_GuidemoTheme::chipIsMoreThanColour()
{
    using State = StateChip::State;
    std::set<QByteArray> shapes;
    for (const auto state : { State::Idle, State::Busy, State::Good, State::Bad }) {
        StateChip chip;
        chip.setState(state, u"the same"_s);
        chip.resize(chip.sizeHint());
        const QImage image = chip.grab().toImage();
        QByteArray shape;
        const QRgb window = chip.palette().color(QPalette::Window).rgb();
        for (int i = 0; i < image.width() * image.height(); ++i)
            shape.append(image.pixel(i % image.width(), i / image.width()) == window ? '0' : '1');
        shapes.insert(shape);
    }
    QCOMPARE(shapes.size(), 4U);
}

void tst_GuidemoTheme::chipElidesAndTellsAll()
{
    StateChip chip;
    const QString text = u"Address in use: 127.0.0.1:80 is taken by another program"_s;
    chip.setState(StateChip::State::Bad, text);
    QCOMPARE(chip.text(), text);
    QCOMPARE(chip.accessibleName(), text);
    QCOMPARE(chip.toolTip(), text);
    QVERIFY(chip.minimumSizeHint().width() < chip.sizeHint().width());
    QVERIFY(chip.sizeHint().width() > chip.fontMetrics().horizontalAdvance(text));
}

// G23
void tst_GuidemoTheme::widgetsFollowThePalette()
{
    Theme::apply(Theme::Mode::Light);
    QWidget window;
    auto *chip = new StateChip(&window);
    chip->setState(StateChip::State::Good, u"Connected"_s);
    auto *banner = new Banner(&window);
    banner->showMessage(Banner::Severity::Error, u"Lost"_s);
    window.resize(300, 200);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    const auto picture = [](QWidget *widget) { return widget->grab().toImage(); };
    const QImage chipBefore = picture(chip);
    const QImage bannerBefore = picture(banner);
    Theme::apply(Theme::Mode::Dark);
    QTRY_VERIFY(picture(chip) != chipBefore);
    QVERIFY(picture(banner) != bannerBefore);
    QCOMPARE(banner->palette().color(QPalette::Window),
             Theme::errorBanner(QApplication::palette()).background);
    Theme::apply(Theme::Mode::Light);
    QTRY_COMPARE(picture(chip), chipBefore);
    QCOMPARE(picture(banner), bannerBefore);
}

void tst_GuidemoTheme::bannerShowsAndHides()
{
    QWidget window;
    Banner banner(&window);
    window.show();
    QVERIFY(banner.isHidden());
    QSignalSpy triggered(&banner, &Banner::actionTriggered);
    QSignalSpy dismissed(&banner, &Banner::dismissed);
    banner.showMessage(Banner::Severity::Error, u"Connection lost"_s, u"why"_s, u"&Retry now"_s);
    QVERIFY(banner.isVisible());
    QCOMPARE(banner.text(), u"Connection lost"_s);
    QCOMPARE(banner.accessibleName(), u"Connection lost"_s);
    QTest::mouseClick(banner.findChild<QPushButton *>(u"bannerAction"_s), Qt::LeftButton);
    QCOMPARE(triggered.size(), 1);
    QVERIFY(banner.isVisible());
    QTest::mouseClick(banner.findChild<QToolButton *>(u"bannerDismiss"_s), Qt::LeftButton);
    QCOMPARE(dismissed.size(), 1);
    QVERIFY(banner.isHidden());
    banner.showMessage(Banner::Severity::Info, u"Only a text"_s);
    QVERIFY(banner.findChild<QPushButton *>(u"bannerAction"_s)->isHidden());
    QVERIFY(banner.findChild<QToolButton *>(u"bannerMore"_s)->isHidden());
    banner.dismiss();
    QVERIFY(banner.isHidden());
    QCOMPARE(dismissed.size(), 1); // by the user only
}

void tst_GuidemoTheme::bannerCountsDown()
{
    QWidget window;
    Banner banner(&window);
    window.show();
    auto *detail = banner.findChild<QLabel *>(u"bannerDetail"_s);
    auto *more = banner.findChild<QToolButton *>(u"bannerMore"_s);
    banner.showMessage(Banner::Severity::Error, u"Retrying in 2 s"_s, u"why"_s);
    QVERIFY(!detail->isVisible());
    QTest::mouseClick(more, Qt::LeftButton);
    QVERIFY(detail->isVisible());
    banner.showMessage(Banner::Severity::Error, u"Retrying in 1 s"_s, u"why"_s);
    QVERIFY(detail->isVisible()); // the user has opened it
    QCOMPARE(banner.text(), u"Retrying in 1 s"_s);
    banner.dismiss();
    banner.showMessage(Banner::Severity::Error, u"Retrying in 2 s"_s, u"why"_s);
    QVERIFY(!detail->isVisible());
}

void tst_GuidemoTheme::sparklineKeepsSixty()
{
    Sparkline line(u"Round trip"_s, u"ms"_s, 1);
    QCOMPARE(line.valueText(), u"no data yet"_s);
    QCOMPARE(line.accessibleName(), u"Round trip"_s);
    QCOMPARE(line.accessibleDescription(), u"no data yet"_s);
    for (int i = 0; i <= 100; ++i)
        line.addSample(i == 0 ? 5000 : 0.42);
    QCOMPARE(line.sampleCount(), 60);
    QCOMPARE(line.scaleTop(), 1.0); // the highest has left
    QCOMPARE(line.valueText(), u"0.4 ms"_s);
    line.addSample(1240);
    QCOMPARE(line.accessibleDescription(), u"1,240 ms now, at most 1,240 ms of late"_s);
    line.clear();
    QCOMPARE(line.sampleCount(), 0);
}

void tst_GuidemoTheme::singleSampleIsADot()
{
    Sparkline line(u"Rate"_s, u"msg/s"_s, 10);
    line.resize(line.sizeHint());
    line.addSample(std::nan(""));
    const QRect plot = line.rect().adjusted(0, line.fontMetrics().height() + 4, 0, 0);
    const QImage empty = line.grab(plot).toImage();
    line.addSample(5);
    QVERIFY(line.grab(plot).toImage() != empty);
}

void tst_GuidemoTheme::sparklineScaleHasAFloor()
{
    Sparkline line(u"Rate"_s, u"msg/s"_s, 10);
    QCOMPARE(line.scaleTop(), 10.0);
    line.addSample(3);
    QCOMPARE(line.scaleTop(), 10.0);
    line.addSample(25);
    QCOMPARE(line.scaleTop(), 25.0);
}

void tst_GuidemoTheme::sparklineSkipsGaps()
{
    Sparkline line(u"Rate"_s, u"msg/s"_s, 10);
    line.resize(line.sizeHint());
    const double none = std::nan("");
    line.addSample(none);
    QCOMPARE(line.scaleTop(), 10.0);
    QCOMPARE(line.valueText(), u"no data yet"_s);
    const QImage empty = line.grab().toImage();
    for (const double value : { 1.0, 19.0, none, 3.0, 7.0 })
        line.addSample(value);
    QCOMPARE(line.valueText(), u"7.0 msg/s"_s);
    QVERIFY(line.grab().toImage() != empty);
    QCOMPARE(line.scaleTop(), 19.0);
}

QTEST_MAIN(tst_GuidemoTheme)

#include "tst_guidemo_theme.moc"
