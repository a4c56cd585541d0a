// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STAGE_H
#define STAGE_H

#include <gruvsocks/epolldispatcher_p.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <functional>
#include <memory>

// Qt's own dispatcher, and the one that shall behave like it.
enum class Kind { Unix, Epoll };
Q_DECLARE_METATYPE(Kind)

namespace Stage {

constexpr int Patience = 20'000; // ms; what takes so long has failed

// What happened, in order. The same is expected of both.
class Story
{
public:
    void add(const QString &line) { m_lines.append(line); }
    void add(const char *line) { m_lines.append(QLatin1String(line)); }
    template<typename Value>
    void add(const char *name, const Value &value)
    {
        m_lines.append(QStringLiteral("%1=%2").arg(QLatin1String(name)).arg(value));
    }
    QString text() const { return m_lines.join(u' '); }

private:
    QStringList m_lines;
};

inline bool turn(QEventLoop::ProcessEventsFlags flags = QEventLoop::AllEvents)
{
    return QThread::currentThread()->eventDispatcher()->processEvents(flags);
}

// Turns that wait, until done() or too many of them. A turn that has sent the last posted event
// would wait for another one, so it is asked there too.
inline bool turnUntil(const std::function<bool()> &done, int most = 10'000)
{
    auto *dispatcher = QThread::currentThread()->eventDispatcher();
    QObject context;
    QObject::connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context, [&] {
        if (done())
            dispatcher->interrupt();
    });
    for (int i = 0; i < most && !done(); ++i)
        turn(QEventLoop::WaitForMoreEvents);
    return done();
}

// Has function called by a posted event.
template<typename Function>
void post(QObject *context, Function function)
{
    QMetaObject::invokeMethod(context, function, Qt::QueuedConnection);
}

// Runs play in a thread with a dispatcher of that kind; returns the story.
inline QString in(Kind kind, const std::function<void(Story &)> &play)
{
    Story story;
    const std::unique_ptr<QThread> thread(QThread::create([&] {
        const QByteArray name =
                QThread::currentThread()->eventDispatcher()->metaObject()->className();
        if ((kind == Kind::Unix) != (name == "QEventDispatcherUNIX"))
            story.add(QStringLiteral("wrong dispatcher: ") + QLatin1String(name));
        play(story);
    }));
    if (kind == Kind::Epoll)
        thread->setEventDispatcher(EpollDispatcher::create());
    thread->start();
    if (!thread->wait(Patience))
        qFatal("the thread does not end");
    return story.text();
}

} // namespace Stage

#endif // STAGE_H
