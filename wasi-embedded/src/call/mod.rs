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
use crate::handles::Opened;
use crate::interfaces::Verb;
use crate::lift;
use crate::lower::{self, Mismatch, Space, Value};
use crate::types::Type;
use crate::{Abuse, Blocked, Board, Class, Grants, Hardware, HardwareView, Line, Reason};
use heapless::Vec;
use wasmote::{Caller, HostError, Slots, Trap};

/// Allocations of one call: the lists of a transaction, the list of these, and the words of an error.
const MAX_ALLOCATIONS: usize = MAX_OPERATIONS + 2;

/// Elements of a list that is given to a guest: handles that one `poll` tells.
const MAX_ELEMENTS: u32 = 1 << 16;

/// What a call that is not over has come to.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    pub(crate) blocked: Option<Blocked>,
    /// What the guest's allocator gave, in the order in which it was asked.
    given: Vec<Block, MAX_ALLOCATIONS>,
    /// What it has been asked for and not given yet.
    asked: Option<Block>,
    /// The line that the call is on, if it is on one.
    line: Option<Opened>,
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
    signature: &'static Signature,
    opened: Option<Opened>,
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
    let Some(signature) = SIGNATURES.get(slots.row() as usize) else {
        return Err(Trap::Unreachable.into());
    };
    let opened = if caller.has_called_back() {
        let opened = take_given(caller)?;
        lift::lists(caller, signature)?;
        opened
    } else {
        // A new call, or one that waited; a thread that was ended inside its allocator leaves nothing to it.
        hardware(caller).0.pause.given.clear();
        lift::arguments(caller, signature)?
    };
    let mut call = Call { caller, signature, opened, asked: 0 };
    // The functions that are called on a line have its handle first, and have been given it.
    let line = || opened.ok_or_else(mistake);
    let scalar = match signature.verb {
        Verb::Digital(verb) => digital::answer(&mut call, verb, line()?),
        Verb::I2c(verb) => i2c::answer(&mut call, verb, line()?.line).map(|()| None),
        Verb::Spi(verb) => spi::answer(&mut call, verb, line()?.line).map(|()| None),
        Verb::Analog(verb) => analog::answer(&mut call, verb, line()?),
        Verb::Drop => call.remove().map(|()| None),
        Verb::Open(class) => open::line(&mut call, class).map(|()| None),
        Verb::OpenDelay => open::delay(&mut call).map(Some),
        Verb::Delay(unit) => delay::answer(&mut call, unit).map(|()| None),
        Verb::Poll(verb) => poll::answer(&mut call, verb),
    }?;
    if let Some(value) = scalar {
        slots.answer(value);
    }
    Ok(())
}

/// Notes what the allocator gave, which has just returned; gives the line that the call is on.
fn take_given<T: HardwareView>(caller: &mut Caller<'_, '_, T>) -> Result<Option<Opened>, HostError> {
    let at = caller.callback_result::<u32>()?.unwrap_or_default();
    let line = hardware(caller).0.pause.line;
    note_given(caller, at).map(|_| line)
}

/// Notes what the allocator gave for what it was asked for.
fn note_given<T: HardwareView>(caller: &mut Caller<'_, '_, T>, at: u32) -> Result<u32, HostError> {
    let pause = &mut hardware(caller).0.pause;
    let Block { len_bytes, align, .. } = pause.asked.take().ok_or(Abuse::BadRealloc)?;
    pause.given.push(Block { at, len_bytes, align }).map_err(|_| Abuse::BadRealloc)?;
    lift::place(caller, at, len_bytes, align)?;
    Ok(at)
}

impl<T: HardwareView> Call<'_, '_, '_, T> {
    /// Argument `n` of up to 32 bits: a number, a case of an enum, a handle.
    pub(crate) fn u32(&self, n: usize) -> u32 {
        self.caller.slot(self.signature.slot(n))
    }

    /// A `u16`, which is taken modulo its size.
    pub(crate) fn u16(&self, n: usize) -> u16 {
        self.u32(n) as u16
    }

    /// A `u64`.
    pub(crate) fn u64(&self, n: usize) -> u64 {
        let [low, high] = self.caller.slots(self.signature.slot(n));
        u64::from(low) | u64::from(high) << 32
    }

    /// An `f32`.
    pub(crate) fn f32(&self, n: usize) -> f32 {
        f32::from_bits(self.u32(n))
    }

    /// A list or string, where it lies.
    pub(crate) fn space(&self, n: usize) -> Space {
        let [at, len] = self.caller.slots(self.signature.slot(n));
        Space { at, len }
    }

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
        if len > MAX_ELEMENTS {
            return Err(Abuse::ListTooLong.into());
        }
        self.allocate_block(len, len * element.size(), element.align())
    }

    /// The bytes that the verb has asked for before it was started anew, if there are some. They are what it asked for first;
    /// what made it ask, if that was a number among the arguments, is still the same.
    pub(crate) fn first_bytes(&mut self) -> Option<Space> {
        let block = self.hardware().0.pause.given.first()?;
        Some(Space { at: block.at, len: block.len_bytes })
    }

    /// Space for bytes, as above.
    pub(crate) fn allocate_bytes(&mut self, len: u32) -> Result<Space, HostError> {
        self.allocate_block(len, len, 1)
    }

    fn allocate_block(&mut self, len: u32, len_bytes: u32, align: u32) -> Result<Space, HostError> {
        let (number, opened) = (self.asked, self.opened);
        self.asked += 1;
        let pause = &mut self.hardware().0.pause;
        match pause.given.get(number) {
            Some(block) if block.len_bytes == len_bytes && block.align == align => Ok(Space { at: block.at, len }),
            Some(_) => Err(Abuse::BadRealloc.into()),
            None => {
                (pause.asked, pause.line) = (Some(Block { at: 0, len_bytes, align }), opened);
                let given = if self.signature.is_deep {
                    Err(self.caller.reallocate(align, len_bytes))
                } else {
                    self.caller.reallocate_now(align, len_bytes)
                };
                match given {
                    Ok(at) => note_given(self.caller, at).map(|at| Space { at, len }),
                    Err(HostError::Trap(Trap::UndefinedElement | Trap::IndirectCallTypeMismatch)) => {
                        Err(Abuse::NoRealloc.into())
                    }
                    Err(asked) => Err(asked),
                }
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

    /// Lowers the result to where the guest wants it.
    pub(crate) fn finish(&mut self, value: &Value<'_>) -> Result<(), HostError> {
        let Some(ty) = self.signature.result else { return Err(mistake()) };
        lower::store(ty, self.out()?, value).map_err(|Mismatch| mistake())
    }

    /// Where the result goes, which was checked.
    #[inline]
    fn out(&mut self) -> Result<&mut [u8], Trap> {
        let at = self.caller.slot(self.signature.out.into());
        self.caller.slice_mut(at, self.signature.out_size.into())
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
        self.out()?.fill(0);
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
        let handle = self.u32(0);
        let (hardware, board) = self.hardware();
        Ok(hardware.table.remove(handle, board)?)
    }
}

/// Table and code disagree, which a test of every function rules out.
fn mistake() -> HostError {
    debug_assert!(false, "a value does not have the type of its row");
    Trap::Unreachable.into()
}
