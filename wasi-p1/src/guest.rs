//! Guest memory: the one place where a guest's pointer is checked.
//!
//! A function first makes a [`Region`] of every pointer that it was given, and acts only when all of them are good:
//! so a bad pointer is `FAULT` and nothing has happened. A region stays good, since memories never shrink.

use wasmote::Caller;

use crate::{Errno, WasiView, abi::RawIovec};

/// How many buffers one call may name, as on Linux: it bounds the work that a call does before it moves a byte.
pub(crate) const IOVECS_MAX: u32 = 1024;

/// Bytes that lie within the guest's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    address: u32,
    len: u32,
}

impl Region {
    /// The `len` bytes at `address`; `FAULT` if some of them do not exist.
    pub(crate) fn check<T>(caller: &mut Caller<'_, '_, T>, address: u32, len: u32) -> Result<Region, Errno> {
        let memory = caller.memory().ok_or(Errno::Fault)?;
        let size = caller.store().memory_size(memory);
        if u64::from(address) + u64::from(len) > size {
            return Err(Errno::Fault);
        }
        Ok(Region { address, len })
    }

    /// `count` records of `size` bytes at `address`.
    pub(crate) fn check_array<T>(
        caller: &mut Caller<'_, '_, T>,
        address: u32,
        count: u32,
        size: u32,
    ) -> Result<Region, Errno> {
        let len = count.checked_mul(size).ok_or(Errno::Fault)?;
        Region::check(caller, address, len)
    }

    /// Its length in bytes.
    pub(crate) fn len(self) -> u32 {
        self.len
    }

    /// The part from `at`, at most `len` bytes long.
    pub(crate) fn part(self, at: u32, len: u32) -> Region {
        let at = at.min(self.len);
        // No overflow: a region's end is at most 2^32, and a start of 2^32 only has an empty part.
        Region { address: self.address.wrapping_add(at), len: len.min(self.len - at) }
    }

    /// The host's data and these bytes, together.
    pub(crate) fn parts<'c, T>(self, caller: &'c mut Caller<'_, '_, T>) -> Result<(&'c mut T, &'c mut [u8]), Errno> {
        Ok(caller.parts(self.address, self.len)?)
    }

    /// Reads a record that starts at `at` in here.
    pub(crate) fn read<T, const N: usize>(self, caller: &mut Caller<'_, '_, T>, at: u32) -> Result<[u8; N], Errno> {
        let mut bytes = [0; N];
        caller.read(self.address.wrapping_add(at), &mut bytes)?;
        Ok(bytes)
    }

    /// Writes a record so that it starts at `at` in here.
    pub(crate) fn write<T>(self, caller: &mut Caller<'_, '_, T>, at: u32, bytes: &[u8]) -> Result<(), Errno> {
        Ok(caller.write(self.address.wrapping_add(at), bytes)?)
    }
}

/// The place of a result of `N` bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out<const N: usize>(Region);

impl<const N: usize> Out<N> {
    /// The place at `address`.
    pub(crate) fn check<T>(caller: &mut Caller<'_, '_, T>, address: u32) -> Result<Out<N>, Errno> {
        Region::check(caller, address, N as u32).map(Out)
    }

    /// Puts the result there.
    pub(crate) fn put<T>(self, caller: &mut Caller<'_, '_, T>, bytes: [u8; N]) -> Result<(), Errno> {
        self.0.write(caller, 0, &bytes)
    }
}

/// A list of buffers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Iovecs {
    array: Region,
    count: u32,
}

impl Iovecs {
    /// The `count` buffers listed at `address`. All must exist; `INVAL` if they are too many or too long together for a
    /// 32-bit count.
    pub(crate) fn check<T>(caller: &mut Caller<'_, '_, T>, address: u32, count: u32) -> Result<Iovecs, Errno> {
        if count > IOVECS_MAX {
            return Err(Errno::Inval);
        }
        let array = Region::check_array(caller, address, count, RawIovec::SIZE)?;
        let iovecs = Iovecs { array, count };
        let mut total = 0u64;
        for index in 0..count {
            total += u64::from(iovecs.get(caller, index)?.len());
        }
        if total > u64::from(u32::MAX) {
            return Err(Errno::Inval);
        }
        Ok(iovecs)
    }

    /// Buffer `index`. It is checked again, because a read may have overwritten the list.
    fn get<T>(self, caller: &mut Caller<'_, '_, T>, index: u32) -> Result<Region, Errno> {
        let raw = RawIovec::from_bytes(&self.array.read(caller, index * RawIovec::SIZE)?);
        Region::check(caller, raw.address, raw.len)
    }

    /// Lets `step` move bytes of one piece after the other (at most `piece_bytes` long) until one is not moved whole,
    /// and says how many were moved. An error after the first byte ends the transfer and is not told: it comes again.
    pub(crate) fn transfer<T: WasiView>(
        self,
        caller: &mut Caller<'_, '_, T>,
        piece_bytes: u32,
        mut step: impl FnMut(&mut T, &mut [u8], u32) -> Result<usize, Errno>,
    ) -> Result<u32, Errno> {
        let mut moved = 0;
        for index in 0..self.count {
            let buffer = self.get(caller, index)?;
            let mut at = 0;
            while at < buffer.len() {
                let piece = buffer.part(at, piece_bytes);
                let (data, bytes) = piece.parts(caller)?;
                match step(data, bytes, moved) {
                    Ok(len) => {
                        let len = (len as u32).min(piece.len());
                        moved += len;
                        at += len;
                        if len < piece.len() {
                            return Ok(moved);
                        }
                    }
                    Err(_) if moved > 0 => return Ok(moved),
                    Err(errno) => return Err(errno),
                }
            }
        }
        Ok(moved)
    }
}
