// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/receivebuffer_p.h>

namespace {

thread_local std::unique_ptr<ReceiveBuffer> idleBuffer;

} // namespace

ReceiveBuffer::Loan ReceiveBuffer::borrow()
{
    return Loan(idleBuffer ? idleBuffer.release() : new ReceiveBuffer);
}

void ReceiveBuffer::GiveBack::operator()(ReceiveBuffer *buffer) const
{
    if (buffer->message.capacity() > Size)
        buffer->message = QByteArray();
    idleBuffer.reset(buffer);
}
