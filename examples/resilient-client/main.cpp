// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// resilient-client HOST PORT [--messages N] [--interval MS]: numbers messages to an echo server,
// which may be killed and started again meanwhile; ends when each has come back or was told as
// dropped.

#include <GruvSocks/GruvClient>

#include <endpoint.h>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qtimer.h>

#include <cstdio>

namespace {

void say(const QString &line)
{
    std::printf("%s\n", qUtf8Printable(line));
    std::fflush(stdout);
}

class Sender : public QObject
{
public:
    Sender(GruvClient *client, int messages)
        : m_client(client)
        , m_messages(messages)
    {
        connect(client, &GruvClient::online, this, [] { say(QStringLiteral("online")); });
        connect(client, &GruvClient::offline, this, [this] {
            say(QStringLiteral("offline: %1").arg(m_client->socket()->errorString()));
        });
        connect(client, &GruvClient::reconnectScheduled, this,
                [](std::chrono::milliseconds delay, int attempt) {
                    say(QStringLiteral("attempt %1 follows in %2 ms")
                                .arg(attempt)
                                .arg(delay.count()));
                });
        connect(client, &GruvClient::messageReceived, this, [this](const QByteArray &message) {
            say(QString::fromUtf8(message) + QStringLiteral(" came back"));
            settle();
        });
        connect(client, &GruvClient::messageDropped, this, [this](quint64 id) {
            say(QStringLiteral("message %1 was dropped").arg(id));
            settle();
        });
    }

    void send()
    {
        if (m_sent < m_messages)
            m_client->sendText(QStringLiteral("message %1").arg(++m_sent));
    }

private:
    void settle()
    {
        if (++m_settled == m_messages)
            m_client->disconnectFromServer();
    }

    GruvClient *const m_client;
    const int m_messages;
    int m_sent = 0;
    int m_settled = 0;
};

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(
            QStringLiteral("Sends messages to an echo server that comes and goes."));
    parser.addHelpOption();
    parser.addPositionalArgument(QStringLiteral("HOST"), QStringLiteral("Name or IP address."));
    parser.addPositionalArgument(QStringLiteral("PORT"), QStringLiteral("The server's port."));
    parser.addOption({ QStringLiteral("messages"), QStringLiteral("How many; 20."),
                       QStringLiteral("N"), QStringLiteral("20") });
    parser.addOption({ QStringLiteral("interval"), QStringLiteral("Between two; 500."),
                       QStringLiteral("MS"), QStringLiteral("500") });
    parser.process(app);
    const auto port = parsePort(parser.positionalArguments().value(1));
    if (parser.positionalArguments().size() != 2 || !port)
        parser.showHelp(1);

    GruvClient client;
    Sender sender(&client, parser.value(QStringLiteral("messages")).toInt());
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, &sender, [&sender] { sender.send(); });
    QObject::connect(&client, &GruvClient::stateChanged, &app, [](GruvClient::State state) {
        if (state == GruvClient::State::Offline)
            QCoreApplication::quit();
    });
    client.connectToServer(parser.positionalArguments().constFirst(), *port);
    timer.start(parser.value(QStringLiteral("interval")).toInt());
    return QCoreApplication::exec();
}
