//! How an image reaches the firmware: by semihosting into lent memory, or in flash, where it stays.

use semihosting::{experimental::env, fs::File, io::Read};

/// The longest path of an image, its end included.
const PATH_BYTES: usize = 200;

/// The image, and the memory that is left.
///
/// Out of line, like the argument's buffer: nothing of it stays on the native stack.
#[inline(never)]
pub(super) fn image(
    memory: &'static mut [u8],
    flash: &'static [u8],
) -> Result<(&'static [u8], &'static mut [u8]), &'static str> {
    let mut path = [0; PATH_BYTES];
    let len = argument(&mut path)?;
    if path.get(..len) == Some(b"flash") {
        return Ok((flash, memory));
    }
    let name = core::ffi::CStr::from_bytes_until_nul(&path).map_err(|_| "its path is too long")?;
    let mut file = File::open(name).map_err(|_| "its file cannot be opened")?;
    let len = file.metadata().map_err(|_| "its file has no length")?.len() as usize;
    // The engine wants its memory aligned, or wastes a few bytes.
    let (image, rest) = memory.split_at_mut_checked(len.next_multiple_of(8)).ok_or("it is longer than the memory")?;
    let mut done = 0;
    while let Some(left) = image.get_mut(done..len).filter(|left| !left.is_empty()) {
        match file.read(left) {
            Ok(0) | Err(_) => return Err("its file cannot be read"),
            Ok(count) => done += count,
        }
    }
    Ok((image, rest))
}

/// Copies the last argument of the command line.
#[inline(never)]
fn argument(path: &mut [u8; PATH_BYTES]) -> Result<usize, &'static str> {
    let arguments = env::args::<{ PATH_BYTES + 32 }>().map_err(|_| "there is no command line")?;
    let last = (&arguments).last().and_then(Result::ok).ok_or("it is not named")?;
    path.get_mut(..last.len())
        .filter(|_| last.len() < PATH_BYTES)
        .ok_or("its path is too long")?
        .copy_from_slice(last.as_bytes());
    Ok(last.len())
}
