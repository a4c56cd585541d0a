// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DEMOWINDOW_H
#define DEMOWINDOW_H

#include <clientpanel.h>
#include <composer.h>
#include <demooptions.h>
#include <mainwindow.h>
#include <serverpanel.h>

#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

// The window as a user finds it, with nothing remembered.
class DemoWindow : public MainWindow
{
public:
    explicit DemoWindow(const QStringList &arguments = {})
        : MainWindow(*DemoOptions::parse(QStringList(QStringLiteral("gruvsocks-demo")) + arguments)
                              .options)
    {
        GruvReconnectPolicy policy;
        policy.initialDelay = policy.maximumDelay = std::chrono::milliseconds(20);
        clientPanel()->setReconnectPolicy(policy);
    }

    void open()
    {
        show();
        start();
    }
    bool isOnline() const
    {
        return clientPanel()->client()->state() == GruvClient::State::Online
               && serverPanel()->server()->clientCount() > 0;
    }
    template<typename Widget>
    Widget *widget(const char *name) const
    {
        Widget *const found = findChild<Widget *>(QLatin1String(name));
        if (!found)
            qFatal("there is no %s", name);
        return found;
    }
    void say(const QString &text)
    {
        QTest::keyClicks(clientPanel()->composer(), text);
        QTest::keyClick(clientPanel()->composer(), Qt::Key_Return);
    }
    const Message &message(int row) { return clientPanel()->messages()->at(row); }
    int messageCount() { return clientPanel()->messages()->rowCount(); }
};

// What Qt and the library would only write to the log.
inline void failOnFaults()
{
    QTest::failOnWarning(QRegularExpression(
            QStringLiteral("QObject|QMetaObject|QSocketNotifier|QTimer|Gruv|gruv")));
}

#endif // DEMOWINDOW_H
