// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <connectform.h>
#include <findbar.h>
#include <messageview.h>
#include <transferbar.h>

#include <QtCore/qtranslator.h>
#include <QtGui/qaccessible.h>
#include <QtGui/qaction.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qabstractbutton.h>
#include <QtWidgets/qcombobox.h>
#include <QtWidgets/qgroupbox.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qmenubar.h>
#include <QtWidgets/qmessagebox.h>
#include <QtWidgets/qplaintextedit.h>
#include <QtWidgets/qspinbox.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;

namespace {

// Marks all that can be translated.
class PseudoLocale : public QTranslator
{
public:
    bool isEmpty() const override { return false; }
    QString translate(const char *, const char *source, const char *, int) const override
    {
        return u'\u27e6' + QString::fromUtf8(source) + u'\u27e7';
    }
};

// Names of things, figures and what the server or the user has said.
bool isNoText(const QString &text)
{
    static const QRegularExpression figures(u"^[\\d.:,\\s]*$"_s);
    return text.isEmpty() || text.startsWith(u'\u27e6') || figures.match(text).hasMatch();
}

QStringList textsOf(const QWidget *widget)
{
    QStringList texts{ widget->toolTip(), widget->accessibleName() };
    if (const auto *label = qobject_cast<const QLabel *>(widget))
        texts.append(label->text());
    if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
        texts.append(button->text());
    if (const auto *group = qobject_cast<const QGroupBox *>(widget))
        texts.append(group->title());
    if (const auto *edit = qobject_cast<const QLineEdit *>(widget))
        texts.append(edit->placeholderText());
    if (const auto *edit = qobject_cast<const QPlainTextEdit *>(widget))
        texts.append(edit->placeholderText());
    if (const auto *view = qobject_cast<const MessageView *>(widget))
        texts.append(view->placeholderText());
    if (const auto *spin = qobject_cast<const QSpinBox *>(widget))
        texts.append(spin->specialValueText());
    return texts;
}

// Of all that Alt and a letter reach now.
QStringList mnemonicsOf(const QMainWindow &window)
{
    QStringList texts;
    const auto widgets = window.findChildren<QWidget *>();
    for (const QWidget *widget : widgets) {
        const auto *const label = qobject_cast<const QLabel *>(widget);
        const auto *const button = qobject_cast<const QAbstractButton *>(widget);
        if (widget->isVisible() && label && label->buddy())
            texts.append(label->text());
        else if (widget->isVisible() && button)
            texts.append(button->text());
    }
    const auto menus = window.menuBar()->actions();
    for (const QAction *menu : menus)
        texts.append(menu->text());
    QStringList keys;
    for (const QString &text : std::as_const(texts))
        keys.append(QKeySequence::mnemonic(text).toString());
    keys.removeAll(QString());
    keys.sort();
    return keys;
}

void verifyUnique(const QStringList &keys)
{
    QStringList unique = keys;
    unique.removeDuplicates();
    QVERIFY2(unique == keys, qPrintable(keys.join(u' ')));
    QVERIFY(keys.size() > 15);
}

} // namespace

class tst_GuidemoAccess : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }

    void focusableWidgetsAreNamed();
    void rowsAreNamed();
    void byKeyboardAlone();
    void pseudoLocaleFindsNoBareText();
    void shortcutsAreListed();
    void mnemonicsAreUnique();

private:
    std::unique_ptr<DemoWindow> m_window;
};

void tst_GuidemoAccess::init()
{
    failOnFaults();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

// G24
void tst_GuidemoAccess::focusableWidgetsAreNamed()
{
    m_window->clientPanel()->findBar()->open();
    m_window->widget<Banner>("clientBanner")
            ->showMessage(Banner::Severity::Error, u"text"_s, u"detail"_s, u"Action"_s);
    QStringList unnamed;
    const auto widgets = m_window->findChildren<QWidget *>();
    for (QWidget *widget : widgets) {
        if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible())
            continue;
        const QAccessibleInterface *const seen = QAccessible::queryAccessibleInterface(widget);
        if (!seen || seen->text(QAccessible::Name).isEmpty() || widget->objectName().isEmpty())
            unnamed.append(QLatin1String(widget->metaObject()->className()) + u' '
                           + widget->objectName());
    }
    QVERIFY2(unnamed.isEmpty(), qPrintable(unnamed.join(u", "_s)));
}

// G24
void tst_GuidemoAccess::rowsAreNamed()
{
    m_window->say(u"hi"_s);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::Echoed);
    m_window->clientPanel()->messages()->flush();
    const QAccessibleInterface *const list =
            QAccessible::queryAccessibleInterface(m_window->clientPanel()->view());
    QVERIFY(list);
    const QString own = list->child(0)->text(QAccessible::Name);
    for (const QString &word :
         { u"You"_s, m_window->message(0).time.toString(u"HH:mm:ss"_s), u"hi"_s, u"echoed"_s })
        QVERIFY2(own.contains(word), qPrintable(own));
}

