// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/mailbox_p.h>

#include <utility>

// Returns whether the owner must be woken: one wake-up serves a burst.
bool Mailbox::post(Letter letter)
{
    const QMutexLocker lock(&m_mutex);
    m_letters.push_back(std::move(letter));
    return m_letters.size() == 1;
}

std::vector<Mailbox::Letter> Mailbox::takeAll()
{
    const QMutexLocker lock(&m_mutex);
    return std::exchange(m_letters, {});
}
