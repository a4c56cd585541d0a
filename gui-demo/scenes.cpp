// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "scenes.h"

#include "clientpanel.h"
#include "composer.h"
#include "flood.h"
#include "listenform.h"
#include "mainwindow.h"
#include "messageview.h"
#include "serverpanel.h"

#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qscrollbar.h>

using namespace std::chrono_literals;
using State = GruvClient::State;

Scenes::Scenes(MainWindow *window, QObject *parent)
    : QObject(parent)
    , m_window(window)
{
    m_poll.setInterval(10ms);
    connect(&m_poll, &QTimer::timeout, this, &Scenes::look);
}

QString Scenes::failedStep() const
{
    return m_step.name;
}

void Scenes::play(const QString &name)
{
    const std::pair<const char *, void (Scenes::*)()> scenes[] = {
        { "hello", &Scenes::hello },   { "wrap", &Scenes::wrap },       { "error", &Scenes::error },
        { "unread", &Scenes::unread }, { "flood", &Scenes::flood },     { "dark", &Scenes::hello },
        { "tls", &Scenes::tls },       { "offline", &Scenes::offline },
    };
    if (name == QLatin1String("dark"))
        m_window->setTheme(Theme::Mode::Dark);
    for (const auto &[known, scene] : scenes) {
        if (name == QLatin1String(known))
            (this->*scene)();
    }
    m_deadline.setRemainingTime(Patience);
    m_step.isDone = [] { return true; };
    m_poll.start();
}

void Scenes::add(const char *name, const Action &action, const Condition &isDone)
{
    m_steps.push_back({ QLatin1String(name), action, isDone });
}

void Scenes::look()
{
    if (m_step.isDone())
        next();
    else if (m_deadline.hasExpired()) {
        m_poll.stop();
        Q_EMIT finished(false);
    }
}

void Scenes::next()
{
    if (m_steps.empty()) {
        m_poll.stop();
        m_step = {};
        Q_EMIT finished(true);
        return;
    }
    m_step = m_steps.front();
    m_steps.pop_front();
    m_deadline.setRemainingTime(Patience);
    m_step.action();
}

bool Scenes::allAnswered() const
{
    const MessageModel *const messages = m_window->clientPanel()->messages();
    return m_window->clientPanel()->deliveries()->waitingForAnswer() == 0
           && messages->pendingCount() == 0;
}

void Scenes::beOnline()
{
    add(
            "connected", [] {},
            [this] {
                return m_window->clientPanel()->client()->state() == State::Online
                       && m_window->serverPanel()->server()->clientCount() > 0;
            });
}

// Typed and sent as by a user.
void Scenes::say(const QByteArray &text)
{
    add(
            "answered",
            [this, text] {
                Composer *const composer = m_window->clientPanel()->composer();
                composer->setPlainText(QString::fromUtf8(text));
                composer->submit();
            },
            [this] { return allAnswered(); });
}

// Until the plots, which move four times a second, have something to show.
void Scenes::rest()
{
    add(
            "plotted", [this] { m_rested.setRemainingTime(2s); },
            [this] { return m_rested.hasExpired(); });
}

void Scenes::hello()
{
    beOnline();
    say("Hello, server");
    say("A message may have\nmore than one line.");
    add(
            "broadcast",
            [this] {
                auto *const text =
                        m_window->findChild<QLineEdit *>(QStringLiteral("broadcastText"));
                text->setText(MainWindow::tr("Hello from the server, to all"));
                m_window->serverPanel()->broadcast();
            },
            [this] { return m_window->clientPanel()->messages()->rowCount() == 5; });
    add(
            "selected",
            [this] {
                MessageView *const view = m_window->clientPanel()->view();
                view->setCurrentIndex(view->model()->index(0, 0));
            },
            [rest = QDeadlineTimer(3s)] {
                return rest.hasExpired();
            }); // until the plots have something
}

