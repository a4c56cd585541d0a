// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <composer.h>

#include <QtCore/qmimedata.h>
#include <QtCore/qurl.h>
#include <QtGui/qclipboard.h>
#include <QtGui/qguiapplication.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qscrollbar.h>

using namespace Qt::StringLiterals;

class tst_GuidemoComposer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void enterSubmits_data();
    void enterSubmits();
    void shiftEnterBreaksTheLine();
    void otherEntersDoNothing();
    void blankIsIgnored();
    void tellsWhetherThereIsSomething();
    void historyKeepsTheDraft();
    void historyIsBounded();
    void growsWithItsText();
    void filesAreNotText();
    void linksAreText();

private:
    std::unique_ptr<Composer> m_composer;
    std::unique_ptr<QSignalSpy> m_submitted;
};

void tst_GuidemoComposer::init()
{
    m_submitted.reset();
    m_composer = std::make_unique<Composer>();
    m_submitted = std::make_unique<QSignalSpy>(m_composer.get(), &Composer::submitted);
    m_composer->resize(400, 80);
    m_composer->show();
}

void tst_GuidemoComposer::enterSubmits_data()
{
    QTest::addColumn<Qt::Key>("key");
    QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
    QTest::newRow("return") << Qt::Key_Return << Qt::KeyboardModifiers();
    QTest::newRow("keypad") << Qt::Key_Enter << Qt::KeyboardModifiers(Qt::KeypadModifier);
}

// G3
void tst_GuidemoComposer::enterSubmits()
{
    QFETCH(const Qt::Key, key);
    QFETCH(const Qt::KeyboardModifiers, modifiers);
    QTest::keyClicks(m_composer.get(), u" hi "_s);
    QTest::keyClick(m_composer.get(), key, modifiers);
    QCOMPARE(m_submitted->size(), 1);
    QCOMPARE(m_submitted->at(0).at(0).toString(), u" hi "_s);
    QCOMPARE(m_composer->toPlainText(), QString());
}

