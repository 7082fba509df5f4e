//! `wasi:io/poll`.

use super::Call;
use crate::interfaces::POLLABLE_LENT;
use crate::lift::{Lifted, load};
use crate::lower::Value;
use crate::types::Type;
use crate::{Abuse, Blocked, HardwareView};
use wasmote::HostError;

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Ready,
    Block,
    Poll,
}

/// Handles that one `poll` may name: more than a table has slots, even if some come twice.
const MAX_POLLED: u32 = 1024;

/// Answers a call; gives the result if it does not go to memory.
pub(crate) fn answer<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, verb: Verb) -> Result<Option<u32>, HostError> {
    let handle = call.u32(0);
    match verb {
        Verb::Ready => {
            let (hardware, board) = call.hardware();
            Ok(Some(u32::from(hardware.table.watch(handle)?.is_ready(board))))
        }
        Verb::Block => {
            let (hardware, board) = call.hardware();
            let watch = hardware.table.watch(handle)?;
            if !watch.is_ready(board) {
                let sampled = watch.is_sampled();
                return Err(call.wait(Blocked { deadline_ns: None, sampled }));
            }
            watch.told(board);
            Ok(None)
        }
        Verb::Poll => poll(call).map(|()| None),
    }
}

/// The handle in the list at place `n`.
fn handle<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, n: u32) -> Result<u32, HostError> {
    let at = call.space(0).at.wrapping_add(n.wrapping_mul(POLLABLE_LENT.size()));
    match load(call.caller, &POLLABLE_LENT, at)? {
        Lifted::U32(handle) => Ok(handle),
        _ => Err(Abuse::UnknownHandle.into()),
    }
}

/// Finds what is ready, marks it, gets space for the indices, and tells them. The marks keep the answer the same while the
/// guest's allocator runs, and looking has no effect otherwise.
fn poll<T: HardwareView>(call: &mut Call<'_, '_, '_, T>) -> Result<(), HostError> {
    let count = call.space(0).len;
    match count {
        0 => return Err(Abuse::EmptyPoll.into()),
        1..=MAX_POLLED => {}
        _ => return Err(Abuse::ListTooLong.into()),
    }
    let (mut ready, mut sampled) = (0, false);
    let looking = !call.is_allocated();
    for n in 0..count {
        let handle = handle(call, n)?;
        let (hardware, board) = call.hardware();
        let watch = hardware.table.watch(handle)?;
        if looking {
            watch.telling = watch.is_ready(board);
            sampled |= watch.is_sampled();
        }
        ready += u32::from(watch.telling);
    }
    if ready == 0 && !looking {
        return Err(Abuse::BadRealloc.into());
    }
    if ready == 0 {
        return Err(call.wait(Blocked { deadline_ns: None, sampled }));
    }
    let list = call.allocate(&Type::U32, ready)?;
    let mut told = 0;
    for n in 0..count {
        let handle = handle(call, n)?;
        if call.hardware().0.table.watch(handle)?.telling {
            call.put_element(&Type::U32, list, told, &Value::U32(n))?;
            told += 1;
        }
    }
    for n in 0..count {
        let handle = handle(call, n)?;
        let (hardware, board) = call.hardware();
        let watch = hardware.table.watch(handle)?;
        if watch.telling {
            watch.told(board);
        }
    }
    call.finish(&Value::Placed(list))
}
