// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef RECEIVEBUFFER_P_H
#define RECEIVEBUFFER_P_H

#include <QtCore/qbytearray.h>

#include <memory>

// Each thread keeps one receive buffer for all its connections. A connection borrows it while it
// reads and delivers; a second borrower at the same time (a nested event loop) gets one of its own.
class ReceiveBuffer
{
public:
    static constexpr qsizetype Size = 256 * 1024;

    struct GiveBack
    {
        void operator()(ReceiveBuffer *buffer) const;
    };
    using Loan = std::unique_ptr<ReceiveBuffer, GiveBack>;

    static Loan borrow();
    char *data() { return m_bytes.get(); }

    QByteArray message; // the last message nobody kept: its memory serves the next one

private:
    std::unique_ptr<char[]> m_bytes{ new char[size_t(Size)] };
};

#endif // RECEIVEBUFFER_P_H
