// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "message.h"

#include <QtCore/qlocale.h>
#include <QtCore/qstringconverter.h>

#include <algorithm>
#include <optional>

static bool isControl(QChar character)
{
    return character.category() == QChar::Other_Control && character != u'\n' && character != u'\t'
           && character != u'\r';
}

// The end of the payload may be in the middle of a character, where it was cut.
static std::optional<QString> decoded(const QByteArray &payload)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder.decode(payload);
    if (decoder.hasError() || std::any_of(text.cbegin(), text.cend(), isControl))
        return std::nullopt;
    return text;
}

bool Message::isText() const
{
    return label.isEmpty() && size > 0 && decoded(payload);
}

QString Message::text() const
{
    if (!label.isEmpty())
        return tr("File %1, %2").arg(label, sizeText(size));
    if (size == 0)
        return tr("Empty message");
    if (const auto text = decoded(payload))
        return *text;
    constexpr qsizetype shown = 16;
    const QString hex = QString::fromLatin1(payload.left(shown).toHex(' '));
    const QString bytes = size > shown ? tr("%1 ...").arg(hex) : hex;
    return tr("Binary, %1: %2").arg(sizeText(size), bytes);
}

QString Message::senderName() const
{
    return sender == Sender::Me ? tr("You") : tr("Peer");
}

QString Message::deliveryText() const
{
    switch (delivery) {
    case Delivery::None:
        return {};
    case Delivery::Queued:
        return tr("waiting to be sent");
    case Delivery::Written:
        return tr("written to the socket");
    case Delivery::Echoed:
        return roundTrip.count() < 0 ? tr("echoed") : tr("echoed after %1").arg(roundTripText());
    case Delivery::Unanswered:
        return tr("written; the connection ended before an answer");
    case Delivery::NotSent:
        return tr("not sent");
    }
    Q_UNREACHABLE();
}

QString Message::roundTripText() const
{
    const double milliseconds = double(roundTrip.count()) / 1000;
    if (roundTrip.count() < 0)
        return {};
    if (milliseconds >= 10'000)
        return tr("%1 s").arg(QLocale().toString(milliseconds / 1000, 'f', 1));
    return tr("%1 ms").arg(QLocale().toString(milliseconds, 'f', milliseconds < 100 ? 1 : 0));
}

QString Message::accessibleText() const
{
    const QString at = time.time().toString(Qt::ISODate);
    const QString said = tr("%1 at %2: %3").arg(senderName(), at, text());
    return delivery == Delivery::None ? said : tr("%1, %2").arg(said, deliveryText());
}

QString Message::sizeText(qint64 bytes)
{
    return bytes == 1 ? tr("1 byte") : QLocale().formattedDataSize(bytes);
}
