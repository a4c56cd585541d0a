// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/mailbox_p.h>

#include <QtCore/qcoreapplication.h>

#include <algorithm>
#include <iterator>
#include <utility>

QEvent::Type Mailbox::mailEvent()
{
    static const auto type = QEvent::Type(QEvent::registerEventType());
    return type;
}

// One event wakes the owner for a burst.
void Mailbox::post(Letter letter)
{
    const std::lock_guard lock(m_mutex);
    if (isTold(letter))
        return;
    m_letters.push_back(std::move(letter));
    m_isEmpty = false;
    if (!m_isOwnerAwake)
        wake();
}

void Mailbox::wakeOwner()
{
    const std::lock_guard lock(m_mutex);
    wake();
}

// With the lock held. One event until endTurn(): an owner that takes the letters without it, in a
// thread that processes none, would gather them.
void Mailbox::wake()
{
    m_isOwnerAwake = true;
    QCoreApplication::postEvent(m_owner, new QEvent(mailEvent()));
}

bool Mailbox::endTurn()
{
    const std::lock_guard lock(m_mutex);
    if (!m_letters.empty())
        return false;
    m_isOwnerAwake = false;
    return true;
}

/*
    With the lock held. Messages count towards writeBufferLimit; of the other requests one of each
    kind waits, or a thread that asks for ever would fill the memory. None of them asks for more the
    second time: what comes between the two are messages that the first one lets pass, or drops, as
    the second would have. Of refusals the last text is told.
*/
bool Mailbox::isTold(const Letter &letter)
{
    if (letter.request == Request::SendMessage || letter.request == Request::SendFrame)
        return false;
    const auto [note, isFirst] =
            m_notes.try_emplace({ letter.request, letter.error }, m_letters.size());
    if (isFirst)
        return false;
    Letter &waiting = m_letters[note->second];
    if (letter.request == Request::Refuse)
        waiting = letter;
    else if (waiting.connection != letter.connection)
        note->second = m_letters.size(); // behind what was sent to that connection
    return note->second != m_letters.size();
}

void Mailbox::takeAll(std::vector<Letter> *out)
{
    const std::lock_guard lock(m_mutex);
    m_isEmpty = true;
    m_notes.clear();
    if (out->empty()) {
        out->swap(m_letters);
        return;
    }
    std::move(m_letters.begin(), m_letters.end(), std::back_inserter(*out));
    m_letters.clear();
}
