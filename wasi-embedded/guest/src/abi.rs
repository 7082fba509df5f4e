//! The imports in canonical-ABI form, and `cabi_realloc`. All `unsafe` of the crate is here.
//!
//! A module has one thread, so the state here is in cells; a host function can run guest code only through
//! `cabi_realloc`, which calls nothing.

use core::cell::{Cell, UnsafeCell};

/// The most operations of one transaction, which is the host's limit too.
pub const MAX_OPERATIONS: usize = 16;
/// The list of results, and a buffer for each operation.
const EXPECTED: usize = MAX_OPERATIONS + 1;
/// Bytes for the text of an error. A longer text traps; the host's are shorter.
const TEXT_BYTES: usize = 128;

/// A handle that the host gave, which is dropped with it.
pub(crate) struct Handle {
    number: u32,
    drop: unsafe extern "C" fn(u32),
}

impl Handle {
    pub(crate) fn new(number: u32, drop: unsafe extern "C" fn(u32)) -> Handle {
        Handle { number, drop }
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the host checks handles; this one is dropped once.
        unsafe { (self.drop)(self.number) }
    }
}

/// Where a host function puts its result. The largest has 16 bytes.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(crate) struct Area([u8; 16]);

impl Area {
    /// Calls a host function that puts its result here.
    pub(crate) fn of(call: impl FnOnce(*mut Area)) -> Area {
        let mut area = Area([0; 16]);
        call(&raw mut area);
        area
    }

    pub(crate) fn byte(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    pub(crate) fn word(&self, at: usize) -> u32 {
        let byte = |n| u32::from(self.byte(at + n));
        byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24
    }

    /// The word at 4 of a result that is `ok`, or the case of its error.
    pub(crate) fn handle_or_case(&self) -> Result<u32, u8> {
        if self.byte(0) == 0 { Ok(self.word(4)) } else { Err(self.byte(4)) }
    }
}

/// An operation of a transaction: 16 bytes, of I2C and SPI alike.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    case: u32,
    padding: u32,
    /// A length of 64 bits, or address and length, or a number.
    payload: [u32; 2],
}

impl Operation {
    pub(crate) const NONE: Operation = Operation { case: 0, padding: 0, payload: [0; 2] };

    pub(crate) fn read(len: usize) -> Operation {
        Operation { case: 0, payload: [len as u32, 0], ..Operation::NONE }
    }

    /// `case` 1 writes; with SPI, 2 transfers.
    pub(crate) fn send(case: u32, bytes: &[u8]) -> Operation {
        Operation { case, payload: [bytes.as_ptr() as u32, bytes.len() as u32], ..Operation::NONE }
    }

    pub(crate) fn delay_ns(ns: u32) -> Operation {
        Operation { case: 3, payload: [ns, 0], ..Operation::NONE }
    }
}

/// Room for a list of words: the results of a transaction, at which nobody looks since the buffers are known, or indices.
#[repr(C, align(4))]
pub(crate) struct Lists([u8; 12 * MAX_OPERATIONS]);

impl Lists {
    pub(crate) const EMPTY: Lists = Lists([0; 12 * MAX_OPERATIONS]);

    /// The first bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> &mut [u8] {
        self.0.get_mut(..len).unwrap_or_default()
    }

    /// A byte.
    pub(crate) fn byte(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }
}

/// Memory that the host will ask for.
#[derive(Clone, Copy)]
struct Space {
    at: *mut u8,
    len: usize,
}

/// What `cabi_realloc` gives away.
struct Allocator {
    expected: [Cell<Space>; EXPECTED],
    /// How many are expected, and how many of them were given.
    count: Cell<usize>,
    given: Cell<usize>,
    text: UnsafeCell<[u8; TEXT_BYTES]>,
}

// SAFETY: a module has one thread.
unsafe impl Sync for Allocator {}

static ALLOCATOR: Allocator = Allocator {
    expected: [const { Cell::new(Space { at: core::ptr::null_mut(), len: 0 }) }; EXPECTED],
    count: Cell::new(0),
    given: Cell::new(0),
    text: UnsafeCell::new([0; TEXT_BYTES]),
};

/// The buffers for one call of the host, in the order in which it will ask. Empty ones are not asked for.
pub(crate) struct Buffers<'b>(core::marker::PhantomData<&'b mut [u8]>);

impl<'b> Buffers<'b> {
    pub(crate) fn new() -> Buffers<'b> {
        ALLOCATOR.count.set(0);
        ALLOCATOR.given.set(0);
        Buffers(core::marker::PhantomData)
    }

    /// Adds a buffer, which is borrowed as long as this.
    pub(crate) fn push(&mut self, buffer: &'b mut [u8]) {
        let count = ALLOCATOR.count.get();
        if let (false, Some(slot)) = (buffer.is_empty(), ALLOCATOR.expected.get(count)) {
            slot.set(Space { at: buffer.as_mut_ptr(), len: buffer.len() });
            ALLOCATOR.count.set(count + 1);
        }
    }

    pub(crate) fn with(mut self, buffer: &'b mut [u8]) -> Buffers<'b> {
        self.push(buffer);
        self
    }
}

