// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <messagedelegate.h>
#include <messagemodel.h>
#include <messageview.h>
#include <theme.h>

#include <QtGui/qaccessible.h>
#include <QtGui/qclipboard.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWidgets/qabstractbutton.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qscrollbar.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;
using Sender = Message::Sender;

class tst_GuidemoView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(Theme::Mode::Light); }
    void init();
    void cleanup();

    void linesArePainted();
    void ownAtTheRightPeersAtTheLeft();
    void nothingIsClipped_data();
    void nothingIsClipped();
    void longTextsAreCut();
    void bubbleKeepsItsPlace();
    void appendLaysOutFewTexts();
    void staysAtTheEnd();
    void readingDoesNotMove();
    void trimmedReadingBeginsAtTheTop();
    void pillCountsAndJumps();
    void dividerMarksTheFirstUnread();
    void clearForgetsTheUnread();
    void selectingTellsTheUid();
    void trimmedSelectionIsNoMore();
    void clearedSelectionIsNoMore();
    void clickOnNotSentRetries();
    void enterOnNotSentRetries();
    void findsFromTheNewest();
    void copies();
    void rowsHaveAccessibleNames();
    void placeholderShowsWhileEmpty();

private:
    void post(int count, const QByteArray &payload = "some words");
    void settle();
    QScrollBar *bar() { return m_view->verticalScrollBar(); }
    QModelIndex topRow() { return m_view->indexAt({ 1, 0 }); }
    MessageDelegate::Geometry geometryOf(int row);
    QAbstractButton *pill() { return m_view->findChild<QAbstractButton *>(u"unreadPill"_s); }

    std::unique_ptr<MessageModel> m_model;
    std::unique_ptr<MessageView> m_view;
};

void tst_GuidemoView::init()
{
    m_model = std::make_unique<MessageModel>();
    m_view = std::make_unique<MessageView>();
    m_view->setMessages(m_model.get());
    m_view->resize(500, 400);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
}

void tst_GuidemoView::cleanup()
{
    m_view.reset();
    m_model.reset();
}

void tst_GuidemoView::post(int count, const QByteArray &payload)
{
    for (int i = 0; i < count; ++i)
        m_model->post(i % 2 == 0 ? Sender::Me : Sender::Peer, payload);
    settle();
}

// Until the view has laid out what the model holds.
void tst_GuidemoView::settle()
{
    m_model->flush();
    for (int i = 0; i < 5; ++i)
        QCoreApplication::processEvents();
}

MessageDelegate::Geometry tst_GuidemoView::geometryOf(int row)
{
    QStyleOptionViewItem option;
    option.initFrom(m_view.get());
    option.font = m_view->font();
    option.rect = m_view->visualRect(m_model->index(row));
    return m_view->messageDelegate()->geometry(option, m_model->index(row));
}

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
    for (const QByteArray text : { "o", "o\no", "o\r\no", "o\ro", "o\no\no" })
        m_model->post(Sender::Peer, text);
    settle();
    const QImage image = m_view->viewport()->grab().toImage();
    const int expected[] = { 1, 2, 2, 2, 3 };
    for (int row = 0; row < 5; ++row) {
        QRect text = geometryOf(row).text.toAlignedRect();
        text.setWidth(QFontMetrics(m_view->font()).horizontalAdvance(u'o') + 2);
        QCOMPARE(bandCount(inkedRows(image, text)), expected[row]);
    }
    for (const int row : { 2, 3 })
        QCOMPARE(geometryOf(row).text.height(), geometryOf(1).text.height());
}

// G4
void tst_GuidemoView::ownAtTheRightPeersAtTheLeft()
{
    post(2);
    const QImage image = m_view->viewport()->grab().toImage();
    const QRectF own = geometryOf(0).bubble;
    const QRectF peer = geometryOf(1).bubble;
    const int width = m_view->viewport()->width();
    QVERIFY(own.left() > width / 2.0 && width - own.right() < 20);
    QVERIFY(peer.right() < width / 2.0 && peer.left() < 20);
    const QPalette palette = m_view->palette();
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
    QFETCH(const int, width);
    QFETCH(const double, fontScale);
    const quint64 uid = m_model->post(Sender::Me, QByteArray(300, 'w'), {}, Delivery::NotSent);
    m_model->post(Sender::Peer, QByteArray("words that have to wrap ").repeated(10));
    m_model->post(Sender::Me, "short", {}, Delivery::Echoed);
    m_model->setDelivery(uid + 2, Delivery::Echoed, 1234567us);
    m_model->post(Sender::Me, "f", u"a-long-name-of-a-file-without-a-space.jpeg"_s,
                  Delivery::Queued);
    settle();
    QFont font = m_view->font();
    font.setPointSizeF(font.pointSizeF() * fontScale);
    m_view->setFont(font);
    m_view->resize(std::max(width, m_view->minimumSizeHint().width()), 400);
    settle();
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QRect rect = m_view->visualRect(m_model->index(row));
        const auto geometry = geometryOf(row);
        QCOMPARE(geometry.height, rect.height());
        QVERIFY(QRectF(rect).contains(geometry.bubble));
        QVERIFY(geometry.bubble.contains(geometry.text));
        QVERIFY(geometry.bubble.contains(geometry.meta));
        QVERIFY(geometry.bubble.right() <= m_view->viewport()->width());
    }
}

