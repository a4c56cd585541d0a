// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/receivebuffer_p.h>
#include <gruvsocks/threadvalue_p.h>

static std::unique_ptr<ReceiveBuffer> *idleBuffer()
{
    return valueOfThisThread<std::unique_ptr<ReceiveBuffer>>();
}

ReceiveBuffer::Loan ReceiveBuffer::borrow()
{
    auto *const idle = idleBuffer();
    return Loan(idle && *idle ? idle->release() : new ReceiveBuffer);
}

void ReceiveBuffer::GiveBack::operator()(ReceiveBuffer *buffer) const
{
    if (buffer->message.capacity() > Size)
        buffer->message = QByteArray();
    std::unique_ptr<ReceiveBuffer> returned(buffer);
    if (auto *const idle = idleBuffer())
        idle->swap(returned);
}
