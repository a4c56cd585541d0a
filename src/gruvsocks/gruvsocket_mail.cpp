// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket_p.h>

#include <utility>

// Any thread.
void GruvSocketPrivate::ask(Mailbox::Request request)
{
    if (!isOwnThread()) {
        m_mailbox.post({ request, m_connection, {}, {}, {} });
        return;
    }
    switch (request) {
    case Mailbox::Request::Disconnect:
        disconnectFromHost();
        break;
    case Mailbox::Request::Abort:
        abort();
        break;
    case Mailbox::Request::Stop:
        stop();
        break;
    case Mailbox::Request::Release:
        hold(false);
        break;
    default: // Deliver
        if (isUp() && !m_delivering)
            deliverLater();
        break;
    }
}

// Returns whether the GruvSocket is still there.
bool GruvSocketPrivate::openMailFirst()
{
    const auto keep = shared_from_this();
    const quint32 connection = m_connection;
    const bool telling = std::exchange(m_telling, true); // a slot would send before this call does
    openMail(LettersPerTurn);
    if (m_connection == connection)
        m_telling = telling;
    return q;
}

/*
    A nested call goes on where the outer one is, so the order holds. What is beyond a turn's share
    waits for the next one, before what has come since; letters to a connection that is gone are
    only dropped.
*/
void GruvSocketPrivate::openMail(int most)
{
    const auto keep = shared_from_this();
    if (most == AllLetters || m_nextLetter == m_letters.size())
        m_mailbox.takeAll(&m_letters);
    while (most > 0 && m_nextLetter < m_letters.size()) {
        const Mailbox::Letter letter = std::move(m_letters[m_nextLetter++]);
        most -= int(q && letter.connection == m_connection);
        open(letter);
    }
    if (m_nextLetter < m_letters.size())
        return;
    m_letters = {};
    m_nextLetter = 0;
}

/*
    An event posted for the rest, or for what comes meanwhile, would be delivered in the same turn:
    whoever sends without end would have the event loop for himself. So while there is mail a zero
    timer wakes, in an event loop that a slot runs, too.
*/
void GruvSocketPrivate::mailCame()
{
    const auto keep = shared_from_this();
    if (!m_mailTimer.isActive())
        m_mailTimer.start(0, q);
    openMail(LettersPerTurn);
    if (q && m_letters.empty() && m_mailbox.endTurn())
        m_mailTimer.stop();
}
