// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "viewscene.h"

#include <theme.h>

#include <QtGui/qaccessible.h>
#include <QtGui/qclipboard.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qapplication.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;
using Sender = Message::Sender;

// How the messages are painted, and what can be done with them.
class tst_GuidemoView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(Theme::Mode::Light); }

    void linesArePainted();
    void ownAtTheRightPeersAtTheLeft();
    void nothingIsClipped_data();
    void nothingIsClipped();
    void longTextsAreCut();
    void directionControlsAreMarked();
    void bubbleKeepsItsPlace();
    void selectingTellsTheUid();
    void trimmedSelectionIsNoMore();
    void clearedSelectionIsNoMore();
    void clickOnNotSentRetries();
    void enterOnNotSentRetries();
    void findsFromTheNewest();
    void copies();
    void rowsHaveAccessibleNames();
    void placeholderShowsWhileEmpty();
};

// Rows of pixels in the area that hold anything of another colour than its first pixel.
static QList<bool> inkedRows(const QImage &image, const QRect &area)
{
    QList<bool> rows;
    const QRgb paper = image.pixel(area.topLeft());
    for (int y = area.top(); y <= area.bottom(); ++y) {
        bool isInked = false;
        for (int x = area.left(); x <= area.right() && !isInked; ++x)
            isInked = image.pixel(x, y) != paper;
        rows.append(isInked);
    }
    return rows;
}

static int bandCount(const QList<bool> &rows)
{
    int count = 0;
    for (qsizetype i = 0; i < rows.size(); ++i)
        count += rows.at(i) && (i == 0 || !rows.at(i - 1)) ? 1 : 0;
    return count;
}

// G3
void tst_GuidemoView::linesArePainted()
{
    ViewScene scene;
    for (const QByteArray text : { "o", "o\no", "o\r\no", "o\ro", "o\no\no" })
        scene.model.post(Sender::Peer, text);
    scene.settle();
    const QImage image = scene.view.viewport()->grab().toImage();
    const int expected[] = { 1, 2, 2, 2, 3 };
    for (int row = 0; row < 5; ++row) {
        QRect text = scene.geometryOf(row).text.toAlignedRect();
        text.setWidth(QFontMetrics(scene.view.font()).horizontalAdvance(u'o') + 2);
        QCOMPARE(bandCount(inkedRows(image, text)), expected[row]);
    }
    for (const int row : { 2, 3 })
        QCOMPARE(scene.geometryOf(row).text.height(), scene.geometryOf(1).text.height());
}

// G4
void tst_GuidemoView::ownAtTheRightPeersAtTheLeft()
{
    ViewScene scene;
    scene.post(2);
    const QImage image = scene.view.viewport()->grab().toImage();
    const QRectF own = scene.geometryOf(0).bubble;
    const QRectF peer = scene.geometryOf(1).bubble;
    const int width = scene.view.viewport()->width();
    QVERIFY(own.left() > width / 2.0 && width - own.right() < 20);
    QVERIFY(peer.right() < width / 2.0 && peer.left() < 20);
    const QPalette palette = scene.view.palette();
    const QPoint corner(4, 12);
    QCOMPARE(image.pixelColor(own.topLeft().toPoint() + corner),
             Theme::ownBubble(palette).background);
    QCOMPARE(image.pixelColor(peer.topLeft().toPoint() + corner),
             Theme::peerBubble(palette).background);
}

void tst_GuidemoView::nothingIsClipped_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<double>("fontScale");
    for (const int width : { 240, 330, 500, 900 }) {
        QTest::addRow("%d", width) << width << 1.0;
        QTest::addRow("%d-large", width) << width << 1.5;
    }
}

// G4
void tst_GuidemoView::nothingIsClipped()
{
    ViewScene scene;
    QFETCH(const int, width);
    QFETCH(const double, fontScale);
    const quint64 uid = scene.model.post(Sender::Me, QByteArray(300, 'w'), {}, Delivery::NotSent);
    scene.model.post(Sender::Peer, QByteArray("words that have to wrap ").repeated(10));
    scene.model.post(Sender::Me, "short", {}, Delivery::Echoed);
    scene.model.setDelivery(uid + 2, Delivery::Echoed, 1234567us);
    scene.model.post(Sender::Me, "f", u"a-long-name-of-a-file-without-a-space.jpeg"_s,
                     Delivery::Queued);
    scene.settle();
    QFont font = scene.view.font();
    font.setPointSizeF(font.pointSizeF() * fontScale);
    scene.view.setFont(font);
    scene.view.resize(std::max(width, scene.view.minimumSizeHint().width()), 400);
    scene.settle();
    for (int row = 0; row < scene.model.rowCount(); ++row) {
        const QRect rect = scene.view.visualRect(scene.model.index(row));
        const auto geometry = scene.geometryOf(row);
        QCOMPARE(geometry.height, rect.height());
        QVERIFY(QRectF(rect).contains(geometry.bubble));
        QVERIFY(geometry.bubble.contains(geometry.text));
        QVERIFY(geometry.bubble.contains(geometry.meta));
        QVERIFY(geometry.bubble.right() <= scene.view.viewport()->width());
    }
}

