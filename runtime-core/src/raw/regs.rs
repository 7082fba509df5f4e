//! The machine's registers: instruction pointer, frame pointer and window base, which the dispatchers keep in the processor's
//! registers, and the `Hot` words that operations read from memory.
//!
//! What makes the accesses sound: the instruction pointer only ever points into code that `prepare` wrote, so that units
//! exist and slots lie within the frame; a call checks that the whole frame lies within the frame stack; the window is
//! what the arena says it is, and every cold path that moves the arena loads the registers anew.

mod hot;
mod slots;

pub(crate) use hot::{Exit, Hot};
pub(crate) use slots::{Cell, Slot};

use core::marker::PhantomData;

/// Whether fuel is charged. Only a build that measures what fuel costs does not; the operation at the head of a loop remains in it,
/// once for each time that the loop is entered.
const METERED: bool = cfg!(not(wasmote_unmetered));

/// Points to a unit of prepared code.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Ip(*const u16);

/// Points to the first slot of a frame.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Fp(*mut u8);

/// Where address 0 of the guest's memory would be, were its window that large. On Arm, whose calls pass four words in
/// registers, it stays in `Hot`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct MemoryBase(#[cfg(not(target_arch = "arm"))] *mut u8);

/// Fuel left; a block starts while it is positive. On Arm it stays in `Hot` as well.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Fuel(#[cfg(not(target_arch = "arm"))] isize);

/// The accumulator for integers: what the last operation gave. 32-bit targets keep the upper half of a wide value in `Hot`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct AccInt(usize);

/// The accumulator for `f32`. 32-bit targets use the one for integers.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct AccF32(#[cfg(target_pointer_width = "64")] f32);

/// The accumulator for `f64`, likewise.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct AccF64(#[cfg(target_pointer_width = "64")] f64);

/// The three accumulators.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Acc {
    pub(crate) int: AccInt,
    pub(crate) f32: AccF32,
    pub(crate) f64: AccF64,
}

impl Acc {
    const EMPTY: Acc = Acc {
        int: AccInt(0),
        f32: AccF32(
            #[cfg(target_pointer_width = "64")]
            0.0,
        ),
        f64: AccF64(
            #[cfg(target_pointer_width = "64")]
            0.0,
        ),
    };
}

/// A machine that has hot words.
pub(crate) trait HasHot {
    fn hot(&self) -> &Hot;
    fn hot_mut(&mut self) -> &mut Hot;
}

/// A return record, as two words: where the caller goes on, in bytes from its code's start; then how far its frame lies
/// below the callee's, in bytes, with a `Frame` kind in the two lowest bits.
pub(crate) const RECORD_BYTES: u32 = 8;

/// Two slots, which are aligned as one.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
struct Slots(u64);

/// Words of an entry of the function table.
const FUNC_BYTES: usize = 8;

/// The registers of a running machine `M`. Numbered methods name a unit of the current operation.
pub(crate) struct Regs<'m, M> {
    pub(crate) ip: Ip,
    pub(crate) fp: Fp,
    pub(crate) memory: MemoryBase,
    pub(crate) fuel: Fuel,
    pub(crate) acc: Acc,
    pub(crate) machine: Machine<'m, M>,
}

/// The machine behind the registers.
pub(crate) struct Machine<'m, M>(*mut M, PhantomData<&'m mut M>);

impl<M> Clone for Machine<'_, M> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Machine<'_, M> {}