void tst_GuidemoView::longTextsAreCut()
{
    m_model->post(Sender::Peer, QByteArray(20'000, '\n'));
    m_model->post(Sender::Peer, QByteArray("many words ").repeated(1000));
    m_model->post(Sender::Peer, QByteArray("few words ").repeated(10));
    settle();
    QCOMPARE(geometryOf(0).cut, u"Cut here; 19.53 KiB in all"_s);
    QCOMPARE(geometryOf(1).cut, u"Cut here; 10.74 KiB in all"_s);
    QCOMPARE(geometryOf(2).cut, QString());
    QVERIFY(geometryOf(0).height < 1000);
    m_view->resize(1500, 400);
    settle();
    QVERIFY(geometryOf(1).height < 300); // 2,000 characters are some lines
}

void tst_GuidemoView::bubbleKeepsItsPlace()
{
    const quint64 uid = m_model->post(Sender::Me, "hi", {}, Delivery::Queued);
    settle();
    const QRectF queued = geometryOf(0).bubble;
    m_model->setDelivery(uid, Delivery::Written);
    settle();
    QCOMPARE(geometryOf(0).bubble, queued);
    m_model->setDelivery(uid, Delivery::Echoed, 400us);
    settle();
    QCOMPARE(geometryOf(0).bubble, queued);
    m_model->setDelivery(uid, Delivery::NotSent);
    settle();
    QVERIFY(geometryOf(0).bubble.height() > queued.height()); // the offer to retry is a line
    QCOMPARE(geometryOf(0).height, m_view->visualRect(m_model->index(0)).height());
}

// G6
void tst_GuidemoView::appendLaysOutFewTexts()
{
    post(2000);
    const int before = m_view->messageDelegate()->layoutCount();
    post(1);
    m_view->viewport()->repaint();
    const int layouts = m_view->messageDelegate()->layoutCount() - before;
    QVERIFY2(layouts > 0 && layouts < 100, qPrintable(QString::number(layouts)));
    m_model->setDelivery(m_model->at(1000).uid, Delivery::Echoed);
    settle();
    QVERIFY(m_view->messageDelegate()->layoutCount() - before < 100);
}

// G8
void tst_GuidemoView::staysAtTheEnd()
{
    QWidget window;
    auto *layout = new QVBoxLayout(&window);
    auto *banner = new QLabel(u"something\nwith\nsome\nheight"_s);
    layout->addWidget(banner);
    layout->addWidget(m_view.get());
    const auto keep = qScopeGuard([this] { m_view->setParent(nullptr); });
    window.resize(500, 500);
    window.show();
    const auto isAtEnd = [this] {
        return bar()->maximum() > 0 && bar()->value() == bar()->maximum();
    };
    for (const auto &change : std::initializer_list<std::function<void()>>{
                 [&] { post(100); }, [&] { post(1, QByteArray("wrap ").repeated(100)); },
                 [&] { banner->hide(); }, [&] { banner->show(); }, [&] { window.resize(400, 300); },
                 [&] { window.resize(700, 600); }, [&] { post(MessageModel::MaximumRows); } }) {
        change();
        QTRY_VERIFY(isAtEnd());
        QVERIFY(m_view->isAtEnd());
        QCOMPARE(m_view->unreadCount(), 0);
    }
    QTRY_COMPARE(m_view->messageDelegate()->width(), m_view->viewport()->width());
    QVERIFY(isAtEnd());
}

// G9
void tst_GuidemoView::readingDoesNotMove()
{
    post(MessageModel::MaximumRows - 20);
    const int middle = 5000;
    m_view->scrollTo(m_model->index(middle), QAbstractItemView::PositionAtTop);
    bar()->setValue(bar()->value() + 7);
    const quint64 top = m_model->at(topRow().row()).uid;
    const int y = m_view->visualRect(topRow()).top();
    const auto isInPlace = [&] {
        return m_model->at(topRow().row()).uid == top && m_view->visualRect(topRow()).top() == y;
    };
    post(15);
    QVERIFY(isInPlace());
    m_model->setDelivery(top - 10, Delivery::NotSent); // one above grows
    settle();
    QVERIFY(isInPlace());
    post(45); // trims
    QVERIFY(m_model->rowCount() < MessageModel::MaximumRows - 20);
    QVERIFY(isInPlace());
    QCOMPARE(m_view->unreadCount(), 60);
    m_view->resize(500, 330);
    settle();
    QVERIFY(isInPlace());
    m_view->resize(360, 330);
    QTRY_COMPARE(m_view->messageDelegate()->width(), m_view->viewport()->width());
    QCOMPARE(m_model->at(topRow().row()).uid, top);
}

void tst_GuidemoView::trimmedReadingBeginsAtTheTop()
{
    post(MessageModel::MaximumRows);
    bar()->setValue(30);
    post(1);
    QCOMPARE(topRow().row(), 0);
    QCOMPARE(bar()->value(), 0);
    QCOMPARE(m_view->unreadCount(), 1);
}

// G9
void tst_GuidemoView::pillCountsAndJumps()
{
    post(100);
    QVERIFY(pill()->isHidden());
    bar()->setValue(0);
    post(60);
    QVERIFY(pill()->isVisible());
    QCOMPARE(pill()->text(), u"60 new"_s);
    QVERIFY(m_view->rect().contains(pill()->geometry()));
    QTest::mouseClick(pill(), Qt::LeftButton);
    QTRY_COMPARE(bar()->value(), bar()->maximum());
    QVERIFY(pill()->isHidden());
    QVERIFY(m_view->isAtEnd());
    post(5);
    QCOMPARE(bar()->value(), bar()->maximum());
    QVERIFY(pill()->isHidden());
}

// G10
void tst_GuidemoView::dividerMarksTheFirstUnread()
{
    post(100);
    bar()->setValue(0);
    post(3);
    post(3);
    for (const int row : { 99, 100, 101, 105 })
        QCOMPARE(!geometryOf(row).divider.isNull(), row == 100);
    QCOMPARE(geometryOf(100).height, m_view->visualRect(m_model->index(100)).height());
    m_view->scrollToEnd();
    settle();
    QVERIFY(geometryOf(100).divider.isNull());
    QCOMPARE(geometryOf(100).height, m_view->visualRect(m_model->index(100)).height());
    QCOMPARE(m_view->visualRect(m_model->index(101)).top(),
             m_view->visualRect(m_model->index(100)).bottom() + 1);
    QCOMPARE(bar()->value(), bar()->maximum());
}

void tst_GuidemoView::clearForgetsTheUnread()
{
    post(100);
    bar()->setValue(0);
    post(3);
    m_model->clear();
    settle();
    QCOMPARE(m_view->unreadCount(), 0);
    QVERIFY(pill()->isHidden());
    post(100);
    QVERIFY(m_view->isAtEnd());
    QCOMPARE(bar()->value(), bar()->maximum());
}

// G19
void tst_GuidemoView::selectingTellsTheUid()
{
    post(3);
    QSignalSpy selected(m_view.get(), &MessageView::messageSelected);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {},
                      m_view->visualRect(m_model->index(1)).center());
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected.at(0).at(0).toULongLong(), m_model->at(1).uid);
    QTest::keyClick(m_view.get(), Qt::Key_Down);
    QCOMPARE(selected.size(), 2);
    QCOMPARE(selected.at(1).at(0).toULongLong(), m_model->at(2).uid);
}

