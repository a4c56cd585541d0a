// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <frameview.h>
#include <theme.h>

#include <QtGui/qclipboard.h>
#include <QtGui/qguiapplication.h>
#include <QtTest/qtest.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qplaintextedit.h>
#include <QtWidgets/qpushbutton.h>

using namespace Qt::StringLiterals;

class tst_GuidemoFrame : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void showsHexAndAscii();
    void tintsLengthAndPayload();
    void tintDecodesToTheLengthShown_data();
    void tintDecodesToTheLengthShown();
    void narrowHasFewerBytesALine();
    void longFrameIsShownInPart();
    void emptyPayload();
    void copiesAsHex();
    void clearShowsNothing();
    void followsThePalette();

private:
    QPlainTextEdit *bytes() { return m_view->findChild<QPlainTextEdit *>(u"frameBytes"_s); }
    QLabel *label(const char *name) { return m_view->findChild<QLabel *>(QLatin1String(name)); }
    QString tinted(Theme::Tint tint);

    std::unique_ptr<FrameView> m_view;
};

static QByteArray frame(const QByteArray &payload)
{
    const auto size = quint32(payload.size());
    const char length[] = { char(size >> 24), char(size >> 16), char(size >> 8), char(size) };
    return QByteArray(length, 4) + payload;
}

void tst_GuidemoFrame::init()
{
    m_view = std::make_unique<FrameView>();
    m_view->resize(900, 300);
    m_view->show();
}

// What is tinted so, its selections joined by "|".
QString tst_GuidemoFrame::tinted(Theme::Tint tint)
{
    QStringList texts;
    const auto selections = bytes()->extraSelections();
    for (const auto &selection : selections) {
        if (selection.format.background().color() == Theme::tint(tint, qApp->palette()).background)
            texts.append(selection.cursor.selectedText());
    }
    return texts.join(u'|');
}

// G19
void tst_GuidemoFrame::showsHexAndAscii()
{
    m_view->showFrame(frame("two\nlines of text \xc3\xbc!"), 21);
    QCOMPARE(bytes()->toPlainText(),
             u"0000  00 00 00 15 74 77 6f 0a 6c 69 6e 65 73 20 6f 66  ....two.lines of\n"
             "0010  20 74 65 78 74 20 c3 bc 21                        text ..!"_s);
}

// G19
void tst_GuidemoFrame::tintsLengthAndPayload()
{
    m_view->showFrame(frame("hello, you there!"), 17);
    QCOMPARE(tinted(Theme::Tint::Length), u"00 00 00 11|...."_s);
    QCOMPARE(tinted(Theme::Tint::Payload),
             u"68 65 6c 6c 6f 2c 20 79 6f 75 20 74|hello, you t|68 65 72 65 21|here!"_s);
}

void tst_GuidemoFrame::tintDecodesToTheLengthShown_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << 0 << u"Length 0"_s;
    QTest::newRow("one") << 1 << u"Length 1"_s;
    QTest::newRow("two-bytes") << 4660 << u"Length 4,660"_s;
    QTest::newRow("three-bytes") << 70'000 << u"Length 70,000"_s;
}

// G19
void tst_GuidemoFrame::tintDecodesToTheLengthShown()
{
    QFETCH(const int, size);
    m_view->showFrame(frame(QByteArray(size, 'x')).left(65540), size);
    QString hex = tinted(Theme::Tint::Length).section(u'|', 0, 0);
    QCOMPARE(hex.remove(u' ').toInt(nullptr, 16), size);
    QTEST(label("frameLength")->text(), "text");
}

void tst_GuidemoFrame::narrowHasFewerBytesALine()
{
    m_view->showFrame(frame("0123456789"), 10);
    const double character = QFontMetricsF(bytes()->font()).horizontalAdvance(u'0');
    m_view->resize(int(character * 50), 300);
    QCOMPARE(bytes()->toPlainText(), u"0000  00 00 00 0a 30 31 32 33  ....0123\n"
                                     "0008  34 35 36 37 38 39        456789"_s);
    QCOMPARE(tinted(Theme::Tint::Length), u"00 00 00 0a|...."_s);
    QCOMPARE(tinted(Theme::Tint::Payload), u"30 31 32 33|0123|34 35 36 37 38 39|456789"_s);
    m_view->resize(900, 300);
    QCOMPARE(bytes()->document()->blockCount(), 1);
}

void tst_GuidemoFrame::longFrameIsShownInPart()
{
    m_view->showFrame(frame(QByteArray(65536, 'x')), 65536);
    QCOMPARE(bytes()->document()->blockCount(), int(FrameView::MaximumShown / 16));
    QCOMPARE(label("frameMore")->text(), u"First 4,096 of 65,540"_s);
    QVERIFY(label("frameMore")->isVisible());
    m_view->showFrame(frame("short"), 5);
    QVERIFY(label("frameMore")->isHidden());
}

void tst_GuidemoFrame::emptyPayload()
{
    m_view->showFrame(frame({}), 0);
    QCOMPARE(bytes()->toPlainText().simplified(), u"0000 00 00 00 00 ...."_s);
    QCOMPARE(tinted(Theme::Tint::Payload), QString());
    QVERIFY(label("frameLength")->isVisible());
}

// G19
void tst_GuidemoFrame::copiesAsHex()
{
    m_view->showFrame(frame("hi"), 2);
    QTest::mouseClick(m_view->findChild<QPushButton *>(u"frameCopy"_s), Qt::LeftButton);
    QCOMPARE(QGuiApplication::clipboard()->text(), u"00 00 00 02 68 69"_s);
}

void tst_GuidemoFrame::clearShowsNothing()
{
    m_view->showFrame(frame("hi"), 2);
    m_view->clear();
    QCOMPARE(bytes()->toPlainText(), QString());
    QVERIFY(label("frameLength")->isHidden());
    QVERIFY(!m_view->findChild<QPushButton *>(u"frameCopy"_s)->isEnabled());
}

// G23
void tst_GuidemoFrame::followsThePalette()
{
    for (const auto mode : { Theme::Mode::Dark, Theme::Mode::Light }) {
        m_view->showFrame(frame("hi"), 2);
        Theme::apply(mode);
        QTRY_COMPARE(tinted(Theme::Tint::Length), u"00 00 00 02|...."_s);
        QCOMPARE(label("frameLength")->palette().color(QPalette::Window),
                 Theme::tint(Theme::Tint::Length, qApp->palette()).background);
    }
}

QTEST_MAIN(tst_GuidemoFrame)

#include "tst_guidemo_frame.moc"