void tst_GuidemoView::longTextsAreCut()
{
    ViewScene scene;
    scene.model.post(Sender::Peer, QByteArray(20'000, '\n'));
    scene.model.post(Sender::Peer, QByteArray("many words ").repeated(1000));
    scene.model.post(Sender::Peer, QByteArray("few words ").repeated(10));
    scene.settle();
    QCOMPARE(scene.geometryOf(0).cut, u"Cut here; 19.53 KiB in all"_s);
    QCOMPARE(scene.geometryOf(1).cut, u"Cut here; 10.74 KiB in all"_s);
    QCOMPARE(scene.geometryOf(2).cut, QString());
    QVERIFY(scene.geometryOf(0).height < 1000);
    scene.view.resize(1500, 400);
    scene.settle();
    QVERIFY(scene.geometryOf(1).height < 300); // 2,000 characters are some lines
}

void tst_GuidemoView::directionControlsAreMarked()
{
    ViewScene scene;
    scene.model.post(Sender::Peer, u"a\u202eb\u2066c"_s.toUtf8());
    scene.model.post(Sender::Peer, u"a[U+202E]b[U+2066]c"_s.toUtf8());
    scene.settle();
    QCOMPARE(scene.geometryOf(0).bubble.width(), scene.geometryOf(1).bubble.width());
}

void tst_GuidemoView::bubbleKeepsItsPlace()
{
    ViewScene scene;
    const quint64 uid = scene.model.post(Sender::Me, "hi", {}, Delivery::Queued);
    scene.settle();
    const QRectF queued = scene.geometryOf(0).bubble;
    scene.model.setDelivery(uid, Delivery::Written);
    scene.settle();
    QCOMPARE(scene.geometryOf(0).bubble, queued);
    scene.model.setDelivery(uid, Delivery::Echoed, 400us);
    scene.settle();
    QCOMPARE(scene.geometryOf(0).bubble, queued);
    scene.model.setDelivery(uid, Delivery::NotSent);
    scene.settle();
    QVERIFY(scene.geometryOf(0).bubble.height() > queued.height()); // the offer to retry is a line
    QCOMPARE(scene.geometryOf(0).height, scene.view.visualRect(scene.model.index(0)).height());
}

// G19
void tst_GuidemoView::selectingTellsTheUid()
{
    ViewScene scene;
    scene.post(3);
    QSignalSpy selected(&scene.view, &MessageView::messageSelected);
    QTest::mouseClick(scene.view.viewport(), Qt::LeftButton, {},
                      scene.view.visualRect(scene.model.index(1)).center());
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected.at(0).at(0).toULongLong(), scene.model.at(1).uid);
    QTest::keyClick(&scene.view, Qt::Key_Down);
    QCOMPARE(selected.size(), 2);
    QCOMPARE(selected.at(1).at(0).toULongLong(), scene.model.at(2).uid);
}

// A selection model would make its neighbour current, and the view scroll there.
void tst_GuidemoView::trimmedSelectionIsNoMore()
{
    ViewScene scene;
    scene.post(MessageModel::MaximumRows);
    scene.view.setCurrentIndex(scene.model.index(5));
    scene.view.scrollToEnd();
    QSignalSpy selected(&scene.view, &MessageView::messageSelected);
    scene.post(1);
    QVERIFY(scene.view.isAtEnd());
    QCOMPARE(scene.bar()->value(), scene.bar()->maximum());
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected.at(0).at(0).toULongLong(), 0U);
    scene.view.setCurrentIndex(scene.model.index(scene.model.rowCount() - 1));
    const quint64 kept = selected.at(1).at(0).toULongLong();
    scene.post(MessageModel::MaximumRows / 20 + 1);
    QCOMPARE(selected.size(), 2);
    QCOMPARE(scene.model.at(scene.view.currentIndex().row()).uid, kept);
}

void tst_GuidemoView::clearedSelectionIsNoMore()
{
    ViewScene scene;
    scene.post(3);
    scene.view.setCurrentIndex(scene.model.index(1));
    QSignalSpy selected(&scene.view, &MessageView::messageSelected);
    scene.model.clear();
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected.at(0).at(0).toULongLong(), 0U);
}

