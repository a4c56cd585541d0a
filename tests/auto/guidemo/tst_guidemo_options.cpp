// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <connectform.h>
#include <demooptions.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWidgets/qcombobox.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qspinbox.h>

using namespace Qt::StringLiterals;

class tst_GuidemoOptions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void without();
    void panes_data();
    void panes();
    void values();
    void refused_data();
    void refused();
    void printed();
    void scriptedRunsRememberNothing();
    void endpoints_data();
    void endpoints();
    void portTakesNoNonsense_data();
    void portTakesNoNonsense();
    void emptyHostDisablesConnect();
    void hostsAreRemembered();
    void buttonSaysWhatItDoes();

private:
    static DemoOptions::Parsed parse(const QString &line)
    {
        return DemoOptions::parse((u"gruvsocks-demo "_s + line).split(u' ', Qt::SkipEmptyParts));
    }
};

void tst_GuidemoOptions::without()
{
    const auto parsed = parse({});
    QVERIFY(parsed.options);
    QCOMPARE(parsed.options->panes, DemoOptions::Panes::Both);
    QVERIFY(parsed.options->autostart);
    QVERIFY(!parsed.options->isScripted());
    QVERIFY(!parsed.options->size.isValid());
    QCOMPARE(parsed.options->exitAfter, -1);
}

void tst_GuidemoOptions::panes_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<DemoOptions::Panes>("panes");
    QTest::addColumn<int>("serverPort");
    QTest::addColumn<QString>("target");
    using Panes = DemoOptions::Panes;
    QTest::newRow("server") << u"--server"_s << Panes::Server << 0 << u":0"_s;
    QTest::newRow("server-port") << u"--server 5551"_s << Panes::Server << 5551 << u":0"_s;
    QTest::newRow("server-any") << u"--server 0"_s << Panes::Server << 0 << u":0"_s;
    QTest::newRow("client") << u"--client chat.example:5551"_s << Panes::Client << 0
                            << u"chat.example:5551"_s;
    QTest::newRow("client-ipv6") << u"--client=[::1]:65535"_s << Panes::Client << 0
                                 << u"[::1]:65535"_s;
}

void tst_GuidemoOptions::panes()
{
    QFETCH(QString, line);
    const auto parsed = parse(line);
    QVERIFY2(parsed.options, qPrintable(parsed.text));
    QTEST(parsed.options->panes, "panes");
    QTEST(int(parsed.options->serverPort), "serverPort");
    QTEST(parsed.options->target.toString(), "target");
}

void tst_GuidemoOptions::values()
{
    const auto parsed = parse(u"--no-autostart --theme dark --scene wrap --screenshot a.png "
                              "--size 720x480 --settings b.ini --exit-after 1500"_s);
    QVERIFY2(parsed.options, qPrintable(parsed.text));
    QVERIFY(!parsed.options->autostart);
    QCOMPARE(parsed.options->theme, Theme::Mode::Dark);
    QVERIFY(parsed.options->hasTheme);
    QCOMPARE(parsed.options->scene, u"wrap"_s);
    QCOMPARE(parsed.options->screenshot, u"a.png"_s);
    QCOMPARE(parsed.options->size, QSize(720, 480));
    QCOMPARE(parsed.options->settingsFile, u"b.ini"_s);
    QCOMPARE(parsed.options->exitAfter, 1500);
    QCOMPARE(parse(u"--flood 10000"_s).options->flood, 10000);
}

void tst_GuidemoOptions::refused_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("named"); // in what is said
    QTest::newRow("unknown") << u"--wrong"_s << u"wrong"_s;
    QTest::newRow("port-text") << u"--server abc"_s << u"abc"_s;
    QTest::newRow("port-65536") << u"--server 65536"_s << u"65536"_s;
    QTest::newRow("port-without-server") << u"5551"_s << u"5551"_s;
    QTest::newRow("client-0") << u"--client localhost:0"_s << u"localhost:0"_s;
    QTest::newRow("client-no-port") << u"--client localhost"_s << u"localhost"_s;
    QTest::newRow("client-no-host") << u"--client :5551"_s << u":5551"_s;
    QTest::newRow("both") << u"--server --client a:1"_s << u"--server and --client"_s;
    QTest::newRow("theme") << u"--theme pink"_s << u"pink"_s;
    QTest::newRow("scene") << u"--scene finale"_s << u"finale"_s;
    QTest::newRow("size") << u"--size 720"_s << u"720"_s;
    QTest::newRow("size-tiny") << u"--size 1x1"_s << u"1x1"_s;
    QTest::newRow("flood-0") << u"--flood 0"_s << u"--flood"_s;
    QTest::newRow("flood-and-scene") << u"--flood 5 --scene hello"_s << u"--flood"_s;
    QTest::newRow("picture-of-a-client") << u"--client a:1 --screenshot a.png"_s << u"both"_s;
    QTest::newRow("exit-after") << u"--exit-after soon"_s << u"soon"_s;
}

void tst_GuidemoOptions::refused()
{
    QFETCH(QString, line);
    QFETCH(QString, named);
    const auto parsed = parse(line);
    QVERIFY(!parsed.options);
    QCOMPARE(parsed.status, 2);
    QVERIFY2(parsed.text.contains(named), qPrintable(parsed.text));
}

