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

// One event wakes the owner for a burst. Equal refusals in a row are one, or a sender that tries
// for ever would fill the memory.
void Mailbox::post(Letter letter)
{
    const std::lock_guard lock(m_mutex);
    if (letter.request == Request::Refuse && !m_letters.empty()) {
        Letter &last = m_letters.back();
        if (last.request == Request::Refuse && last.error == letter.error) {
            last = std::move(letter);
            return;
        }
    }
    m_letters.push_back(std::move(letter));
    if (m_letters.size() == 1)
        QCoreApplication::postEvent(m_owner, new QEvent(mailEvent()));
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
