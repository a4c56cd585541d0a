// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SCENES_H
#define SCENES_H

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpserver.h>

#include <deque>
#include <functional>

class MainWindow;

// Plays what a user would do, on the real widgets: for pictures and tests.
class Scenes : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds Patience{ 15'000 }; // for each step

    explicit Scenes(MainWindow *window, QObject *parent = nullptr);

    void play(const QString &name);
    QString failedStep() const;

Q_SIGNALS:
    void finished(bool asPlanned);

private:
    using Action = std::function<void()>;
    using Condition = std::function<bool()>;
    struct Step
    {
        QString name;
        Action action;
        Condition isDone;
    };

    void add(const char *name, const Action &action, const Condition &isDone);
    void next();
    void look();

    void beOnline();
    void say(const QByteArray &text);
    void rest();
    void hello();
    void wrap();
    void error();
    void unread();
    void flood();
    void tls();
    void offline();
    bool allAnswered() const;

    MainWindow *const m_window;
    QTcpServer m_other; // has a port that is wanted
    std::deque<Step> m_steps;
    Step m_step;
    QDeadlineTimer m_deadline;
    QDeadlineTimer m_rested;
    QTimer m_poll;
};

#endif // SCENES_H
