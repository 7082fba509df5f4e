//! A call: lifted, answered by the verb of its row, lowered.
//!
//! A verb that returns lists asks for their space first, by [`Call::allocate`], all of it, and only then touches the bus.
//! Each time it asks, the guest's `cabi_realloc` runs and the verb starts anew with the same arguments; what it was given
//! by then is kept in the [`Pause`]. So a verb must have no effect before its last allocation.

pub(crate) mod analog;
pub(crate) mod delay;
pub(crate) mod digital;
pub(crate) mod i2c;
pub(crate) mod open;
pub(crate) mod poll;
pub(crate) mod spi;

use crate::buffers::MAX_OPERATIONS;
use crate::functions::{SIGNATURES, Signature};
use crate::interfaces::Verb;
use crate::lift::{self, Arguments};
use crate::lower::{self, Mismatch, Space, Value};
use crate::types::Type;
use crate::{Abuse, Blocked, Board, Class, Grants, Hardware, HardwareView, Line, Reason};
use heapless::Vec;
use wasmote::{Caller, HostError, Slots, Trap};

/// Names under which guests export their allocator, `(old pointer, old length, alignment, length) -> pointer`: the usual one,
/// and that of the draft naming.
const REALLOC: [&str; 2] = ["cabi_realloc", "cm32p2_realloc"];

/// Allocations of one call: the lists of a transaction, the list of these, and the words of an error.
const MAX_ALLOCATIONS: usize = MAX_OPERATIONS + 2;

/// What a call that is not over has come to.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    pub(crate) blocked: Option<Blocked>,
    /// What the guest's allocator gave, in the order in which it was asked.
    given: Vec<Block, MAX_ALLOCATIONS>,
    /// What it has been asked for and not given yet.
    asked: Option<Block>,
}

/// Bytes in the guest's memory.
#[derive(Clone, Copy, Debug)]
struct Block {
    at: u32,
    len_bytes: u32,
    align: u32,
}

impl Pause {
    /// The call is over: the next one owes it nothing.
    pub(crate) fn end(&mut self) {
        self.blocked = None;
        self.asked = None;
        self.given.clear();
    }
}

/// The guest's state and the board.
pub(crate) fn hardware<'c, T: HardwareView>(
    caller: &'c mut Caller<'_, '_, T>,
) -> (&'c mut Hardware<T::Grants, T::Slots>, &'c mut T::Board) {
    caller.data().hardware()
}

/// A call that is being answered.
pub(crate) struct Call<'x, 'c, 'a, T> {
    pub(crate) caller: &'x mut Caller<'c, 'a, T>,
    pub(crate) arguments: Arguments,
    result: Option<&'static Type>,
    /// Allocations that the verb has asked for since it started.
    asked: usize,
}

/// Answers a call of any function.
pub(crate) fn entry<T: HardwareView>(caller: &mut Caller<'_, '_, T>, slots: &mut Slots) -> Result<(), HostError> {
    let outcome = answer(caller, slots);
    let pauses = matches!(outcome, Err(HostError::Pending | HostError::CallBack(_)));
    if !pauses {
        hardware(caller).0.pause.end();
    }
    outcome
}

fn answer<T: HardwareView>(caller: &mut Caller<'_, '_, T>, slots: &mut Slots) -> Result<(), HostError> {
    let Some(Signature { params, result, verb }) = SIGNATURES.get(slots.row() as usize).copied() else {
        return Err(Trap::Unreachable.into());
    };
    take_given(caller)?;
    let arguments = Arguments::lift(caller, params, slots)?;
    if let Some(ty) = result.filter(|ty| ty.scalar().is_none()) {
        lift::range(caller, arguments.out, 1, ty.size(), ty.align())?;
    }
    let mut call = Call { caller, arguments, result, asked: 0 };
    let scalar = match verb {
        Verb::Drop => call.remove().map(|()| None),
        Verb::Open(class) => open::line(&mut call, class).map(|()| None),
        Verb::OpenDelay => open::delay(&mut call).map(Some),
        Verb::I2c(verb) => i2c::answer(&mut call, verb).map(|()| None),
        Verb::Spi(verb) => spi::answer(&mut call, verb).map(|()| None),
        Verb::Digital(verb) => digital::answer(&mut call, verb),
        Verb::Analog(verb) => analog::answer(&mut call, verb),
        Verb::Delay(unit) => delay::answer(&mut call, unit).map(|()| None),
        Verb::Poll(verb) => poll::answer(&mut call, verb),
    }?;
    if let Some(value) = scalar {
        slots.answer(value);
    }
    Ok(())
}

/// Notes what the allocator gave, if it has just returned.
fn take_given<T: HardwareView>(caller: &mut Caller<'_, '_, T>) -> Result<(), HostError> {
    let given = caller.callback_result::<u32>()?;
    let (hardware, _) = hardware(caller);
    let Some(at) = given else {
        // A new call, or one that waited; a thread that was ended inside its allocator leaves nothing to it.
        hardware.pause.given.clear();
        return Ok(());
    };
    let Block { len_bytes, align, .. } = hardware.pause.asked.take().ok_or(Abuse::BadRealloc)?;
    let block = Block { at, len_bytes, align };
    hardware.pause.given.push(block).map_err(|_| Abuse::BadRealloc)?;
    Ok(lift::range(caller, block.at, 1, len_bytes, align)?)
}

