//! The flash under the map, with a journal of erasures in its first page.
//!
//! ```text
//! entry   page u32 | check u32 | ones, up to the flash's words        cleared to zeros when the page is blank
//! ```
//! Before a page is erased, its entry is written; afterwards the entry is cleared. A whole entry at the start means that
//! the power went while that page was erased, and whatever the page looks like, it is erased again. A torn entry means
//! that erasing had not begun, and a page that was just erased is blank, so erasing it once more loses nothing.
//!
//! It turns a blocking flash into what the map wants, and counts erasures.

use core::{
    future::Future,
    ops::Range,
    pin::pin,
    task::{Context, Poll, Waker},
};

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash as Blocking};
use embedded_storage_async::nor_flash::{self as waiting, NorFlash, ReadNorFlash};

use super::PAGES_MIN;

/// The largest word of a flash in bytes, as the map has it.
const WORD_BYTES_MAX: usize = 32;

/// A flash with a journal.
pub(super) struct Journal<F> {
    flash: F,
    range: Range<u32>,
    /// Where the next entry goes.
    next: u32,
    /// An entry that a failure has left in the journal.
    open: Option<Open>,
    erasures: u64,
}

/// What a failure has left to do before anything else happens, also before anything is read.
#[derive(Clone, Copy)]
struct Open {
    /// The entry, which is to be cleared: a later start must not take it for an erasure that was cut.
    entry: u32,
    /// The page whose erasing was begun, which is to be erased first.
    page: Option<u32>,
}

/// Words of a flash that begin at multiples of 4, as some drivers want.
#[repr(align(4))]
struct Words([u8; WORD_BYTES_MAX]);

/// The result of a future that never waits.
pub(super) fn finish<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// The check of an entry: something that neither zeros, ones nor a torn word gives.
fn check(page: u32) -> u32 {
    let mixed = (page ^ 0x57a5_3071).wrapping_mul(0x9e37_79b1);
    mixed ^ mixed >> 15
}

impl<F: MultiwriteNorFlash> Journal<F> {
    const PAGE_BYTES: u32 = F::ERASE_SIZE as u32;

    /// `None` if the range is not of at least [`PAGES_MIN`] whole pages of the flash, or the flash has strange words.
    pub(super) fn new(flash: F, range: Range<u32>) -> Option<Journal<F>> {
        let page = Self::PAGE_BYTES;
        let len = range.end.checked_sub(range.start)?;
        let whole = page > 0 && range.start.is_multiple_of(page) && len.is_multiple_of(page) && len / page >= PAGES_MIN;
        let words = Self::entry_bytes().is_power_of_two() && Self::entry_bytes() <= WORD_BYTES_MAX;
        let fits = whole && words && range.end as usize <= flash.capacity();
        fits.then(|| Journal { flash, next: range.start, open: None, erasures: 0, range })
    }

    /// How long an entry is: whole words of the flash.
    fn entry_bytes() -> usize {
        8.max(F::WRITE_SIZE).max(F::READ_SIZE)
    }

    pub(super) fn erasures(&self) -> u64 {
        self.erasures
    }

    pub(super) fn into_flash(self) -> F {
        self.flash
    }

    /// The pages that the map has.
    pub(super) fn map_pages(&self) -> u32 {
        (self.range.end - self.range.start) / Self::PAGE_BYTES - 1
    }

    /// Repeats what was under way when the power went, and finds the end of the journal. To be called once, first.
    pub(super) fn recover(&mut self) -> Result<(), F::Error> {
        let len = Self::entry_bytes();
        let end = self.range.start + Self::PAGE_BYTES;
        let mut at = self.range.start;
        self.next = at;
        while at + len as u32 <= end {
            let mut words = Words([0; WORD_BYTES_MAX]);
            let (entry, _) = words.0.split_at_mut(len);
            self.flash.read(at, entry)?;
            let blank = entry.iter().all(|byte| *byte == 0xff);
            let page = Self::page_of(entry);
            at += len as u32;
            if !blank {
                self.next = at;
            }
            if let Some(page) = page.filter(|page| (1..=self.map_pages()).contains(page)) {
                self.erase_now(page)?;
                self.clear(at - len as u32)?;
            }
        }
        Ok(())
    }

    /// The page of a whole entry.
    fn page_of(entry: &[u8]) -> Option<u32> {
        let (page, rest) = entry.split_first_chunk()?;
        let (checked, _) = rest.split_first_chunk()?;
        let page = u32::from_le_bytes(*page);
        (u32::from_le_bytes(*checked) == check(page)).then_some(page)
    }

    /// Erases page `page` of the range, with nothing noted.
    fn erase_now(&mut self, page: u32) -> Result<(), F::Error> {
        let at = self.range.start + page * Self::PAGE_BYTES;
        self.erasures += 1;
        self.flash.erase(at, at + Self::PAGE_BYTES)
    }

    fn clear(&mut self, entry: u32) -> Result<(), F::Error> {
        let words = Words([0; WORD_BYTES_MAX]);
        let (zeros, _) = words.0.split_at(Self::entry_bytes());
        self.flash.write(entry, zeros)
    }

    /// Does what a failure has left to do.
    fn settle(&mut self) -> Result<(), F::Error> {
        let Some(Open { entry, page }) = self.open else { return Ok(()) };
        if let Some(page) = page {
            self.erase_now(page)?;
            self.open = Some(Open { entry, page: None });
        }
        self.clear(entry)?;
        self.open = None;
        Ok(())
    }

    /// Erases page `page` of the range so that it can be repeated.
    fn erase_noted(&mut self, page: u32) -> Result<(), F::Error> {
        self.settle()?;
        let len = Self::entry_bytes();
        if self.next + len as u32 > self.range.start + Self::PAGE_BYTES {
            self.erase_now(0)?;
            self.next = self.range.start;
        }
        let mut words = Words([0xff; WORD_BYTES_MAX]);
        let (entry, _) = words.0.split_at_mut(len);
        entry[..4].copy_from_slice(&page.to_le_bytes());
        entry[4..8].copy_from_slice(&check(page).to_le_bytes());
        let at = self.next;
        self.next += len as u32;
        // If writing it fails it may be whole nevertheless, but then nothing is erased on its account.
        self.open = Some(Open { entry: at, page: None });
        self.flash.write(at, entry)?;
        self.open = Some(Open { entry: at, page: Some(page) });
        self.settle()
    }

    /// Erases all pages, the journal's last, for a new file system.
    pub(super) fn erase_everything(&mut self) -> Result<(), F::Error> {
        self.open = None;
        for page in (0..=self.map_pages()).rev() {
            self.erase_now(page)?;
        }
        self.next = self.range.start;
        Ok(())
    }
}

impl<F: MultiwriteNorFlash> ErrorType for Journal<F> {
    type Error = F::Error;
}

impl<F: MultiwriteNorFlash> ReadNorFlash for Journal<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        self.settle()?;
        self.flash.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.flash.capacity()
    }
}

impl<F: MultiwriteNorFlash> NorFlash for Journal<F> {
    const WRITE_SIZE: usize = <F as Blocking>::WRITE_SIZE;
    const ERASE_SIZE: usize = <F as Blocking>::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), F::Error> {
        let page = |at: u32| at.saturating_sub(self.range.start) / Self::PAGE_BYTES;
        (page(from)..page(to)).try_for_each(|page| self.erase_noted(page))
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), F::Error> {
        self.settle()?;
        self.flash.write(offset, bytes)
    }
}

impl<F: MultiwriteNorFlash> waiting::MultiwriteNorFlash for Journal<F> {}