void tst_GuidemoView::clickOnNotSentRetries()
{
    ViewScene scene;
    const quint64 uid = scene.model.post(Sender::Me, "lost", {}, Delivery::NotSent);
    scene.model.post(Sender::Me, "written", {}, Delivery::Written);
    scene.settle();
    QSignalSpy retries(&scene.view, &MessageView::retryRequested);
    const auto click = [&scene](const QPointF &position) {
        QTest::mouseClick(scene.view.viewport(), Qt::LeftButton, {}, position.toPoint());
    };
    click(scene.geometryOf(0).text.center());
    click(scene.geometryOf(1).meta.center());
    QCOMPARE(retries.size(), 0);
    click(scene.geometryOf(0).meta.center());
    QCOMPARE(retries.size(), 1);
    QCOMPARE(retries.at(0).at(0).toULongLong(), uid);
}

// G24
void tst_GuidemoView::enterOnNotSentRetries()
{
    ViewScene scene;
    const quint64 uid = scene.model.post(Sender::Me, "lost", {}, Delivery::NotSent);
    scene.model.post(Sender::Me, "written", {}, Delivery::Written);
    scene.settle();
    QSignalSpy retries(&scene.view, &MessageView::retryRequested);
    scene.view.setCurrentIndex(scene.model.index(1));
    QTest::keyClick(&scene.view, Qt::Key_Return);
    QCOMPARE(retries.size(), 0);
    QTest::keyClick(&scene.view, Qt::Key_Up);
    QTest::keyClick(&scene.view, Qt::Key_Return);
    QCOMPARE(retries.size(), 1);
    QCOMPARE(retries.at(0).at(0).toULongLong(), uid);
}

// G21
void tst_GuidemoView::findsFromTheNewest()
{
    ViewScene scene;
    for (int i = 0; i < 100; ++i)
        scene.model.post(Sender::Me, i % 40 == 3 ? "A Needle here" : "hay");
    scene.settle();
    QCOMPARE(scene.view.find(u"needle"_s), 3);
    QCOMPARE(scene.view.currentIndex().row(), 83);
    for (const int row : { 43, 3, 83 }) {
        QVERIFY(scene.view.findNext());
        QCOMPARE(scene.view.currentIndex().row(), row);
        QVERIFY(scene.view.viewport()->rect().intersects(
                scene.view.visualRect(scene.view.currentIndex())));
    }
    const QImage found = scene.view.viewport()->grab().toImage();
    QCOMPARE(scene.view.find(QString()), 0);
    QVERIFY(found != scene.view.viewport()->grab().toImage()); // the match was marked
    QVERIFY(!scene.view.findNext());
    QCOMPARE(scene.view.find(u"absent"_s), 0);
    QVERIFY(!scene.view.findNext());
}

void tst_GuidemoView::copies()
{
    ViewScene scene;
    scene.model.post(Sender::Me, "one\ntwo");
    scene.model.post(Sender::Peer, QByteArray::fromHex("00ff"));
    scene.settle();
    scene.view.selectAll();
    QTest::keySequence(&scene.view, QKeySequence::Copy);
    QCOMPARE(QGuiApplication::clipboard()->text(), u"one\ntwo\nBinary, 2 bytes: 00 ff"_s);
    scene.view.copyAsHex();
    QCOMPARE(QGuiApplication::clipboard()->text(), u"6f 6e 65 0a 74 77 6f\n00 ff"_s);
}

// G24
void tst_GuidemoView::rowsHaveAccessibleNames()
{
    ViewScene scene;
    scene.post(3);
    QAccessibleInterface *list = QAccessible::queryAccessibleInterface(&scene.view);
    QVERIFY(list);
    QCOMPARE(list->text(QAccessible::Name), u"Messages"_s);
    QCOMPARE(list->childCount(), 3);
    QCOMPARE(list->child(2)->text(QAccessible::Name), scene.model.at(2).accessibleText());
}

void tst_GuidemoView::placeholderShowsWhileEmpty()
{
    ViewScene scene;
    const QImage blank = scene.view.viewport()->grab().toImage();
    scene.view.setPlaceholderText(u"Say hello"_s);
    QVERIFY(scene.view.viewport()->grab().toImage() != blank);
    scene.post(1);
    const QImage withText = scene.view.viewport()->grab().toImage();
    scene.view.setPlaceholderText(QString());
    QCOMPARE(scene.view.viewport()->grab().toImage(), withText);
}

QTEST_MAIN(tst_GuidemoView)

#include "tst_guidemo_view.moc"
