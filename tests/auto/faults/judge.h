// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef JUDGE_H
#define JUDGE_H

#include "scene.h"

#include <QtCore/qmap.h>
#include <QtCore/qstringlist.h>

// Holds what happened against what is promised; counts it too.
class Judge
{
public:
    // Returns what was wrong with a scene that has run.
    QStringList judge(const Scene &scene);
    QString figures() const;
    // Each end of a scene in a line.
    static QStringList story(const Scene &scene);

private:
    void count(const Record &record);
    void judgeLife(const QString &whose, const Record &record);
    void judgeFault(const QString &whose, const Record &record, const Record *other);
    void judgeWay(const QString &which, const Record &from, const Record &to);
    void require(bool isTrue, const QString &else_);

    QStringList m_wrong;
    qint64 m_connections = 0;
    qint64 m_failed = 0;
    qint64 m_complete = 0; // ways of which every message had to come
    qint64 m_sent = 0;
    qint64 m_received = 0;
    QMap<QString, qint64> m_endings;
};

#endif // JUDGE_H
