// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "cppsnippet.h"

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

const char Program[] = R"(#include <GruvSocks/GruvSocks>
#include <QCoreApplication>
#include <QDebug>

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    GruvClient client;
    QObject::connect(&client, &GruvClient::messageReceived, &app,
                     [](const QByteArray &message) { qInfo() << message; });
    QObject::connect(&client, &GruvClient::errorOccurred, &app,
                     [](GruvSocket::Error, const QString &description) {
                         qWarning().noquote() << description;
                     });
%1%2    client.%3(QString::fromUtf8(%4), %5);
    client.sendText(QStringLiteral("Hello world!"));
    return app.exec();
}
)";

const char OneAttempt[] = R"(    QObject::connect(&client, &GruvClient::reconnectScheduled, &client,
                     &GruvClient::disconnectFromServer); // one attempt
    QObject::connect(&client, &GruvClient::stateChanged, &app, [](GruvClient::State state) {
        if (state == GruvClient::State::Offline)
            QCoreApplication::exit(1);
    });
)";

const char Encryption[] =
        R"(    // The certificate of your authority, if it is not one of the system's.
    const QString authority = qEnvironmentVariable("GRUV_AUTHORITY");
    const auto tls = Gruv::loadTlsConfiguration({}, {}, authority);
    if (!tls)
        qFatal("%s", qPrintable(tls.error));
    client.setSslConfiguration(tls.configuration);
)";

} // namespace

QString CppSnippet::toString() const
{
    return QString::fromLatin1(Program).arg(
            QLatin1String(reconnects ? "" : OneAttempt),
            QLatin1String(isEncrypted ? Encryption : ""),
            QLatin1String(isEncrypted ? "connectToServerEncrypted" : "connectToServer"),
            literal(host), QString::number(port));
}
