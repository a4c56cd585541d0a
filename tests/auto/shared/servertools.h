// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SERVERTOOLS_H
#define SERVERTOOLS_H

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qdir.h>
#include <QtCore/qmutex.h>
#include <QtCore/qstringlist.h>
#include <QtTest/qtest.h>

// What the tests of the server have in common.
namespace ServerTools {

// Blocks, as a program without an event loop would.
inline bool connectTo(GruvSocket *socket, const GruvServer &server)
{
    socket->connectToHost(server.serverAddress(), server.serverPort());
    return socket->waitForConnected();
}

// How many entries a folder of /proc/self has: "fd" for descriptors, "task" for threads.
inline int ownEntries(const char *folder)
{
    const QDir directory(QStringLiteral("/proc/self/") + QLatin1String(folder));
    return int(directory.entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System).size());
}

// Collects all log lines as "category text" instead of printing them.
class MessageLog
{
public:
    MessageLog()
    {
        s_current = this;
        m_previous = qInstallMessageHandler(&record);
    }
    ~MessageLog() { qInstallMessageHandler(m_previous); }

    QStringList lines() const
    {
        const QMutexLocker lock(&m_mutex);
        return m_lines;
    }
    QStringList of(const char *category) const
    {
        return lines().filter(QRegularExpression(u'^' + QLatin1String(category) + u' '));
    }
    bool has(const QString &text) const { return !lines().filter(text).isEmpty(); }

private:
    Q_DISABLE_COPY_MOVE(MessageLog)
    static void record(QtMsgType, const QMessageLogContext &context, const QString &text)
    {
        const QMutexLocker lock(&s_current->m_mutex);
        s_current->m_lines.append(QLatin1String(context.category) + u' ' + text);
    }

    inline static MessageLog *s_current = nullptr;
    mutable QMutex m_mutex;
    QStringList m_lines;
    QtMessageHandler m_previous;
};

} // namespace ServerTools

#endif // SERVERTOOLS_H
