// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PROCESSORWAIT_H
#define PROCESSORWAIT_H

#include <QtCore/qdir.h>
#include <QtCore/qfile.h>
#include <QtCore/qhash.h>

// For how long this process's threads had work and no processor, because others had it.
class ProcessorWait
{
public:
    // Of all of them together since this was constructed, in ms; 0 where nobody tells.
    qint64 total() const
    {
        qint64 sum = 0;
        const QHash<QString, qint64> now = ofEachThread();
        for (auto thread = now.begin(); thread != now.end(); ++thread)
            sum += thread.value() - m_before.value(thread.key());
        return sum / 1'000'000;
    }

private:
    // Linux: proc(5), the second figure of schedstat, in ns.
    static QHash<QString, qint64> ofEachThread()
    {
        QHash<QString, qint64> waits;
        const QDir threads(QStringLiteral("/proc/self/task"));
        const QStringList ids = threads.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        for (const QString &id : ids) {
            QFile file(threads.filePath(id + QLatin1String("/schedstat")));
            if (file.open(QIODevice::ReadOnly))
                waits.insert(id, file.readAll().split(' ').value(1).toLongLong());
        }
        return waits;
    }

    const QHash<QString, qint64> m_before = ofEachThread();
};

#endif // PROCESSORWAIT_H
