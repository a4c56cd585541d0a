// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CALLGUARD_P_H
#define CALLGUARD_P_H

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>

#include <memory>

// Knows which of our calls are on the stack of objects that emit: such an object is not deleted
// before they are back.
class CallGuard
{
public:
    // function, counted while it runs.
    template<typename Function>
    auto counted(Function function)
    {
        return [calls = m_calls, function](auto... arguments) {
            ++calls->depth;
            function(arguments...);
            if (--calls->depth == 0)
                calls->deleteOrphans();
        };
    }

    // Deletes object when that is safe.
    void dispose(QObject *object)
    {
        if (m_calls->depth == 0) {
            delete object;
            return;
        }
        orphan(object);
    }

    // Likewise, but never at once.
    void disposeLater(QObject *object)
    {
        if (m_calls->depth == 0)
            object->deleteLater();
        else
            orphan(object);
    }

private:
    struct Orphan
    {
        QObject *object;
        QPointer<QObject> parent;
    };

    struct Calls
    {
        // Not before: a nested event loop would delete at once what is only to be deleted later.
        void deleteOrphans()
        {
            for (const Orphan &orphan : std::as_const(orphans)) {
                // For where no event loop would delete it; the parent may have been moved away.
                if (orphan.parent && orphan.parent->thread() == orphan.object->thread())
                    orphan.object->setParent(orphan.parent);
                orphan.object->deleteLater();
            }
            orphans.clear();
        }

        int depth = 0;
        QList<Orphan> orphans;
    };

    // The parent, while it is there, must not delete it.
    void orphan(QObject *object)
    {
        m_calls->orphans.append(Orphan{ object, object->parent() });
        object->setParent(nullptr);
    }

    const std::shared_ptr<Calls> m_calls = std::make_shared<Calls>();
};

#endif // CALLGUARD_P_H