void tst_GuidemoOptions::printed()
{
    const auto help = parse(u"--help"_s);
    QVERIFY(!help.options);
    QCOMPARE(help.status, 0);
    for (const QString &name : { u"--server"_s, u"--screenshot"_s, u"hello"_s })
        QVERIFY2(help.text.contains(name), qPrintable(help.text));
    const auto version = parse(u"--version"_s);
    QCOMPARE(version.status, 0);
    QVERIFY(version.text.startsWith(u"gruvsocks-demo "_s));
}

void tst_GuidemoOptions::scriptedRunsRememberNothing()
{
    QVERIFY(parse(u"--scene hello"_s).options->isScripted());
    QVERIFY(parse(u"--screenshot a.png"_s).options->isScripted());
    QVERIFY(parse(u"--flood 1"_s).options->isScripted());
}

void tst_GuidemoOptions::endpoints_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("host"); // empty: refused
    QTest::newRow("name") << u"localhost:1"_s << u"localhost"_s;
    QTest::newRow("ipv4") << u"127.0.0.1:1"_s << u"127.0.0.1"_s;
    QTest::newRow("ipv6") << u"[fe80::1%eth0]:1"_s << u"fe80::1%eth0"_s;
    QTest::newRow("ipv6-without-brackets") << u"::1:5551"_s << QString();
    QTest::newRow("empty") << QString() << QString();
    QTest::newRow("negative") << u"a:-1"_s << QString();
    QTest::newRow("colon-alone") << u":"_s << QString();
}

void tst_GuidemoOptions::endpoints()
{
    QFETCH(QString, text);
    QFETCH(QString, host);
    const auto endpoint = Endpoint::parse(text);
    QCOMPARE(endpoint.has_value(), !host.isEmpty());
    if (endpoint)
        QCOMPARE(endpoint->host, host);
}

void tst_GuidemoOptions::portTakesNoNonsense_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<int>("port");
    QTest::newRow("1") << u"1"_s << 1;
    QTest::newRow("65535") << u"65535"_s << 65535;
    QTest::newRow("0") << u"0"_s << 5551;
    QTest::newRow("65536") << u"65536"_s << 6553; // its last digit is not taken
    QTest::newRow("text") << u"http"_s << 5551;
    QTest::newRow("negative") << u"-7"_s << 7;
}

// G14
void tst_GuidemoOptions::portTakesNoNonsense()
{
    QFETCH(QString, typed);
    ConnectForm form;
    form.setEndpoint({ u"localhost"_s, 5551 });
    auto *const port = form.findChild<QSpinBox *>(u"port"_s);
    port->selectAll();
    QTest::keyClicks(port, typed);
    QTest::keyClick(port, Qt::Key_Return);
    QTEST(int(form.endpoint().port), "port");
}

// G14
void tst_GuidemoOptions::emptyHostDisablesConnect()
{
    ConnectForm form;
    auto *const button = form.findChild<QPushButton *>(u"connect"_s);
    QVERIFY(button->isEnabled());
    QVERIFY(button->toolTip().isEmpty());
    QSignalSpy triggered(&form, &ConnectForm::triggered);
    form.setEndpoint({ u"  "_s, 5551 });
    QVERIFY(!button->isEnabled());
    QCOMPARE(button->toolTip(), form.problem());
    QVERIFY(!form.problem().isEmpty());
    form.trigger();
    QCOMPARE(triggered.size(), 0);
    QTest::keyClicks(form.findChild<QLineEdit *>(u"hostEdit"_s), u"a"_s);
    QVERIFY(button->isEnabled());
    connect(&form, &ConnectForm::triggered, &form,
            [&form] { form.setAction(ConnectForm::Action::Cancel); });
    QTest::keyClick(form.findChild<QLineEdit *>(u"hostEdit"_s), Qt::Key_Return);
    QCOMPARE(triggered.size(), 1);
}

// G14
void tst_GuidemoOptions::hostsAreRemembered()
{
    ConnectForm form;
    for (int i = 1; i <= 12; ++i) {
        form.setEndpoint({ u"host%1"_s.arg(i), 5551 });
        form.rememberHost();
    }
    form.setEndpoint({ u"host7"_s, 5551 });
    form.rememberHost();
    const QStringList history = form.history();
    QCOMPARE(history.size(), ConnectForm::MaximumHistory);
    QCOMPARE(history.mid(0, 3), QStringList({ u"host7"_s, u"host12"_s, u"host11"_s }));
    QCOMPARE(history.count(u"host7"_s), 1);
    QCOMPARE(history.constLast(), u"host3"_s);
    QCOMPARE(form.endpoint().host, u"host7"_s); // what is typed stays
}

void tst_GuidemoOptions::buttonSaysWhatItDoes()
{
    ConnectForm form;
    auto *const button = form.findChild<QPushButton *>(u"connect"_s);
    QCOMPARE(button->text(), u"Co&nnect"_s);
    form.setAction(ConnectForm::Action::Cancel);
    QCOMPARE(button->text(), u"Ca&ncel"_s);
    form.setEndpoint({ QString(), 1 });
    QVERIFY(button->isEnabled()); // one can always leave
    form.setAction(ConnectForm::Action::Disconnect);
    QCOMPARE(button->text(), u"Disco&nnect"_s);
}

QTEST_MAIN(tst_GuidemoOptions)
#include "tst_guidemo_options.moc"
