// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "transcript.h"
#include "messagemodel.h"

#include <QtCore/qjsonarray.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qsavefile.h>

static const QString TimeFormat = QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz");

// Further lines of a message are indented, so that only a message begins at the margin.
static QString lineOf(const Message &message)
{
    QString text = message.text();
    text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    for (const QChar lineBreak : { QChar(u'\r'), QChar(u'\u2028'), QChar(u'\u2029') })
        text.replace(lineBreak, u'\n');
    text.replace(u'\n', QStringLiteral("\n    "));
    const QString delivery =
            message.delivery == Message::Delivery::None ? QString() : message.deliveryText();
    const QString line =
            Transcript::tr("%1 %2: %3")
                    .arg(message.time.toString(TimeFormat), message.senderName(), text);
    return (delivery.isEmpty() ? line : Transcript::tr("%1 (%2)").arg(line, delivery)) + u'\n';
}

QString Transcript::toText(const MessageModel &model)
{
    QString text;
    for (int row = 0; row < model.rowCount(); ++row)
        text += lineOf(model.at(row));
    return text;
}

// Names of the file format, the same in every language.
static QString nameOf(Message::Delivery delivery)
{
    switch (delivery) {
    case Message::Delivery::None:
        return {};
    case Message::Delivery::Queued:
        return QStringLiteral("queued");
    case Message::Delivery::Written:
        return QStringLiteral("written");
    case Message::Delivery::Echoed:
        return QStringLiteral("echoed");
    case Message::Delivery::Unanswered:
        return QStringLiteral("unanswered");
    case Message::Delivery::NotSent:
        return QStringLiteral("not-sent");
    }
    Q_UNREACHABLE();
}

static QJsonObject objectOf(const Message &message)
{
    const bool isMine = message.sender == Message::Sender::Me;
    QJsonObject object{
        { QStringLiteral("sender"), isMine ? QStringLiteral("me") : QStringLiteral("peer") },
        { QStringLiteral("time"), message.time.toUTC().toString(Qt::ISODateWithMs) },
        { QStringLiteral("size"), message.size },
        { QStringLiteral("text"), message.text() },
        { QStringLiteral("payload"), QString::fromLatin1(message.payload.toBase64()) },
    };
    if (!message.label.isEmpty())
        object.insert(QStringLiteral("file"), message.label);
    if (message.delivery != Message::Delivery::None)
        object.insert(QStringLiteral("delivery"), nameOf(message.delivery));
    if (message.roundTrip.count() >= 0)
        object.insert(QStringLiteral("roundTripMicroseconds"), qint64(message.roundTrip.count()));
    return object;
}

QByteArray Transcript::toJson(const MessageModel &model)
{
    QJsonArray messages;
    for (int row = 0; row < model.rowCount(); ++row)
        messages.append(objectOf(model.at(row)));
    return QJsonDocument(QJsonObject{ { QStringLiteral("messages"), messages } }).toJson();
}

QString Transcript::save(const MessageModel &model, const QString &fileName)
{
    const bool isJson = fileName.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    const QByteArray bytes = isJson ? toJson(model) : toText(model).toUtf8();
    QSaveFile file(fileName);
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit())
        return {};
    return tr("Cannot write %1: %2").arg(fileName, file.errorString());
}