impl<'m, M: HasHot> Regs<'m, M> {
    /// Takes the registers out of a machine.
    #[inline(always)]
    pub(crate) fn load(machine: &'m mut M) -> Regs<'m, M> {
        let hot = machine.hot();
        let (ip, fp, memory, fuel, acc) = (hot.ip, hot.fp, hot.base(), hot.fuel(), hot.acc);
        Regs { ip, fp, memory, fuel, acc, machine: Machine(machine, PhantomData) }
    }

    #[inline(always)]
    fn hot(&self) -> &Hot {
        // SAFETY: the machine is borrowed for `'m` and reached through these registers only.
        unsafe { (*self.machine.0).hot() }
    }

    #[inline(always)]
    fn hot_mut(&mut self) -> &mut Hot {
        // SAFETY: as for `hot`.
        unsafe { (*self.machine.0).hot_mut() }
    }

    /// Puts the registers back, lets `f` work with the machine, and takes them out again.
    #[inline(always)]
    pub(crate) fn with<R>(&mut self, f: impl FnOnce(&mut M) -> R) -> R {
        let (ip, fp, fuel, acc) = (self.ip, self.fp, self.fuel_left(), self.acc);
        let hot = self.hot_mut();
        hot.fuel = fuel;
        hot.ip = ip;
        hot.fp = fp;
        hot.acc = acc;
        // SAFETY: as for `hot`; no other reference to the machine is alive.
        let machine = unsafe { &mut *self.machine.0 };
        let result = f(machine);
        let hot = machine.hot();
        self.ip = hot.ip;
        self.fp = hot.fp;
        self.memory = hot.base();
        self.fuel = hot.fuel();
        self.acc = hot.acc;
        result
    }

    #[inline(always)]
    pub(crate) fn unit(&self, n: usize) -> u16 {
        // SAFETY: `prepare` wrote the operation with all its units.
        unsafe { self.ip.0.add(n).read() }
    }

    #[inline(always)]
    pub(crate) fn imm(&self, n: usize) -> i32 {
        i32::from(self.unit(n) as i16)
    }

    #[inline(always)]
    pub(crate) fn word(&self, n: usize) -> u32 {
        u32::from(self.unit(n)) | u32::from(self.unit(n + 1)) << 16
    }

    #[inline(always)]
    fn slot(&self, n: usize) -> *mut u8 {
        // SAFETY: operands are offsets within the frame, which lies within the frame stack.
        unsafe { self.fp.0.add(self.unit(n) as usize) }
    }

    #[inline(always)]
    pub(crate) fn get<T: Slot>(&self, n: usize) -> T {
        T::read(self.slot(n))
    }

    #[inline(always)]
    pub(crate) fn set<T: Slot>(&mut self, n: usize, value: T) {
        value.write(self.slot(n));
    }

    /// Writes the frame's first slot.
    #[inline(always)]
    pub(crate) fn set_first<T: Slot>(&mut self, value: T) {
        value.write(self.fp.0);
    }

    #[inline(always)]
    pub(crate) fn advance(&mut self, units: usize) {
        // SAFETY: another operation follows, for no function ends in one that falls through.
        self.ip = Ip(unsafe { self.ip.0.add(units) });
    }

    /// Takes the branch whose cell is at unit `n`; false if fuel has run out, the branch being taken nevertheless.
    #[inline(always)]
    pub(crate) fn branch(&mut self, n: usize) -> bool {
        let (displacement, cost) = (self.imm(n), self.imm(n + 1));
        self.leap(n, displacement as isize, cost as isize)
    }

    /// The same with a cell of words.
    #[inline(always)]
    pub(crate) fn branch_wide(&mut self, n: usize) -> bool {
        let (displacement, cost) = (self.word(n) as i32, self.word(n + 2) as i32);
        self.leap(n, displacement as isize, cost as isize)
    }

    #[inline(always)]
    fn leap(&mut self, n: usize, displacement: isize, cost: isize) -> bool {
        // SAFETY: displacements lead to an operation of the same function.
        self.ip = Ip(unsafe { self.ip.0.add(n).offset(displacement) });
        self.charge(cost)
    }

    /// Charges fuel; false if none is left.
    #[inline(always)]
    pub(crate) fn charge(&mut self, cost: isize) -> bool {
        if !METERED {
            return true;
        }
        let left = self.fuel_left().wrapping_sub(cost);
        self.set_fuel(left);
        left > 0
    }

    #[cfg(not(target_arch = "arm"))]
    #[inline(always)]
    fn fuel_left(&self) -> isize {
        self.fuel.0
    }

    #[cfg(not(target_arch = "arm"))]
    #[inline(always)]
    fn set_fuel(&mut self, left: isize) {
        self.fuel = Fuel(left);
    }

    #[cfg(target_arch = "arm")]
    #[inline(always)]
    fn fuel_left(&self) -> isize {
        self.hot().fuel
    }

    #[cfg(target_arch = "arm")]
    #[inline(always)]
    fn set_fuel(&mut self, left: isize) {
        self.hot_mut().fuel = left;
    }

    /// Changes a part of the machine that the registers do not cache.
    #[cfg(all(wasmote_optimised, not(wasmote_small)))]
    #[inline(always)]
    pub(crate) fn set_cold(&mut self, f: impl FnOnce(&mut M)) {
        // SAFETY: as for `hot`.
        f(unsafe { &mut *self.machine.0 })
    }

    /// Notes why the machine stops.
    #[inline(always)]
    pub(crate) fn set_exit(&mut self, exit: Exit) {
        self.hot_mut().exit = exit;
    }

    /// Puts the registers back.
    #[inline(always)]
    pub(crate) fn save(&mut self) {
        self.with(|_| ());
    }

    /// Moves bytes within the frame.
    #[inline(always)]
    pub(crate) fn copy_block(&mut self, to: usize, from: usize, len: u16) {
        // SAFETY: both ranges lie within the frame.
        unsafe { core::ptr::copy(self.slot(from), self.slot(to), len as usize) }
    }

    /// Loads from the window; `None` if the access lies outside of it.
    #[inline(always)]
    pub(crate) fn load_cell<T: Cell>(&self, address: u32, offset: u32) -> Option<T> {
        self.cell::<T>(address, offset).map(|at| T::load(at))
    }

    /// Stores to the window; false if the access lies outside of it.
    #[inline(always)]
    pub(crate) fn store_cell<T: Cell>(&mut self, address: u32, offset: u32, value: T) -> bool {
        match self.cell::<T>(address, offset) {
            Some(at) => {
                value.store(at);
                true
            }
            None => false,
        }
    }

    #[cfg(not(target_arch = "arm"))]
    #[inline(always)]
    fn base(&self) -> *mut u8 {
        self.memory.0
    }

    #[cfg(target_arch = "arm")]
    #[inline(always)]
    fn base(&self) -> *mut u8 {
        self.hot().memory
    }

    /// The one place where an effective address is formed and compared with the window.
    #[inline(always)]
    fn cell<T: Cell>(&self, address: u32, offset: u32) -> Option<*mut u8> {
        let address = if cfg!(target_pointer_width = "64") {
            address as usize + offset as usize
        } else {
            address.checked_add(offset)? as usize
        };
        let hot = self.hot();
        let limit = match T::LOG2 {
            0 => hot.limits[0],
            1 => hot.limits[1],
            2 => hot.limits[2],
            _ => hot.limits[3],
        };
        // In the window, `memory + address` is `data + (address - window)`.
        (address.wrapping_sub(hot.window) < limit).then(|| self.base().wrapping_add(address))
    }

    /// A global of the instance's own, by byte offset.
    #[inline(always)]
    pub(crate) fn global<T: Slot>(&self, n: usize) -> T {
        // SAFETY: offsets of globals are validated.
        T::read(unsafe { self.hot().globals.add(self.unit(n) as usize) })
    }

    #[inline(always)]
    pub(crate) fn set_global<T: Slot>(&mut self, n: usize, value: T) {
        // SAFETY: as for `global`.
        value.write(unsafe { self.hot().globals.add(self.unit(n) as usize) });
    }

    /// The handle of an imported function, its index being the word at unit `n`.
    #[inline(always)]
    pub(crate) fn imported(&self, n: usize) -> u32 {
        // SAFETY: indices of functions are validated, and those of imported ones have a handle each.
        unsafe { self.hot().imports.cast::<u32>().add(self.word(n) as usize).read() }
    }

    /// An element of the first table.
    #[inline(always)]
    pub(crate) fn element(&self, index: u32) -> Option<u32> {
        let table = self.hot().table;
        // SAFETY: within the table.
        (index < table.len).then(|| unsafe { table.elements.add(index as usize).read() })
    }

    /// The own function behind a handle, if it is of the current instance and of this type.
    #[inline(always)]
    pub(crate) fn own_function(&self, handle: u32, ty: u32) -> Option<u32> {
        let hot = self.hot();
        let index = handle.wrapping_sub(hot.func_base);
        // SAFETY: the index is compared with the number of entries first.
        let matches = index < hot.own_funcs
            && unsafe { hot.funcs.add(index as usize * FUNC_BYTES + 4).cast::<u32>().read() } == ty;
        matches.then_some(index)
    }

    /// Enters an own function whose arguments lie `arguments` bytes into the frame; the calling operation has `units`. False if
    /// there is no fuel or no room: nothing has changed then.
    #[inline(always)]
    pub(crate) fn enter(&mut self, index: u32, arguments: u16, units: usize) -> bool {
        // It holds nothing at a call: a register less to keep.
        self.acc.int = AccInt(0);
        let hot = self.hot();
        let header = self.header(index);
        let fp = self.fp.0.wrapping_add(arguments as usize);
        let records = hot.records.wrapping_sub(RECORD_BYTES as usize);
        if !self.has_room(header, fp, records) {
            return false;
        }
        let back = (self.ip.0.wrapping_add(units) as usize).wrapping_sub(hot.code as usize) as u32;
        (u64::from(back) | u64::from(arguments) << 32).write(records);
        self.begin(header, fp, records);
        true
    }

    /// Enters an own function in place of the current frame, with `len` bytes of arguments, which lie `arguments` bytes into it.
    /// False as for `enter`.
    #[inline(always)]
    pub(crate) fn enter_instead(&mut self, index: u32, arguments: u16, len: u16) -> bool {
        self.acc.int = AccInt(0);
        let (header, fp, records) = (self.header(index), self.fp.0, self.hot().records);
        if !self.has_room(header, fp, records) {
            return false;
        }
        let (mut to, mut from) = (fp, fp.wrapping_add(arguments as usize));
        let end = fp.wrapping_add(len as usize);
        while to < end {
            // SAFETY: as for `Slot::read` and `Slot::write`; volatile as in `begin`.
            unsafe { to.cast::<u32>().write_volatile(from.cast::<u32>().read_volatile()) };
            (to, from) = (to.wrapping_add(4), from.wrapping_add(4));
        }
        self.begin(header, fp, records);
        true
    }

    /// The header of an own function's code.
    #[inline(always)]
    fn header(&self, index: u32) -> *const u16 {
        let hot = self.hot();
        // SAFETY: function indices are validated; code offsets are what `prepare` noted, and a header of four units
        // stands before the first operation.
        unsafe {
            let code = hot.funcs.add(index as usize * FUNC_BYTES).cast::<u32>().read();
            hot.code.add(code as usize).cast::<u16>()
        }
    }

    /// Whether a function's frame fits, and there is fuel to enter it.
    #[inline(always)]
    fn has_room(&self, header: *const u16, fp: *mut u8, records: *mut u8) -> bool {
        // SAFETY: the header has four units.
        let frame = unsafe { header.read() } as usize;
        fp as usize + frame <= records as usize && (!METERED || self.fuel_left() > 0)
    }

    /// Goes to the first operation of a function whose frame fits.
    #[inline(always)]
    fn begin(&mut self, header: *const u16, fp: *mut u8, records: *mut u8) {
        // SAFETY: the header has four units.
        let part = |n: usize| unsafe { header.add(n).read() };
        let (mut at, end) = (fp.wrapping_add(part(2) as usize), fp.wrapping_add(part(3) as usize));
        // SAFETY: as for `Slot::write`. Volatile, for else this becomes a call of `memset`, for the sake of which every
        // register would be saved.
        if cfg!(target_pointer_width = "64") {
            while end as usize - at as usize >= 16 {
                unsafe { at.cast::<Slots>().write_volatile(Slots(0)) };
                unsafe { at.wrapping_add(8).cast::<Slots>().write_volatile(Slots(0)) };
                at = at.wrapping_add(16);
            }
        }
        while at < end {
            unsafe { at.cast::<u32>().write_volatile(0) };
            at = at.wrapping_add(4);
        }
        self.hot_mut().records = records;
        self.charge(part(1) as isize);
        self.fp = Fp(fp);
        self.ip = Ip(header.wrapping_add(4));
    }

    /// Returns to the caller. False if its record is not a plain one: the record is left where it is.
    #[inline(always)]
    pub(crate) fn leave(&mut self) -> bool {
        let hot = self.hot_mut();
        let records = hot.records;
        let (back, down) = (u32::read(records), u32::read(records.wrapping_add(4)));
        if down & 3 != 0 {
            return false;
        }
        hot.records = records.wrapping_add(RECORD_BYTES as usize);
        let code = hot.code;
        self.ip = Ip(code.wrapping_add(back as usize).cast());
        self.fp = Fp(self.fp.0.wrapping_sub(down as usize));
        true
    }
}