void Scenes::wrap()
{
    beOnline();
    say("short");
    say("A longer message is wrapped at the width of the window, and a bubble never takes all of "
        "it, so that one sees at a glance who has said what.");
    say(QByteArray("a-word-without-an-end-").repeated(12));
    say("lines\n  with spaces before them\n\nand an empty one");
    say("\xe2\x88\x9e \xce\xb1 \xd0\xb4\xd0\xb0 \xe2\x82\xac - UTF-8, as sendText() sends it");
}

// Long enough for a picture.
static void waitLong(ClientPanel *client)
{
    GruvReconnectPolicy policy;
    policy.initialDelay = policy.maximumDelay = 60s;
    client->setReconnectPolicy(policy);
}

void Scenes::error()
{
    ClientPanel *const client = m_window->clientPanel();
    beOnline();
    add(
            "lost",
            [this, client] {
                waitLong(client);
                m_window->serverPanel()->stop();
                m_other.listen(QHostAddress::LocalHost);
                m_window->serverPanel()->form()->setPort(m_other.serverPort());
                m_window->serverPanel()->listen(); // in use
            },
            [client] { return client->client()->state() == State::Waiting; });
    add(
            "refused", [client] { client->retryNow(); },
            [client] {
                return client->client()->state() == State::Waiting
                       && client->client()->socket()->error()
                                  == GruvSocket::Error::ConnectionRefused;
            });
}

void Scenes::unread()
{
    beOnline();
    for (int i = 1; i <= 8; ++i)
        say("Message " + QByteArray::number(i));
    add(
            "scrolled up",
            [this] {
                QScrollBar *const bar = m_window->clientPanel()->view()->verticalScrollBar();
                bar->setValue(bar->maximum() - 3);
                bar->setValue(bar->maximum() / 3);
            },
            [this] { return !m_window->clientPanel()->view()->isAtEnd(); });
    add(
            "unread",
            [this] {
                for (const char *news : { "News from the server", "More news", "And a third" })
                    m_window->serverPanel()->server()->broadcast(news);
            },
            [this] { return m_window->clientPanel()->view()->unreadCount() == 3; });
    add(
            "divider in sight",
            [this] { // all but the last one
                MessageView *const view = m_window->clientPanel()->view();
                view->scrollTo(view->model()->index(view->model()->rowCount() - 2, 0),
                               QAbstractItemView::PositionAtBottom);
            },
            [] { return true; });
}

void Scenes::flood()
{
    beOnline();
    add(
            "flooded", [this] { m_window->flood()->start(20'000, MainWindow::tr("message")); },
            [this] { return !m_window->flood()->isRunning() && allAnswered(); });
    rest();
}

void Scenes::tls()
{
    beOnline();
    add(
            "encrypted", [this] { m_window->clientPanel()->form()->setEncrypted(true); },
            [this] {
                const GruvClient *const client = m_window->clientPanel()->client();
                return client->state() == State::Online && client->socket()->isEncrypted();
            });
    say("Nobody on the way reads this");
}

void Scenes::offline()
{
    beOnline();
    say("Still connected");
    add(
            "lost",
            [this] {
                GruvReconnectPolicy policy;
                policy.initialDelay = policy.maximumDelay = 60s;
                m_window->clientPanel()->setReconnectPolicy(policy);
                m_window->serverPanel()->kick();
            },
            [this] { return m_window->clientPanel()->client()->state() == State::Waiting; });
    add(
            "not sent",
            [this] {
                m_window->clientPanel()->client()->setOfflineQueueAge(50ms);
                m_window->clientPanel()->sendText(MainWindow::tr("This one has waited too long"));
            },
            [this] { return !m_window->clientPanel()->deliveries()->unsent().isEmpty(); });
    add(
            "waiting",
            [this] {
                m_window->clientPanel()->client()->setOfflineQueueAge(0ms);
                m_window->clientPanel()->sendText(
                        MainWindow::tr("This one waits for the connection"));
            },
            [this] { return m_window->clientPanel()->messages()->pendingCount() == 0; });
}
