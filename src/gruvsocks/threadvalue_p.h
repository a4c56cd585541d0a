// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef THREADVALUE_P_H
#define THREADVALUE_P_H

// One Value for each thread; null when the thread has destroyed it already, for objects that live
// longer than what is thread_local (static ones do).
template<typename Value>
Value *valueOfThisThread()
{
    thread_local bool isGone = false;
    struct Holder
    {
        ~Holder() { isGone = true; }
        Value value;
    };
    thread_local Holder holder;
    return isGone ? nullptr : &holder.value;
}

#endif // THREADVALUE_P_H
