//! The words that operations read from memory beside the registers: what the machine's present position, instance and window are.

use super::{Acc, Fp, Fuel, Ip, MemoryBase};
use crate::isa::Trap;

/// The first table's elements.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Table0 {
    pub(in crate::raw) elements: *const u32,
    pub(in crate::raw) len: u32,
}

/// Why a machine stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    Finished,
    Trapped(Trap),
    OutOfFuel,
    HostCall,
}

/// What operations use beside the registers. Handlers in assembly know it by its fields' offsets, which must be small.
#[repr(C)]
pub(crate) struct Hot {
    /// Fuel left; a block starts while it is positive.
    pub(crate) fuel: isize,
    /// Saved registers, while the machine is not running.
    pub(in crate::raw) ip: Ip,
    pub(in crate::raw) fp: Fp,
    pub(in crate::raw) acc: Acc,
    /// Upper half of a wide value in the accumulator, on 32-bit targets.
    pub(in crate::raw) acc_high: u32,
    /// Where address 0 of the guest's memory would be.
    pub(in crate::raw) memory: *mut u8,
    /// Guest address where the window begins.
    pub(in crate::raw) window: usize,
    /// By log2 of an access' size: how many addresses from the window's start on it may have.
    pub(in crate::raw) limits: [usize; 4],
    /// The newest return record; records grow down.
    pub(in crate::raw) records: *mut u8,
    pub(in crate::raw) code: *const u8,
    /// Entries of the instance's own functions.
    pub(in crate::raw) funcs: *const u8,
    pub(crate) own_funcs: u32,
    /// Handle of the instance's own function 0.
    pub(crate) func_base: u32,
    pub(in crate::raw) globals: *mut u8,
    pub(in crate::raw) table: Table0,
    /// Handles of the instance's imported functions.
    pub(in crate::raw) imports: *const u8,
    /// Why the machine stopped, once it has.
    pub(crate) exit: Exit,
}

impl Hot {
    pub(crate) const fn new() -> Hot {
        let nothing = core::ptr::null_mut();
        Hot {
            fuel: 0,
            exit: Exit::Finished,
            window: 0,
            limits: [0; 4],
            records: nothing,
            code: nothing,
            funcs: nothing,
            own_funcs: 0,
            func_base: 0,
            globals: nothing,
            imports: nothing,
            table: Table0 { elements: nothing.cast(), len: 0 },
            ip: Ip(nothing.cast()),
            fp: Fp(nothing),
            acc: Acc::EMPTY,
            memory: nothing,
            acc_high: 0,
        }
    }

    /// Points the registers at the current instance's code, function entries and globals.
    pub(crate) fn set_instance(
        &mut self,
        code: *const u8,
        funcs: *const u8,
        own_funcs: u32,
        func_base: u32,
        globals: *mut u8,
        imports: *const u8,
    ) {
        self.imports = imports;
        self.code = code;
        self.funcs = funcs;
        self.own_funcs = own_funcs;
        self.func_base = func_base;
        self.globals = globals;
    }

    pub(crate) fn set_table(&mut self, elements: *const u8, len: u32) {
        self.table = Table0 { elements: elements.cast(), len };
    }

    /// Opens a window: `len` bytes at `data` are the guest's memory from `start` on.
    pub(crate) fn set_window(&mut self, start: u32, len: u32, data: *mut u8) {
        self.window = start as usize;
        for (log2, limit) in self.limits.iter_mut().enumerate() {
            *limit = (len as usize + 1).saturating_sub(1 << log2);
        }
        self.memory = data.wrapping_sub(start as usize);
    }

    /// The address of a range of guest memory that is not empty, if the window shows all of it.
    pub(crate) fn shown(&self, address: u32, len: u32) -> Option<*const u8> {
        let inside = (address as usize).checked_sub(self.window)?;
        // The first limit is the window's length, that of an access of one byte.
        let left = self.limits[0].checked_sub(inside)?;
        (len != 0 && len as usize <= left).then(|| self.memory.wrapping_add(address as usize).cast_const())
    }

    /// Moves bytes of guest memory, which may overlap; false if the window does not show all of both ranges.
    pub(crate) fn slide(&mut self, from: u32, to: u32, len: u32) -> bool {
        let (Some(from), Some(to)) = (self.shown(from, len), self.shown(to, len)) else { return false };
        // SAFETY: the window lies in the arena, which nothing else borrows while the machine is at an operation.
        unsafe { core::ptr::copy(from, to.cast_mut(), len as usize) };
        true
    }

    /// Fills bytes of guest memory; false if the window does not show all of them.
    pub(crate) fn fill(&mut self, to: u32, byte: u8, len: u32) -> bool {
        let Some(to) = self.shown(to, len) else { return false };
        // SAFETY: as for `slide`.
        unsafe { core::ptr::write_bytes(to.cast_mut(), byte, len as usize) };
        true
    }

    /// Goes on so many units behind, while the machine is not running.
    pub(crate) fn skip(&mut self, units: u32) {
        self.ip = Ip(self.ip.0.wrapping_add(units as usize));
    }

    /// Positions the machine: bytes of code, the frame's and the newest record's address.
    pub(crate) fn set_position(&mut self, ip_offset: u32, fp: *mut u8, records: *mut u8) {
        self.ip = Ip(self.code.wrapping_add(ip_offset as usize).cast());
        self.fp = Fp(fp);
        self.records = records;
    }

    pub(crate) fn set_records(&mut self, records: *mut u8) {
        self.records = records;
    }

    pub(crate) fn set_fp(&mut self, fp: *mut u8) {
        self.fp = Fp(fp);
    }

    pub(crate) fn ip_offset(&self) -> u32 {
        (self.ip.0 as usize).wrapping_sub(self.code as usize) as u32
    }

    /// The memory's base as the registers keep it.
    #[inline(always)]
    pub(super) fn base(&self) -> MemoryBase {
        MemoryBase(
            #[cfg(not(target_arch = "arm"))]
            self.memory,
        )
    }

    /// The fuel as the registers keep it.
    #[inline(always)]
    pub(super) fn fuel(&self) -> Fuel {
        Fuel(
            #[cfg(not(target_arch = "arm"))]
            self.fuel,
        )
    }

    pub(crate) fn fp(&self) -> *const u8 {
        self.fp.0
    }

    pub(crate) fn records(&self) -> *const u8 {
        self.records
    }
}
