//! Arguments, environment, and the end of the program.

use wasmote::{Caller, HostError};

use super::{Fail, Outcome};
use crate::{
    Errno, WasiView,
    capability::Program,
    guest::{Out, Region},
};

/// One of the two lists of texts.
#[derive(Clone, Copy)]
enum List {
    Arguments,
    Variables,
}

impl List {
    fn get<P: Program>(self, program: &P, index: usize) -> Option<&[u8]> {
        match self {
            List::Arguments => program.argument(index),
            List::Variables => program.variable(index),
        }
    }

    /// How many texts there are, and how many bytes they take, each with a NUL at its end.
    fn sizes<P: Program>(self, program: &P) -> Result<(u32, u32), Errno> {
        let mut count = 0u32;
        let mut len = 0u32;
        while let Some(text) = self.get(program, count as usize) {
            let text_len = u32::try_from(text.len()).map_err(|_| Errno::Overflow)?;
            len = len.checked_add(text_len).and_then(|len| len.checked_add(1)).ok_or(Errno::Overflow)?;
            count += 1;
        }
        Ok((count, len))
    }

    /// Writes the numbers of [`List::sizes`].
    fn put_sizes<T: WasiView>(self, caller: &mut Caller<'_, '_, T>, count_at: u32, len_at: u32) -> Outcome {
        let count_out = Out::<4>::check(caller, count_at)?;
        let len_out = Out::<4>::check(caller, len_at)?;
        let (count, len) = self.sizes(&caller.data().wasi().host.program)?;
        count_out.put(caller, count.to_le_bytes())?;
        len_out.put(caller, len.to_le_bytes())?;
        Ok(())
    }

    /// Writes the texts to `texts_at`, and where each begins to `pointers_at`.
    fn put<T: WasiView>(self, caller: &mut Caller<'_, '_, T>, pointers_at: u32, texts_at: u32) -> Outcome {
        let (count, len) = self.sizes(&caller.data().wasi().host.program)?;
        let pointers = Region::check_array(caller, pointers_at, count, 4)?;
        let texts = Region::check(caller, texts_at, len)?;
        let mut at = 0;
        for index in 0..count {
            pointers.write(caller, index * 4, &texts_at.wrapping_add(at).to_le_bytes())?;
            let (data, bytes) = texts.part(at, u32::MAX).parts(caller)?;
            let text = self.get(&data.wasi().host.program, index as usize).unwrap_or_default();
            let (place, rest) = bytes.split_at_mut_checked(text.len()).ok_or(Errno::Overflow)?;
            place.copy_from_slice(text);
            *rest.first_mut().ok_or(Errno::Overflow)? = 0;
            at += text.len() as u32 + 1;
        }
        Ok(())
    }
}

/// `args_get`.
pub(crate) fn args_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, argv: u32, argv_buf: u32) -> Outcome {
    List::Arguments.put(caller, argv, argv_buf)
}

/// `args_sizes_get`.
pub(crate) fn args_sizes_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, count: u32, len: u32) -> Outcome {
    List::Arguments.put_sizes(caller, count, len)
}

/// `environ_get`.
pub(crate) fn environ_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, environ: u32, environ_buf: u32) -> Outcome {
    List::Variables.put(caller, environ, environ_buf)
}

/// `environ_sizes_get`.
pub(crate) fn environ_sizes_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, count: u32, len: u32) -> Outcome {
    List::Variables.put_sizes(caller, count, len)
}

/// `proc_exit`: ends the guest with this code, whatever it is; the embedder decides what its own codes can say.
pub(crate) fn proc_exit<T: WasiView>(caller: &mut Caller<'_, '_, T>, code: u32) -> Result<(), HostError> {
    caller.data().wasi().abandon();
    Err(HostError::Exit(code))
}

/// The signals that do nothing unless they are caught: CHLD, CONT, URG, WINCH. A guest cannot catch them.
const IGNORED: [u32; 4] = [16, 17, 22, 27];
/// The signals that stop: STOP, TSTP, TTIN, TTOU. Nobody could make the guest continue.
const STOPPING: [u32; 4] = [18, 19, 20, 21];
/// The last signal, SYS.
const SIGNAL_MAX: u32 = 30;

/// `proc_raise`: a signal does what it does to a process that catches none; ending has the shell's code, 128 + signal.
pub(crate) fn proc_raise<T: WasiView>(_: &mut Caller<'_, '_, T>, signal: u32) -> Outcome {
    match signal {
        0 => Ok(()),
        _ if signal > SIGNAL_MAX => Err(Errno::Inval.into()),
        _ if IGNORED.contains(&signal) => Ok(()),
        _ if STOPPING.contains(&signal) => Err(Errno::NotSup.into()),
        _ => Err(Fail::Host(HostError::Exit(128 + signal))),
    }
}

/// `sched_yield`: fuel already decides who runs.
pub(crate) fn sched_yield<T: WasiView>(_: &mut Caller<'_, '_, T>) -> Outcome {
    Ok(())
}
