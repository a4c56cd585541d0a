// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demooptions.h"

#include <QtCore/qcommandlineparser.h>

namespace {

std::optional<quint16> parsePort(const QString &text, int least)
{
    bool ok = false;
    const int port = text.toInt(&ok);
    return ok && port >= least && port <= 65535 ? std::optional(quint16(port)) : std::nullopt;
}

std::optional<int> parseNumber(const QString &text, int least, int most)
{
    bool ok = false;
    const int number = text.toInt(&ok);
    return ok && number >= least && number <= most ? std::optional(number) : std::nullopt;
}

std::optional<QSize> parseSize(const QString &text)
{
    const QStringList parts = text.split(u'x');
    const auto width = parseNumber(parts.value(0), 320, 8192);
    const auto height = parseNumber(parts.value(1), 240, 8192);
    return parts.size() == 2 && width && height ? std::optional(QSize(*width, *height))
                                                : std::nullopt;
}

std::optional<Theme::Mode> parseTheme(const QString &text)
{
    if (text == QLatin1String("light"))
        return Theme::Mode::Light;
    if (text == QLatin1String("dark"))
        return Theme::Mode::Dark;
    return text == QLatin1String("system") ? std::optional(Theme::Mode::System) : std::nullopt;
}

QCommandLineOption flag(const char *name, const QString &description)
{
    return { QString::fromLatin1(name), description };
}

QCommandLineOption valued(const char *name, const QString &description, const QString &value)
{
    return { QString::fromLatin1(name), description, value };
}

// What is wrong with a value, as the user wrote it.
class Reader
{
    Q_DECLARE_TR_FUNCTIONS(DemoOptions)

public:
    explicit Reader(const QCommandLineParser &parser)
        : m_parser(parser)
    {}

    template<typename Value, typename Parse>
    void read(const char *name, Value *value, const Parse &parse)
    {
        const QString option = QString::fromLatin1(name);
        if (!m_parser.isSet(option) || !error.isEmpty())
            return;
        const auto parsed = parse(m_parser.value(option));
        if (parsed)
            *value = *parsed;
        else
            error = tr("--%1: \"%2\" is not what it takes").arg(option, m_parser.value(option));
    }