// A selection model would make its neighbour current, and the view scroll there.
void tst_GuidemoView::trimmedSelectionIsNoMore()
{
    post(MessageModel::MaximumRows);
    m_view->setCurrentIndex(m_model->index(5));
    m_view->scrollToEnd();
    QSignalSpy selected(m_view.get(), &MessageView::messageSelected);
    post(1);
    QVERIFY(m_view->isAtEnd());
    QCOMPARE(bar()->value(), bar()->maximum());
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected.at(0).at(0).toULongLong(), 0U);
    m_view->setCurrentIndex(m_model->index(m_model->rowCount() - 1));
    const quint64 kept = selected.at(1).at(0).toULongLong();
    post(MessageModel::MaximumRows / 20 + 1);
    QCOMPARE(selected.size(), 2);
    QCOMPARE(m_model->at(m_view->currentIndex().row()).uid, kept);
}

void tst_GuidemoView::clearedSelectionIsNoMore()
{
    post(3);
    m_view->setCurrentIndex(m_model->index(1));
    QSignalSpy selected(m_view.get(), &MessageView::messageSelected);
    m_model->clear();
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected.at(0).at(0).toULongLong(), 0U);
}

void tst_GuidemoView::clickOnNotSentRetries()
{
    const quint64 uid = m_model->post(Sender::Me, "lost", {}, Delivery::NotSent);
    m_model->post(Sender::Me, "written", {}, Delivery::Written);
    settle();
    QSignalSpy retries(m_view.get(), &MessageView::retryRequested);
    const auto click = [this](const QPointF &position) {
        QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, position.toPoint());
    };
    click(geometryOf(0).text.center());
    click(geometryOf(1).meta.center());
    QCOMPARE(retries.size(), 0);
    click(geometryOf(0).meta.center());
    QCOMPARE(retries.size(), 1);
    QCOMPARE(retries.at(0).at(0).toULongLong(), uid);
}

