// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/mailbox_p.h>

#include <algorithm>
#include <iterator>
#include <utility>

// Returns whether the owner must be woken: one wake-up serves a burst. Equal refusals in a row are
// one, or a sender that tries for ever would fill the memory.
bool Mailbox::post(Letter letter)
{
    const std::lock_guard lock(m_mutex);
    if (letter.request == Request::Refuse && !m_letters.empty()) {
        Letter &last = m_letters.back();
        if (last.request == Request::Refuse && last.error == letter.error) {
            last = std::move(letter);
            return false;
        }
    }
    m_letters.push_back(std::move(letter));
    return m_letters.size() == 1;
}

void Mailbox::takeAll(std::vector<Letter> *out)
{
    const std::lock_guard lock(m_mutex);
    if (out->empty()) {
        out->swap(m_letters);
        return;
    }
    std::move(m_letters.begin(), m_letters.end(), std::back_inserter(*out));
    m_letters.clear();
}