impl Drop for Buffers<'_> {
    fn drop(&mut self) {
        // The borrow ends: nothing may be given any more.
        ALLOCATOR.count.set(0);
    }
}

/// The host asks for memory: the next expected buffer if the length is that, otherwise it is an error's text. Only lists
/// of words, whose length the host decides, may be shorter than expected.
///
/// # Safety
/// Only the host calls it.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(_old: *mut u8, _old_len: usize, align: usize, len: usize) -> *mut u8 {
    if len == 0 {
        return core::ptr::without_provenance_mut(align);
    }
    let given = ALLOCATOR.given.get();
    if let Some(space) = ALLOCATOR.expected.get(given).map(Cell::get)
        && given < ALLOCATOR.count.get()
        && (space.len == len || align > 1 && space.len > len)
        && space.at.addr().is_multiple_of(align)
    {
        ALLOCATOR.given.set(given + 1);
        return space.at;
    }
    if len > TEXT_BYTES || align > 1 {
        core::arch::wasm32::unreachable();
    }
    ALLOCATOR.text.get().cast()
}

/// The text that the host allocated for an error.
pub(crate) fn with_text<R>(area: &Area, look: impl FnOnce(&str) -> R) -> R {
    let len = (area.word(12) as usize).min(TEXT_BYTES);
    // SAFETY: nothing else borrows it, and the host writes only while one of its functions runs.
    let text = unsafe { &*ALLOCATOR.text.get() };
    look(text.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default())
}

/// Declares imports: `module { "name" fn name(types) -> type; }`.
macro_rules! imports {
    ($($module:literal { $($link:literal fn $name:ident($($param:ident: $ty:ty),*) $(-> $result:ty)?;)* })*) => {
        $(
            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                $(#[link_name = $link] pub(crate) fn $name($($param: $ty),*) $(-> $result)?;)*
            }
        )*
    };
}

imports! {
    "wasmote:open/i2c@0.1.0" {
        "open" fn i2c_open(label: *const u8, len: usize, into: *mut Area);
    }
    "wasmote:open/digital@0.1.0" {
        "open-out" fn digital_open_out(label: *const u8, len: usize, into: *mut Area);
        "open-in" fn digital_open_in(label: *const u8, len: usize, into: *mut Area);
        "open-in-out" fn digital_open_in_out(label: *const u8, len: usize, into: *mut Area);
    }
    "wasmote:open/analog@0.1.0" {
        "open-out" fn analog_open_out(label: *const u8, len: usize, into: *mut Area);
        "open-in" fn analog_open_in(label: *const u8, len: usize, into: *mut Area);
    }
    "wasi:i2c/i2c@0.2.0-draft" {
        "[method]i2c.read" fn i2c_read(bus: u32, address: u32, len: u64, into: *mut Area);
        "[method]i2c.write" fn i2c_write(bus: u32, address: u32, from: *const u8, len: usize, into: *mut Area);
        "[method]i2c.write-read"
            fn i2c_write_read(bus: u32, address: u32, from: *const u8, len: usize, read_len: u64, into: *mut Area);
        "[method]i2c.transaction"
            fn i2c_transaction(bus: u32, address: u32, operations: *const Operation, count: usize, into: *mut Area);
        "[resource-drop]i2c" fn i2c_drop(bus: u32);
    }
    "wasi:spi/spi" {
        "open" fn spi_open(name: *const u8, len: usize, into: *mut Area);
        "[method]spi-device.read" fn spi_read(device: u32, len: u64, into: *mut Area);
        "[method]spi-device.write" fn spi_write(device: u32, from: *const u8, len: usize, into: *mut Area);
        "[method]spi-device.transfer" fn spi_transfer(device: u32, from: *const u8, len: usize, into: *mut Area);
        "[method]spi-device.transaction"
            fn spi_transaction(device: u32, operations: *const Operation, count: usize, into: *mut Area);
        "[resource-drop]spi-device" fn spi_drop(device: u32);
    }
    "wasi:gpio/delay@0.2.0" {
        "delay-ns" fn delay_ns(ns: u32);
        "delay-us" fn delay_us(us: u32);
        "delay-ms" fn delay_ms(ms: u32);
    }
    "wasi:gpio/digital@0.2.0" {
        "[method]digital-out-pin.set-active" fn out_set_active(pin: u32, into: *mut Area);
        "[method]digital-out-pin.set-inactive" fn out_set_inactive(pin: u32, into: *mut Area);
        "[method]digital-out-pin.toggle" fn out_toggle(pin: u32, into: *mut Area);
        "[resource-drop]digital-out-pin" fn out_drop(pin: u32);
        "[method]digital-in-pin.is-active" fn in_is_active(pin: u32, into: *mut Area);
        "[method]digital-in-pin.watch-active" fn in_watch_active(pin: u32, into: *mut Area);
        "[method]digital-in-pin.watch-inactive" fn in_watch_inactive(pin: u32, into: *mut Area);
        "[method]digital-in-pin.watch-rising-edge" fn in_watch_rising(pin: u32, into: *mut Area);
        "[method]digital-in-pin.watch-falling-edge" fn in_watch_falling(pin: u32, into: *mut Area);
        "[resource-drop]digital-in-pin" fn in_drop(pin: u32);
        "[method]digital-in-out-pin.set-active" fn in_out_set_active(pin: u32, into: *mut Area);
        "[method]digital-in-out-pin.set-inactive" fn in_out_set_inactive(pin: u32, into: *mut Area);
        "[method]digital-in-out-pin.toggle" fn in_out_toggle(pin: u32, into: *mut Area);
        "[method]digital-in-out-pin.is-active" fn in_out_is_active(pin: u32, into: *mut Area);
        "[resource-drop]digital-in-out-pin" fn in_out_drop(pin: u32);
    }
    "wasi:gpio/analog@0.2.0" {
        "[method]analog-out-pin.set-value" fn analog_set(pin: u32, fraction: f32, into: *mut Area);
        "[method]analog-out-pin.set-value-raw" fn analog_set_raw(pin: u32, value: u32, into: *mut Area);
        "[resource-drop]analog-out-pin" fn analog_out_drop(pin: u32);
        "[method]analog-in-pin.read" fn analog_read(pin: u32, into: *mut Area);
        "[method]analog-in-pin.read-raw" fn analog_read_raw(pin: u32, into: *mut Area);
        "[method]analog-in-pin.watch-above" fn analog_watch_above(pin: u32, fraction: f32, into: *mut Area);
        "[method]analog-in-pin.watch-below" fn analog_watch_below(pin: u32, fraction: f32, into: *mut Area);
        "[resource-drop]analog-in-pin" fn analog_in_drop(pin: u32);
    }
    "wasi:io/poll@0.2.4" {
        "[method]pollable.ready" fn pollable_ready(pollable: u32) -> u32;
        "[method]pollable.block" fn pollable_block(pollable: u32);
        "poll" fn poll(pollables: *const u32, count: usize, into: *mut Area);
        "[resource-drop]pollable" fn pollable_drop(pollable: u32);
    }
    "wasi_snapshot_preview1" {
        "fd_write" fn fd_write(fd: u32, vectors: *const [usize; 2], count: usize, written: *mut usize) -> u32;
    }
}