// G24
void tst_GuidemoView::enterOnNotSentRetries()
{
    const quint64 uid = m_model->post(Sender::Me, "lost", {}, Delivery::NotSent);
    m_model->post(Sender::Me, "written", {}, Delivery::Written);
    settle();
    QSignalSpy retries(m_view.get(), &MessageView::retryRequested);
    m_view->setCurrentIndex(m_model->index(1));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(retries.size(), 0);
    QTest::keyClick(m_view.get(), Qt::Key_Up);
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(retries.size(), 1);
    QCOMPARE(retries.at(0).at(0).toULongLong(), uid);
}

// G21
void tst_GuidemoView::findsFromTheNewest()
{
    for (int i = 0; i < 100; ++i)
        m_model->post(Sender::Me, i % 40 == 3 ? "A Needle here" : "hay");
    settle();
    QCOMPARE(m_view->find(u"needle"_s), 3);
    QCOMPARE(m_view->currentIndex().row(), 83);
    for (const int row : { 43, 3, 83 }) {
        QVERIFY(m_view->findNext());
        QCOMPARE(m_view->currentIndex().row(), row);
        QVERIFY(m_view->viewport()->rect().intersects(m_view->visualRect(m_view->currentIndex())));
    }
    const QImage found = m_view->viewport()->grab().toImage();
    QCOMPARE(m_view->find(QString()), 0);
    QVERIFY(found != m_view->viewport()->grab().toImage()); // the match was marked
    QVERIFY(!m_view->findNext());
    QCOMPARE(m_view->find(u"absent"_s), 0);
    QVERIFY(!m_view->findNext());
}

void tst_GuidemoView::copies()
{
    m_model->post(Sender::Me, "one\ntwo");
    m_model->post(Sender::Peer, QByteArray::fromHex("00ff"));
    settle();
    m_view->selectAll();
    QTest::keySequence(m_view.get(), QKeySequence::Copy);
    QCOMPARE(QGuiApplication::clipboard()->text(), u"one\ntwo\nBinary, 2 bytes: 00 ff"_s);
    m_view->copyAsHex();
    QCOMPARE(QGuiApplication::clipboard()->text(), u"6f 6e 65 0a 74 77 6f\n00 ff"_s);
}

// G24
void tst_GuidemoView::rowsHaveAccessibleNames()
{
    post(3);
    QAccessibleInterface *list = QAccessible::queryAccessibleInterface(m_view.get());
    QVERIFY(list);
    QCOMPARE(list->text(QAccessible::Name), u"Messages"_s);
    QCOMPARE(list->childCount(), 3);
    QCOMPARE(list->child(2)->text(QAccessible::Name), m_model->at(2).accessibleText());
}

void tst_GuidemoView::placeholderShowsWhileEmpty()
{
    const QImage blank = m_view->viewport()->grab().toImage();
    m_view->setPlaceholderText(u"Say hello"_s);
    QVERIFY(m_view->viewport()->grab().toImage() != blank);
    post(1);
    const QImage withText = m_view->viewport()->grab().toImage();
    m_view->setPlaceholderText(QString());
    QCOMPARE(m_view->viewport()->grab().toImage(), withText);
}

QTEST_MAIN(tst_GuidemoView)

#include "tst_guidemo_view.moc"
