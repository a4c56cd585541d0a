// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STORY_H
#define STORY_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qstringlist.h>

// What a socket tells of its end, in order.
class Story : public QObject
{
public:
    explicit Story(GruvSocket *socket)
    {
        connect(socket, &GruvSocket::connected, this, [this] { add("connected"); });
        connect(socket, &GruvSocket::disconnected, this, [this] { add("disconnected"); });
        connect(socket, &GruvSocket::errorOccurred, this, [this](GruvSocket::Error error) {
            add(QMetaEnum::fromType<GruvSocket::Error>().valueToKey(int(error)));
        });
    }
    void add(const char *what) { m_lines.append(QLatin1String(what)); }
    QString text() const { return m_lines.join(u' '); }

private:
    QStringList m_lines;
};

#endif // STORY_H