    QString error;

private:
    const QCommandLineParser &m_parser;
};

void describe(QCommandLineParser *parser)
{
    const auto text = [](const char *source) { return DemoOptions::tr(source); };
    parser->setApplicationDescription(text("Both ends of GruvSocks in one window."));
    parser->addHelpOption();
    parser->addVersionOption();
    parser->addOptions({
            flag("server", text("Only the server; PORT if it follows, otherwise any free one.")),
            valued("client", text("Only the client, connected to this server."),
                   QStringLiteral("HOST:PORT")),
            flag("no-autostart", text("Do not listen and connect at the start.")),
            valued("theme", text("light, dark or system."), QStringLiteral("THEME")),
            valued("scene", text("Play a scene: %1.").arg(DemoOptions::sceneNames().join(u' ')),
                   QStringLiteral("SCENE")),
            valued("screenshot", text("Play the scene, save a picture of the window and end."),
                   QStringLiteral("FILE.png")),
            valued("size", text("The size of the window."), QStringLiteral("WxH")),
            valued("flood",
                   text("Send N messages, print round trips a second and the worst pause of the "
                        "window, and end."),
                   QStringLiteral("N")),
            valued("settings", text("Remember the window in this file."),
                   QStringLiteral("FILE.ini")),
            valued("exit-after", text("End after so many milliseconds."), QStringLiteral("MS")),
    });
    parser->addPositionalArgument(QStringLiteral("PORT"), text("Where --server listens."),
                                  QStringLiteral("[PORT]"));
}

QString readPanes(const QCommandLineParser &parser, DemoOptions *options)
{
    const QStringList positional = parser.positionalArguments();
    const bool isServer = parser.isSet(QStringLiteral("server"));
    if (isServer && parser.isSet(QStringLiteral("client")))
        return DemoOptions::tr("--server and --client: without both there are both");
    if (positional.size() > (isServer ? 1 : 0))
        return DemoOptions::tr("\"%1\" is not expected").arg(positional.constLast());
    if (isServer)
        options->panes = DemoOptions::Panes::Server;
    if (parser.isSet(QStringLiteral("client")))
        options->panes = DemoOptions::Panes::Client;
    if (positional.isEmpty())
        return {};
    const auto port = parsePort(positional.constFirst(), 0);
    options->serverPort = port.value_or(0);
    return port ? QString() : DemoOptions::tr("\"%1\" is not a port").arg(positional.constFirst());
}

QString readValues(const QCommandLineParser &parser, DemoOptions *options)
{
    Reader reader(parser);
    reader.read("client", &options->target, Endpoint::parse);
    reader.read("theme", &options->theme, parseTheme);
    reader.read("scene", &options->scene, [](const QString &name) {
        return DemoOptions::sceneNames().contains(name) ? std::optional(name) : std::nullopt;
    });
    reader.read("size", &options->size, parseSize);
    reader.read("flood", &options->flood,
                [](const QString &text) { return parseNumber(text, 1, 10'000'000); });
    reader.read("exit-after", &options->exitAfter,
                [](const QString &text) { return parseNumber(text, 0, 86'400'000); });
    options->hasTheme = parser.isSet(QStringLiteral("theme"));
    options->autostart = !parser.isSet(QStringLiteral("no-autostart"));
    options->screenshot = parser.value(QStringLiteral("screenshot"));
    options->settingsFile = parser.value(QStringLiteral("settings"));
    return reader.error;
}

QString checkTogether(const DemoOptions &options)
{
    const bool isScripted = options.isScripted();
    if (isScripted && options.panes != DemoOptions::Panes::Both)
        return DemoOptions::tr("--scene, --screenshot and --flood need both ends");
    if (options.flood > 0 && (!options.scene.isEmpty() || !options.screenshot.isEmpty()))
        return DemoOptions::tr("--flood has no scene");
    return {};
}

} // namespace

std::optional<Endpoint> Endpoint::parse(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    const auto port = parsePort(text.mid(colon + 1), 1);
    QString host = text.left(colon).trimmed();
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.mid(1, host.size() - 2);
    else if (host.contains(u':'))
        return {};
    return colon > 0 && port && !host.isEmpty() ? std::optional(Endpoint{ host, *port })
                                                : std::nullopt;
}

QString Endpoint::toString() const
{
    const QString name = host.contains(u':') ? QLatin1Char('[') + host + QLatin1Char(']') : host;
    return QStringLiteral("%1:%2").arg(name).arg(port);
}

QStringList DemoOptions::sceneNames()
{
    return { QStringLiteral("hello"),  QStringLiteral("wrap"),   QStringLiteral("error"),
             QStringLiteral("unread"), QStringLiteral("flood"),  QStringLiteral("dark"),
             QStringLiteral("tls"),    QStringLiteral("offline") };
}

bool DemoOptions::isScripted() const
{
    return flood > 0 || !scene.isEmpty() || !screenshot.isEmpty();
}

DemoOptions::Parsed DemoOptions::parse(const QStringList &arguments)
{
    QCommandLineParser parser;
    describe(&parser);
    const auto failed = [](const QString &error) {
        return Parsed{ {}, tr("gruvsocks-demo: %1 (--help tells more)").arg(error), 2 };
    };
    if (!parser.parse(arguments))
        return failed(parser.errorText());
    if (parser.isSet(QStringLiteral("help")))
        return { {}, parser.helpText(), 0 };
    if (parser.isSet(QStringLiteral("version")))
        return { {}, QStringLiteral("gruvsocks-demo " GRUVSOCKS_DEMO_VERSION), 0 };
    DemoOptions options;
    for (const QString &error :
         { readPanes(parser, &options), readValues(parser, &options), checkTogether(options) }) {
        if (!error.isEmpty())
            return failed(error);
    }
    return { options, {}, 0 };
}
