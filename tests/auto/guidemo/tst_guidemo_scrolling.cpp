// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "viewscene.h"

#include <theme.h>

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qlabel.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;
using Sender = Message::Sender;

// Where the view stands while messages come and go.
class tst_GuidemoScrolling : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(Theme::Mode::Light); }

    void appendLaysOutFewTexts();
    void staysAtTheEnd();
    void readingDoesNotMove();
    void trimmedReadingBeginsAtTheTop();
    void pillCountsAndJumps();
    void dividerMarksTheFirstUnread();
    void clearForgetsTheUnread();
};

// G6
void tst_GuidemoScrolling::appendLaysOutFewTexts()
{
    ViewScene scene;
    scene.post(2000);
    const int before = scene.view.messageDelegate()->layoutCount();
    scene.post(1);
    scene.view.viewport()->repaint();
    const int layouts = scene.view.messageDelegate()->layoutCount() - before;
    QVERIFY2(layouts > 0 && layouts < 100, qPrintable(QString::number(layouts)));
    scene.model.setDelivery(scene.model.at(1000).uid, Delivery::Echoed);
    scene.settle();
    QVERIFY(scene.view.messageDelegate()->layoutCount() - before < 100);
}

// G8
void tst_GuidemoScrolling::staysAtTheEnd()
{
    ViewScene scene;
    QWidget window;
    auto *layout = new QVBoxLayout(&window);
    auto *banner = new QLabel(u"something\nwith\nsome\nheight"_s);
    layout->addWidget(banner);
    layout->addWidget(&scene.view);
    const auto keep = qScopeGuard([&scene] { scene.view.setParent(nullptr); });
    window.resize(500, 500);
    window.show();
    const auto isAtEnd = [&scene] {
        return scene.bar()->maximum() > 0 && scene.bar()->value() == scene.bar()->maximum();
    };
    for (const auto &change : std::initializer_list<std::function<void()>>{
                 [&] { scene.post(100); },
                 [&] { scene.post(1, QByteArray("wrap ").repeated(100)); }, [&] { banner->hide(); },
                 [&] { banner->show(); }, [&] { window.resize(400, 300); },
                 [&] { window.resize(700, 600); },
                 [&] { scene.post(MessageModel::MaximumRows); } }) {
        change();
        QTRY_VERIFY(isAtEnd());
        QVERIFY(scene.view.isAtEnd());
        QCOMPARE(scene.view.unreadCount(), 0);
    }
    QTRY_COMPARE(scene.view.messageDelegate()->width(), scene.view.viewport()->width());
    QVERIFY(isAtEnd());
}

// G9
void tst_GuidemoScrolling::readingDoesNotMove()
{
    ViewScene scene;
    scene.post(MessageModel::MaximumRows - 20);
    const int middle = 5000;
    scene.view.scrollTo(scene.model.index(middle), QAbstractItemView::PositionAtTop);
    scene.bar()->setValue(scene.bar()->value() + 7);
    const quint64 top = scene.model.at(scene.topRow().row()).uid;
    const int y = scene.view.visualRect(scene.topRow()).top();
    const auto isInPlace = [&] {
        return scene.model.at(scene.topRow().row()).uid == top
               && scene.view.visualRect(scene.topRow()).top() == y;
    };
    scene.post(15);
    QVERIFY(isInPlace());
    scene.model.setDelivery(top - 10, Delivery::NotSent); // one above grows
    scene.settle();
    QVERIFY(isInPlace());
    scene.post(45); // trims
    QVERIFY(scene.model.rowCount() < MessageModel::MaximumRows - 20);
    QVERIFY(isInPlace());
    QCOMPARE(scene.view.unreadCount(), 60);
    scene.view.resize(500, 330);
    scene.settle();
    QVERIFY(isInPlace());
    scene.view.resize(360, 330);
    QTRY_COMPARE(scene.view.messageDelegate()->width(), scene.view.viewport()->width());
    QCOMPARE(scene.model.at(scene.topRow().row()).uid, top);
}

void tst_GuidemoScrolling::trimmedReadingBeginsAtTheTop()
{
    ViewScene scene;
    scene.post(MessageModel::MaximumRows);
    scene.bar()->setValue(30);
    scene.post(1);
    QCOMPARE(scene.topRow().row(), 0);
    QCOMPARE(scene.bar()->value(), 0);
    QCOMPARE(scene.view.unreadCount(), 1);
}

// G9
void tst_GuidemoScrolling::pillCountsAndJumps()
{
    ViewScene scene;
    scene.post(100);
    QVERIFY(scene.pill()->isHidden());
    scene.bar()->setValue(0);
    scene.post(60);
    QVERIFY(scene.pill()->isVisible());
    QCOMPARE(scene.pill()->text(), u"60 new"_s);
    QVERIFY(scene.view.rect().contains(scene.pill()->geometry()));
    QTest::mouseClick(scene.pill(), Qt::LeftButton);
    QTRY_COMPARE(scene.bar()->value(), scene.bar()->maximum());
    QVERIFY(scene.pill()->isHidden());
    QVERIFY(scene.view.isAtEnd());
    scene.post(5);
    QCOMPARE(scene.bar()->value(), scene.bar()->maximum());
    QVERIFY(scene.pill()->isHidden());
}

// G10
void tst_GuidemoScrolling::dividerMarksTheFirstUnread()
{
    ViewScene scene;
    scene.post(100);
    scene.bar()->setValue(0);
    scene.post(3);
    scene.post(3);
    for (const int row : { 99, 100, 101, 105 })
        QCOMPARE(!scene.geometryOf(row).divider.isNull(), row == 100);
    QCOMPARE(scene.geometryOf(100).height, scene.view.visualRect(scene.model.index(100)).height());
    scene.view.scrollToEnd();
    scene.settle();
    QVERIFY(scene.geometryOf(100).divider.isNull());
    QCOMPARE(scene.geometryOf(100).height, scene.view.visualRect(scene.model.index(100)).height());
    QCOMPARE(scene.view.visualRect(scene.model.index(101)).top(),
             scene.view.visualRect(scene.model.index(100)).bottom() + 1);
    QCOMPARE(scene.bar()->value(), scene.bar()->maximum());
}

void tst_GuidemoScrolling::clearForgetsTheUnread()
{
    ViewScene scene;
    scene.post(100);
    scene.bar()->setValue(0);
    scene.post(3);
    scene.model.clear();
    scene.settle();
    QCOMPARE(scene.view.unreadCount(), 0);
    QVERIFY(scene.pill()->isHidden());
    scene.post(100);
    QVERIFY(scene.view.isAtEnd());
    QCOMPARE(scene.bar()->value(), scene.bar()->maximum());
}

QTEST_MAIN(tst_GuidemoScrolling)

#include "tst_guidemo_scrolling.moc"
