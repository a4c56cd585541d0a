// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "signaltap.h"

#include <gruvsocks/gruvdisconnectreason.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qdebug.h>
#include <QtCore/qmetaobject.h>

#include <chrono>
#include <utility>

namespace {

QString enumText(QMetaType type, const void *value)
{
    const QByteArray name = QByteArray(type.name()).split(':').constLast();
    const QMetaObject *const owner = type.metaObject();
    const int index = owner ? owner->indexOfEnumerator(name.constData()) : -1;
    const int number = *static_cast<const int *>(value);
    const char *const key = index < 0 ? nullptr : owner->enumerator(index).valueToKey(number);
    return key ? QString::fromLatin1(key) : QString::number(number);
}

QString bytesText(const QByteArray &bytes)
{
    return QStringLiteral("%1 B").arg(bytes.size());
}

template<typename Enum>
QString keyOf(Enum value)
{
    return QString::fromLatin1(QMetaEnum::fromType<Enum>().valueToKey(int(value)));
}

QString reasonText(const GruvDisconnectReason &reason)
{
    QString text = QStringLiteral("%1, %2").arg(keyOf(reason.endedBy), keyOf(reason.stage));
    if (reason.unsentBytes > 0)
        text += QStringLiteral(", %1 B unsent").arg(reason.unsentBytes);
    return reason.osErrorString.isEmpty() ? text
                                          : text + QLatin1String(", ") + reason.osErrorString;
}

// Of one that has ended, also why.
QString socketText(const GruvSocket *socket)
{
    QString text = QStringLiteral("#%1").arg(socket ? socket->connectionId() : 0);
    if (!socket || socket->disconnectReason().endedBy == GruvDisconnectReason::EndedBy::Nobody)
        return text;
    text += QLatin1String(": ") + reasonText(socket->disconnectReason());
    const QString error = socket->errorString();
    return error.isEmpty() ? text : text + QLatin1String("; ") + error;
}

// Types that have no words of their own are told by their name.
QString streamed(QMetaType type, const void *value)
{
    QString text;
    QDebug debug(&text);
    debug.nospace();
    return type.debugStream(debug, value) ? text : QString::fromLatin1(type.name());
}

QString textOf(QMetaType type, const void *value)
{
    if (type.flags().testFlag(QMetaType::IsEnumeration))
        return enumText(type, value);
    if (type == QMetaType::fromType<QByteArray>())
        return bytesText(*static_cast<const QByteArray *>(value));
    if (type == QMetaType::fromType<GruvSocket *>())
        return socketText(*static_cast<GruvSocket *const *>(value));
    if (type == QMetaType::fromType<GruvDisconnectReason>())
        return reasonText(*static_cast<const GruvDisconnectReason *>(value));
    if (type == QMetaType::fromType<std::chrono::milliseconds>())
        return QStringLiteral("%1 ms").arg(
                static_cast<const std::chrono::milliseconds *>(value)->count());
    return streamed(type, value);
}

} // namespace

SignalTap::SignalTap(QObject *object, const QString &name, Report report, QObject *parent)
    : QObject(parent)
    , m_name(name)
    , m_report(std::move(report))
{
    const QMetaObject *const meta = object->metaObject();
    const int ownMethods = metaObject()->methodCount();
    for (int i = QObject::staticMetaObject.methodCount(); i < meta->methodCount(); ++i) {
        const QMetaMethod method = meta->method(i);
        if (method.methodType() != QMetaMethod::Signal)
            continue;
        QMetaObject::connect(object, i, this, ownMethods + int(m_signals.size()),
                             Qt::DirectConnection);
        m_signals.push_back(method);
    }
}

int SignalTap::qt_metacall(QMetaObject::Call call, int id, void **arguments)
{
    id = QObject::qt_metacall(call, id, arguments);
    if (id < 0 || call != QMetaObject::InvokeMetaMethod)
        return id;
    const QMetaMethod &method = m_signals[std::size_t(id)];
    QStringList words;
    for (int i = 0; i < method.parameterCount(); ++i)
        words.append(textOf(method.parameterMetaType(i), arguments[i + 1]));
    m_report(m_name, QStringLiteral("%1(%2)").arg(QString::fromLatin1(method.name()),
                                                  words.join(QLatin1String(", "))));
    return -1;
}
