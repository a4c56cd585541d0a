// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CALLGUARD_P_H
#define CALLGUARD_P_H

#include <QtCore/qobject.h>

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
        object->setParent(nullptr);
        m_calls->orphans.append(object);
    }

private:
    struct Calls
    {
        // Not before: a nested event loop would delete at once what is only to be deleted later.
        void deleteOrphans()
        {
            for (QObject *object : std::as_const(orphans))
                object->deleteLater();
            orphans.clear();
        }

        int depth = 0;
        QObjectList orphans;
    };

    const std::shared_ptr<Calls> m_calls = std::make_shared<Calls>();
};

#endif // CALLGUARD_P_H