impl<T: HardwareView> Call<'_, '_, '_, T> {
    /// The guest's state and the board.
    pub(crate) fn hardware(&mut self) -> (&mut Hardware<T::Grants, T::Slots>, &mut T::Board) {
        hardware(self.caller)
    }

    /// Space in the guest's memory for `len` elements.
    ///
    /// # Errors
    /// A trap if the guest has no allocator, or has changed its mind about what it called us for; otherwise not a failure,
    /// but the request to be called again.
    pub(crate) fn allocate(&mut self, element: &Type, len: u32) -> Result<Space, HostError> {
        let (size, align) = (element.size(), element.align());
        let len_bytes = len.checked_mul(size).ok_or(Abuse::ListTooLong)?;
        let number = self.asked;
        self.asked += 1;
        match self.hardware().0.pause.given.get(number) {
            Some(block) if block.len_bytes == len_bytes && block.align == align => Ok(Space { at: block.at, len }),
            Some(_) => Err(Abuse::BadRealloc.into()),
            None => {
                self.hardware().0.pause.asked = Some(Block { at: 0, len_bytes, align });
                Err(self.call_realloc(align, len_bytes))
            }
        }
    }

    /// Has the verb been started anew with space that it asked for?
    pub(crate) fn is_allocated(&mut self) -> bool {
        !self.hardware().0.pause.given.is_empty()
    }

    /// A length that the guest may read; none if the policy forbids it, which is noted.
    pub(crate) fn admitted(&mut self, class: Class, line: Line, len: u64) -> Option<u32> {
        let (hardware, board) = self.hardware();
        if len <= u64::from(hardware.grants.max_transfer_bytes()) {
            return u32::try_from(len).ok();
        }
        hardware.refuse(class, board.label(class, line), Reason::Length(len));
        None
    }

    fn call_realloc(&mut self, align: u32, len_bytes: u32) -> HostError {
        for name in REALLOC {
            match self.caller.call_back::<_, u32>(name, (0u32, 0u32, align, len_bytes)) {
                HostError::Trap(Trap::UndefinedElement | Trap::IndirectCallTypeMismatch) => {}
                asked => return asked,
            }
        }
        Abuse::NoRealloc.into()
    }

    /// Lowers the result to where the guest wants it.
    pub(crate) fn finish(&mut self, value: &Value<'_>) -> Result<(), HostError> {
        let Some(ty) = self.result else { return Err(mistake()) };
        self.put(ty, self.arguments.out, value)
    }

    /// Lowers a value to an address that was checked.
    pub(crate) fn put(&mut self, ty: &Type, at: u32, value: &Value<'_>) -> Result<(), HostError> {
        let into = self.caller.slice_mut(at, ty.size())?;
        lower::store(ty, into, value).map_err(|Mismatch| mistake())
    }

    /// Lowers element `n` of a list into its space.
    pub(crate) fn put_element(&mut self, ty: &Type, list: Space, n: u32, value: &Value<'_>) -> Result<(), HostError> {
        if n >= list.len {
            return Err(Abuse::BadRealloc.into());
        }
        self.put(ty, list.at.wrapping_add(n.wrapping_mul(ty.size())), value)
    }

    /// Copies bytes within the guest's memory.
    pub(crate) fn copy(&mut self, from: Space, to: Space) -> Result<(), HostError> {
        let mut piece = [0; 32];
        let (mut at, len) = (0, from.len.min(to.len));
        while at < len {
            let now = (len - at).min(piece.len() as u32);
            let bytes = piece.get_mut(..now as usize).unwrap_or_default();
            self.caller.read(from.at.wrapping_add(at), bytes)?;
            self.caller.write(to.at.wrapping_add(at), bytes)?;
            at += now;
        }
        Ok(())
    }

    /// Zeros where the result goes, padding included.
    pub(crate) fn clear_result(&mut self) -> Result<(), HostError> {
        let Some(ty) = self.result else { return Err(mistake()) };
        self.caller.slice_mut(self.arguments.out, ty.size())?.fill(0);
        Ok(())
    }

    /// Copies text into its space.
    pub(crate) fn put_text(&mut self, space: Space, text: &str) -> Result<(), HostError> {
        let into = self.caller.slice_mut(space.at, space.len)?;
        into.iter_mut().zip(text.as_bytes()).for_each(|(to, from)| *to = *from);
        Ok(())
    }

    /// Gives the machine back until an interrupt or the deadline.
    pub(crate) fn wait(&mut self, blocked: Blocked) -> HostError {
        self.hardware().0.pause.blocked = Some(blocked);
        HostError::Pending
    }

    fn remove(&mut self) -> Result<(), HostError> {
        let handle = self.arguments.u32(0);
        let (hardware, board) = self.hardware();
        Ok(hardware.table.remove(handle, board)?)
    }
}

/// Table and code disagree, which a test of every function rules out.
fn mistake() -> HostError {
    debug_assert!(false, "a value does not have the type of its row");
    Trap::Unreachable.into()
}