// G3
void tst_GuidemoComposer::shiftEnterBreaksTheLine()
{
    QTest::keyClicks(m_composer.get(), u"a"_s);
    QTest::keyClick(m_composer.get(), Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClicks(m_composer.get(), u"b"_s);
    QCOMPARE(m_submitted->size(), 0);
    QTest::keyClick(m_composer.get(), Qt::Key_Return);
    QCOMPARE(m_submitted->size(), 1);
    QCOMPARE(m_submitted->at(0).at(0).toString(), u"a\nb"_s);
}

// Ctrl+Return belongs to the window: it connects.
void tst_GuidemoComposer::otherEntersDoNothing()
{
    QTest::keyClicks(m_composer.get(), u"a"_s);
    for (const auto modifier : { Qt::ControlModifier, Qt::AltModifier })
        QTest::keyClick(m_composer.get(), Qt::Key_Return, modifier);
    QCOMPARE(m_submitted->size(), 0);
}

// G3
void tst_GuidemoComposer::blankIsIgnored()
{
    for (const QString &text : { QString(), u"  "_s, u" \n\t\n"_s }) {
        m_composer->setPlainText(text);
        QTest::keyClick(m_composer.get(), Qt::Key_Return);
        m_composer->submit();
        QCOMPARE(m_submitted->size(), 0);
        QCOMPARE(m_composer->toPlainText(), text);
    }
    QCOMPARE(m_composer->history(), QStringList());
}

void tst_GuidemoComposer::tellsWhetherThereIsSomething()
{
    QSignalSpy changed(m_composer.get(), &Composer::submittableChanged);
    QTest::keyClicks(m_composer.get(), u"  "_s);
    QCOMPARE(changed.size(), 0);
    QTest::keyClicks(m_composer.get(), u"hi"_s);
    QTest::keyClick(m_composer.get(), Qt::Key_Return);
    QCOMPARE(changed.size(), 2);
    QCOMPARE(changed.at(0).at(0).toBool(), true);
    QCOMPARE(changed.at(1).at(0).toBool(), false);
}

void tst_GuidemoComposer::historyKeepsTheDraft()
{
    for (const QString &text : { u"one"_s, u"two"_s, u"two"_s }) {
        m_composer->setPlainText(text);
        m_composer->submit();
    }
    QCOMPARE(m_composer->history(), (QStringList{ u"one"_s, u"two"_s }));
    QTest::keyClicks(m_composer.get(), u"draft"_s);
    const auto press = [this](Qt::Key key) {
        QTest::keyClick(m_composer.get(), key, Qt::ControlModifier);
        return m_composer->toPlainText();
    };
    QCOMPARE(press(Qt::Key_Down), u"draft"_s);
    QCOMPARE(press(Qt::Key_Up), u"two"_s);
    QCOMPARE(press(Qt::Key_Up), u"one"_s);
    QCOMPARE(press(Qt::Key_Up), u"one"_s);
    QCOMPARE(press(Qt::Key_Down), u"two"_s);
    QCOMPARE(press(Qt::Key_Down), u"draft"_s);
    QTest::keyClicks(m_composer.get(), u"!"_s); // the cursor is at its end
    QCOMPARE(m_composer->toPlainText(), u"draft!"_s);
}

void tst_GuidemoComposer::historyIsBounded()
{
    for (int i = 0; i < Composer::MaximumHistory + 5; ++i) {
        m_composer->setPlainText(QString::number(i));
        m_composer->submit();
    }
    QCOMPARE(m_composer->history().size(), Composer::MaximumHistory);
    QCOMPARE(m_composer->history().constFirst(), u"5"_s);
}

void tst_GuidemoComposer::growsWithItsText()
{
    QWidget window;
    auto *layout = new QVBoxLayout(&window);
    layout->addStretch();
    layout->addWidget(m_composer.get());
    const auto keep = qScopeGuard([this] { m_composer->setParent(nullptr); });
    window.resize(400, 500);
    window.show();
    const auto heightWith = [&](const QString &text) {
        m_composer->setPlainText(text);
        layout->activate();
        return m_composer->height();
    };
    const int line = m_composer->fontMetrics().lineSpacing();
    const int low = heightWith(u"one"_s);
    QCOMPARE(heightWith(u"one\ntwo"_s), low);
    QCOMPARE(heightWith(u"one\ntwo\nthree\nfour"_s), low + 2 * line);
    QCOMPARE(m_composer->verticalScrollBar()->maximum(), 0); // all is in sight
    QCOMPARE(heightWith(QString(50, u'\n')), low + 4 * line);
    QCOMPARE(heightWith(QString()), low);
}

void tst_GuidemoComposer::filesAreNotText()
{
    QSignalSpy files(m_composer.get(), &Composer::filesDropped);
    auto *data = new QMimeData;
    data->setUrls({ QUrl::fromLocalFile(u"/tmp/a"_s), QUrl::fromLocalFile(u"/tmp/b c"_s) });
    QGuiApplication::clipboard()->setMimeData(data);
    QVERIFY(m_composer->canPaste());
    m_composer->paste();
    QCOMPARE(files.size(), 1);
    QCOMPARE(files.at(0).at(0).toStringList(), (QStringList{ u"/tmp/a"_s, u"/tmp/b c"_s }));
    QCOMPARE(m_composer->toPlainText(), QString());
}

void tst_GuidemoComposer::linksAreText()
{
    QSignalSpy files(m_composer.get(), &Composer::filesDropped);
    auto *data = new QMimeData;
    data->setUrls({ QUrl(u"https://example.org/x"_s) });
    data->setText(u"https://example.org/x"_s);
    QGuiApplication::clipboard()->setMimeData(data);
    m_composer->paste();
    QCOMPARE(files.size(), 0);
    QCOMPARE(m_composer->toPlainText(), u"https://example.org/x"_s);
}

QTEST_MAIN(tst_GuidemoComposer)

#include "tst_guidemo_composer.moc"