// G24: connected, a message, an unreachable server, and back
void tst_GuidemoAccess::byKeyboardAlone()
{
    const auto press = [this](Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
        QTest::keyClick(m_window->focusWidget(), key, modifiers);
    };
    const quint16 port = m_window->serverPanel()->server()->serverPort();
    QTest::keyClicks(m_window->focusWidget(), u"hi"_s);
    press(Qt::Key_Return);
    QTRY_COMPARE(m_window->messageCount(), 2);
    press(Qt::Key_Return, Qt::ControlModifier); // disconnects
    GruvClient *const client = m_window->clientPanel()->client();
    QTRY_VERIFY(client->state() == GruvClient::State::Offline);
    press(Qt::Key_L, Qt::ControlModifier);
    QCOMPARE(m_window->focusWidget(), m_window->widget<QComboBox>("host"));
    QTest::keyClicks(m_window->focusWidget(), u"nowhere.invalid"_s);
    press(Qt::Key_Tab);
    QVERIFY(m_window->widget<QSpinBox>("port")->hasFocus());
    press(Qt::Key_Return, Qt::ControlModifier);
    auto *const banner = m_window->widget<Banner>("clientBanner");
    QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), 20'000);
    QVERIFY(banner->text().contains(u"nowhere.invalid:%1"_s.arg(port)));
    press(Qt::Key_Return, Qt::ControlModifier); // cancels
    QTRY_VERIFY(client->state() == GruvClient::State::Offline);
    press(Qt::Key_L, Qt::ControlModifier);
    QTest::keyClicks(m_window->focusWidget(), u"127.0.0.1"_s);
    press(Qt::Key_Return);
    QTRY_VERIFY(m_window->isOnline());
    press(Qt::Key_M, Qt::ControlModifier);
    QTest::keyClicks(m_window->focusWidget(), u"back"_s);
    press(Qt::Key_Return);
    QTRY_COMPARE(m_window->messageCount(), 4);
}

// G24
void tst_GuidemoAccess::pseudoLocaleFindsNoBareText()
{
    PseudoLocale pseudo;
    QCoreApplication::installTranslator(&pseudo);
    m_window.reset();
    init();
    m_window->clientPanel()->findBar()->open();
    QStringList bare;
    const auto widgets = m_window->findChildren<QWidget *>();
    for (const QWidget *widget : widgets) {
        for (const QString &text : textsOf(widget)) {
            if (!isNoText(text) && !widget->objectName().startsWith(u"qt_"_s))
                bare.append(widget->objectName() + u": "_s + text);
        }
    }
    const auto actions = m_window->findChildren<QAction *>();
    for (const QAction *action : actions) {
        if (!isNoText(action->text()))
            bare.append(action->text());
    }
    QCoreApplication::removeTranslator(&pseudo);
    QVERIFY2(bare.isEmpty(), qPrintable(bare.join(u'\n')));
}

void tst_GuidemoAccess::shortcutsAreListed()
{
    QTest::keyClick(m_window.get(), Qt::Key_F1);
    auto *const sheet = m_window->widget<QMessageBox>("shortcuts");
    QVERIFY(sheet->isVisible());
    QVERIFY(!sheet->isModal());
    const auto actions = m_window->findChildren<QAction *>();
    for (const QAction *action : actions) {
        const QString keys = action->shortcut().toString();
        if (keys.startsWith(u"Ctrl+"_s) && keys != u"Ctrl+Q"_s)
            QVERIFY2(sheet->text().contains(keys), qPrintable(keys));
    }
}

// In each state of the connection, with all that may be shown.
void tst_GuidemoAccess::mnemonicsAreUnique()
{
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 3600s;
    m_window->clientPanel()->setReconnectPolicy(policy);
    m_window->clientPanel()->findBar()->open();
    m_window->findChild<TransferBar *>()->begin(u"x"_s, 1);
    verifyUnique(mnemonicsOf(*m_window)); // online
    GruvClient *const client = m_window->clientPanel()->client();
    m_window->serverPanel()->stop();
    QTRY_VERIFY(client->state() == GruvClient::State::Waiting);
    verifyUnique(mnemonicsOf(*m_window));
    m_window->clientPanel()->form()->trigger();
    QTRY_VERIFY(client->state() == GruvClient::State::Offline);
    verifyUnique(mnemonicsOf(*m_window));
}

QTEST_MAIN(tst_GuidemoAccess)
#include "tst_guidemo_access.moc"