/// Calls a host function: its arguments are checked by the host, pointers come from slices that live through the call.
macro_rules! host {
    ($function:ident($($argument:expr),*)) => {
        // SAFETY: see above.
        unsafe { $crate::abi::$function($($argument),*) }
    };
}
pub(crate) use host;

/// Opens a label.
pub(crate) fn open(label: &str, open: unsafe extern "C" fn(*const u8, usize, *mut Area)) -> Area {
    // SAFETY: the label lives through the call.
    Area::of(|into| unsafe { open(label.as_ptr(), label.len(), into) })
}

/// Calls a method without arguments.
pub(crate) fn method(handle: &Handle, method: unsafe extern "C" fn(u32, *mut Area)) -> Area {
    // SAFETY: the host checks the handle.
    Area::of(|into| unsafe { method(handle.number(), into) })
}

/// Calls a method with a number.
pub(crate) fn method_with<V>(handle: &Handle, value: V, method: unsafe extern "C" fn(u32, V, *mut Area)) -> Area {
    // SAFETY: as above.
    Area::of(|into| unsafe { method(handle.number(), value, into) })
}

/// A value that only one thread uses, which in a module is all there is. For the state of a reactor.
#[derive(Debug)]
pub struct Local<T>(core::cell::RefCell<T>);

// SAFETY: a module has one thread; wasm32 with threads is not supported.
#[cfg(not(target_feature = "atomics"))]
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    /// A value for a `static`.
    pub const fn new(value: T) -> Local<T> {
        Local(core::cell::RefCell::new(value))
    }

    /// Uses the value. Panics when it is in use already, further up the stack.
    pub fn with<R>(&self, use_it: impl FnOnce(&mut T) -> R) -> R {
        use_it(&mut self.0.borrow_mut())
    }
}

/// Makes `$run`, a function without arguments, the module's `_start`.
#[macro_export]
macro_rules! main {
    ($run:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn _start() {
            $run()
        }
    };
}

/// Exports functions without arguments under their own names, for a host that calls them on a timer or an event.
#[macro_export]
macro_rules! exports {
    ($($name:ident),+ $(,)?) => {
        const _: () = {
            $($crate::exports!(@one $name);)+
        };
    };
    (@one $name:ident) => {
        const _: () = {
            #[unsafe(export_name = stringify!($name))]
            extern "C" fn exported() {
                $name()
            }
        };
    };
}

/// Tells where, and ends with a trap. Formatting the message would cost more code than most guests have.
#[cfg(feature = "panic-handler")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    if let Some(place) = info.location() {
        crate::serial::tell_place(place.file(), place.line());
    }
    core::arch::wasm32::unreachable()
}
