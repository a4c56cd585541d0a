// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "cppsnippet.h"

#include <QtCore/qstringlist.h>

namespace {

// As a literal of C++, whatever is in it.
QString literal(const QString &text)
{
    QString escaped;
    for (const char byte : text.toUtf8()) {
        const auto code = static_cast<unsigned char>(byte);
        if (byte == '"' || byte == '\\')
            escaped += QString(QLatin1Char('\\')) + QLatin1Char(byte);
        else if (code < 0x20 || code > 0x7e)
            escaped += QStringLiteral("\\%1").arg(code, 3, 8, QLatin1Char('0'));
        else
            escaped += QLatin1Char(byte);
    }
    return QLatin1Char('"') + escaped + QLatin1Char('"');
}

} // namespace

QString CppSnippet::toString() const
{
    QStringList lines{
        QStringLiteral("#include <GruvSocks/GruvSocks>"),
        QStringLiteral("#include <QCoreApplication>"),
        QStringLiteral("#include <QDebug>"),
        {},
        QStringLiteral("int main(int argc, char *argv[])"),
        QStringLiteral("{"),
        QStringLiteral("    QCoreApplication app(argc, argv);"),
        QStringLiteral("    GruvClient client;"),
        QStringLiteral("    QObject::connect(&client, &GruvClient::messageReceived, &app,"),
        QStringLiteral(
                "                     [](const QByteArray &message) { qInfo() << message; });"),
        QStringLiteral("    QObject::connect(&client, &GruvClient::errorOccurred, &app,"),
        QStringLiteral("                     [](GruvSocket::Error, const QString &description) {"),
        QStringLiteral("                         qWarning().noquote() << description;"),
        QStringLiteral("                     });"),
    };
    if (!reconnects)
        lines += QStringList{
            QStringLiteral(
                    "    QObject::connect(&client, &GruvClient::reconnectScheduled, &client,"),
            QStringLiteral(
                    "                     &GruvClient::disconnectFromServer); // one attempt"),
            QStringLiteral("    QObject::connect(&client, &GruvClient::stateChanged, &app,"),
            QStringLiteral("                     [](GruvClient::State state) {"),
            QStringLiteral("                         if (state == GruvClient::State::Offline)"),
            QStringLiteral("                             QCoreApplication::exit(1);"),
            QStringLiteral("                     });"),
        };
    if (isEncrypted)
        lines += QStringList{
            QStringLiteral(
                    "    // The certificate of your authority, if it is not one of the system's."),
            QStringLiteral(
                    "    const QString authority = qEnvironmentVariable(\"GRUV_AUTHORITY\");"),
            QStringLiteral("    const auto tls = Gruv::loadTlsConfiguration({}, {}, authority);"),
            QStringLiteral("    if (!tls)"),
            QStringLiteral("        qFatal(\"%s\", qPrintable(tls.error));"),
            QStringLiteral("    client.setSslConfiguration(tls.configuration);"),
        };
    lines += QStringList{
        QStringLiteral("    client.%1(QString::fromUtf8(%2), %3);")
                .arg(isEncrypted ? QStringLiteral("connectToServerEncrypted")
                                 : QStringLiteral("connectToServer"),
                     literal(host))
                .arg(port),
        QStringLiteral("    client.sendText(QStringLiteral(\"Hello world!\"));"),
        QStringLiteral("    return app.exec();"),
        QStringLiteral("}"),
        {},
    };
    return lines.join(QLatin1Char('\n'));
}
