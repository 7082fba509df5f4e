//! Requests and policies on a device: a byte for the version, then postcard.

use super::{Policy, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version of both formats. Another one is refused, not guessed.
pub(crate) const VERSION: u8 = 1;

/// The most bytes that either takes when it is encoded.
pub const MAX_ENCODED_BYTES: usize = 2560;

/// Why bytes are no request or policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// They are of this version, which is not known here.
    Version(u8),
    /// They are damaged, or end too early, or hold more than fits.
    Damaged,
    /// There are more of them than belong to it.
    TooLong,
    /// The space for encoding is too small.
    NoRoom,
}

fn encode<'b>(value: &impl Serialize, into: &'b mut [u8]) -> Result<&'b [u8], DecodeError> {
    let (version, rest) = into.split_first_mut().ok_or(DecodeError::NoRoom)?;
    *version = VERSION;
    let len = postcard::to_slice(value, rest).map_err(|_| DecodeError::NoRoom)?.len();
    into.get(..len + 1).ok_or(DecodeError::NoRoom)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => match postcard::take_from_bytes(rest) {
            Ok((value, [])) => Ok(value),
            Ok(_) => Err(DecodeError::TooLong),
            Err(_) => Err(DecodeError::Damaged),
        },
        Some((version, _)) => Err(DecodeError::Version(*version)),
        None => Err(DecodeError::Damaged),
    }
}

macro_rules! wire {
    ($($name:ident)*) => {$(
        impl $name {
            /// Encodes it for a device. [`MAX_ENCODED_BYTES`] are always enough.
            ///
            /// # Errors
            /// `NoRoom` if `into` is too small.
            pub fn encode<'b>(&self, into: &'b mut [u8]) -> Result<&'b [u8], DecodeError> {
                encode(self, into)
            }

            /// Decodes what [`encode`](Self::encode) made.
            ///
            /// # Errors
            /// If it is not that.
            pub fn decode(bytes: &[u8]) -> Result<$name, DecodeError> {
                decode(bytes)
            }
        }
    )*};
}

wire! { Request Policy }
