//! The log of a run: what it holds and how it is written.
//!
//! ```text
//! "wasmote log\0"  version u16 little-endian  Header  Entry*        (postcard; the last entry is Entry::End)
//! ```
//! A log holds everything that reached the guest from outside: the arguments, and for each host call its results, the
//! guest memory that the host wrote, and how it ended. Nothing of the machine's own state is in it: the run is computed
//! again. Each entry is written as soon as its call has been answered, so that a run that was killed leaves a log that
//! can be replayed to that point.

use crate::message::Failure;
use crate::source::shown;
use serde::{Deserialize, Serialize};
use std::{fs::File, io::Write, path::Path};
use wasmote::Trap;

/// How every log begins.
const MAGIC: &[u8; 12] = b"wasmote log\0";

/// The version of the format; logs of other versions are refused.
const VERSION: u16 = 2;

/// What the run was given.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// Length of the binary module.
    pub(crate) module_len_bytes: u32,
    /// CRC-32 (IEEE) of the binary module.
    pub(crate) module_crc32: u32,
    /// Length of the arena.
    pub(crate) memory_bytes: u32,
    /// The limit of fuel, if there was one.
    pub(crate) fuel: Option<u64>,
    /// The function called instead of `_start`.
    pub(crate) invoke: Option<String>,
    /// What followed the file's name on the command line.
    pub(crate) args: Vec<String>,
}

/// One line of a log.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A host call.
    Call(Call),
    /// The end of the run.
    End(End),
}

/// A host call and its answer.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Which of the module's imports was called: its place among all imports, from 0.
    pub(crate) import: u32,
    /// The arguments' bits; they are not needed for replaying, but show where a run diverges.
    pub(crate) args: Vec<u64>,
    /// What the host wrote to memory 0 of the caller.
    pub(crate) writes: Vec<Patch>,
    /// How the call ended.
    pub(crate) answer: Answer,
}

/// Bytes that the host wrote.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub(crate) struct Patch {
    /// The first one's address.
    pub(crate) address: u32,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
}

/// How a host call ended.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// With results, as bits.
    Returned(Vec<u64>),
    /// With a trap.
    Trapped(Cause),
    /// With the end of the program.
    Exited(u32),
    /// Not yet: an export of the caller runs first (`cabi_realloc`), with these arguments; then comes the call again.
    CalledBack(String, Vec<u64>),
}

/// The end of a run.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    /// How it ended.
    pub(crate) how: How,
    /// Fuel that it consumed.
    pub(crate) fuel_consumed: u64,
    /// The results' bits; all ones for a function reference.
    pub(crate) results: Vec<u64>,
}

/// How a run ended.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// It returned.
    Finished,
    /// It asked for the end with this code.
    Exited(u32),
    /// It trapped.
    Trapped(Cause),
    /// It ran out of fuel.
    OutOfFuel,
}

/// A trap by its number in the log.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// One of [`TRAPS`], by its place.
    Core(u8),
    /// The host's, with the host's code.
    Host(u32),
}

/// The numbers of traps; new ones are appended.
const TRAPS: [Trap; 12] = [
    Trap::Unreachable,
    Trap::IntegerDivideByZero,
    Trap::IntegerOverflow,
    Trap::InvalidConversionToInteger,
    Trap::MemoryOutOfBounds,
    Trap::TableOutOfBounds,
    Trap::UndefinedElement,
    Trap::UninitializedElement,
    Trap::IndirectCallTypeMismatch,
    Trap::StackOverflow,
    Trap::OutOfMemory,
    Trap::ReentrantImport,
];

impl Cause {
    /// The number of a trap; a trap without one is written as a host's.
    pub(crate) fn of(trap: Trap) -> Cause {
        match (trap, TRAPS.iter().position(|known| *known == trap)) {
            (Trap::Host(code), _) => Cause::Host(code),
            (_, Some(place)) => Cause::Core(place as u8),
            (_, None) => Cause::Host(u32::MAX),
        }
    }

    /// The trap of this number, if there is one.
    pub(crate) fn trap(self) -> Option<Trap> {
        match self {
            Cause::Core(place) => TRAPS.get(usize::from(place)).copied(),
            Cause::Host(code) => Some(Trap::Host(code)),
        }
    }
}

/// Length and checksum of a module, as a header has them.
pub(crate) fn fingerprint(wasm: &[u8]) -> (u32, u32) {
    (wasm.len() as u32, crc32fast::hash(wasm))
}

/// A log being written.
pub(crate) struct Writer {
    file: File,
    path: String,
}

impl Writer {
    /// Begins the log `path`; what it held is lost.
    pub(crate) fn create(path: &Path, header: &Header) -> Result<Writer, Failure> {
        let file = File::create(path).map_err(|error| cannot_write(&shown(path), &error))?;
        let mut writer = Writer { file, path: shown(path) };
        let start = [&MAGIC[..], &VERSION.to_le_bytes(), &encoded(header)?].concat();
        writer.put(&start)?;
        Ok(writer)
    }

    /// Appends an entry; it is with the system when this returns.
    pub(crate) fn write(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.put(&encoded(entry)?)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| cannot_write(&self.path, &error))
    }
}

fn encoded(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    postcard::to_allocvec(value).map_err(|error| Failure::new(format!("cannot write the log: {error}")))
}

fn cannot_write(path: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write the log {path}: {error}; name a file that can be written with --record"))
}

/// A log being read.
#[derive(Debug)]
pub(crate) struct Reader {
    bytes: Vec<u8>,
    position: usize,
    path: String,
}

impl Reader {
    /// Opens the log `path` and reads its header.
    pub(crate) fn open(path: &Path) -> Result<(Reader, Header), Failure> {
        let path_shown = shown(path);
        let bytes = std::fs::read(path).map_err(|error| {
            Failure::new(format!(
                "cannot read the log {path_shown}: {error}; --replay wants a file that --record wrote"
            ))
        })?;
        let mut reader = Reader { bytes, position: MAGIC.len() + 2, path: path_shown };
        if !reader.bytes.starts_with(MAGIC) {
            return Err(reader.error("is not a log of wasmote: --replay wants a file that --record wrote"));
        }
        match reader.bytes.get(MAGIC.len()..reader.position) {
            Some(version) if *version == VERSION.to_le_bytes() => {}
            Some(version) => {
                let version = u16::from_le_bytes([version[0], version[1]]);
                return Err(reader.error(&format!("has version {version}; this wasmote reads version {VERSION}")));
            }
            None => return Err(reader.error("ends in its header")),
        }
        match reader.take() {
            Ok(Some(header)) => Ok((reader, header)),
            Ok(None) => Err(reader.error("ends in its header")),
            Err(failure) => Err(failure),
        }
    }

    /// The next entry, or `None` where the recording was cut off.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Failure> {
        self.take()
    }

    fn take<T: for<'d> Deserialize<'d>>(&mut self) -> Result<Option<T>, Failure> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        match postcard::take_from_bytes(rest) {
            Ok((value, after)) => {
                self.position = self.bytes.len() - after.len();
                Ok(Some(value))
            }
            Err(postcard::Error::DeserializeUnexpectedEnd) => Ok(None),
            Err(error) => Err(self.error(&format!("is damaged at byte {}: {error}", self.position))),
        }
    }

    /// A failure that begins with the log's name.
    pub(crate) fn error(&self, what: &str) -> Failure {
        Failure::new(format!("the log {} {what}", self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            module_len_bytes: 8,
            module_crc32: 0xdead_beef,
            memory_bytes: 1 << 20,
            fuel: Some(u64::MAX),
            invoke: Some("add".into()),
            args: vec!["1".into(), String::new()],
        }
    }

    fn entries() -> Vec<Entry> {
        let writes = vec![Patch { address: 8, bytes: vec![0, 255] }];
        let call = |answer| Entry::Call(Call { import: 3, args: vec![1, u64::MAX], writes: writes.clone(), answer });
        vec![
            call(Answer::Returned(vec![0])),
            call(Answer::Trapped(Cause::Host(7))),
            call(Answer::Exited(3)),
            Entry::End(End { how: How::Trapped(Cause::Core(1)), fuel_consumed: 12, results: vec![] }),
        ]
    }

    fn written() -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = Writer::create(file.path(), &header()).unwrap();
        entries().iter().for_each(|entry| writer.write(entry).unwrap());
        std::fs::read(file.path()).unwrap()
    }

    fn open(bytes: &[u8]) -> Result<(Reader, Header), Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Reader::open(file.path())
    }

    #[test]
    fn what_is_written_is_read() {
        let (mut reader, read_header) = open(&written()).unwrap();
        assert_eq!(read_header, header());
        for entry in entries() {
            assert_eq!(reader.next().unwrap(), Some(entry));
        }
        assert_eq!(reader.next().unwrap(), None);
    }

    #[test]
    fn a_log_cut_anywhere_is_an_error_or_a_shorter_log() {
        let bytes = written();
        for len in 0..bytes.len() {
            let Ok((mut reader, _)) = open(&bytes[..len]) else { continue };
            let mut count = 0;
            while reader.next().unwrap().is_some() {
                count += 1;
            }
            assert!(count < entries().len(), "{len}");
        }
    }

    #[test]
    fn strange_files_and_versions_are_refused_by_name() {
        assert!(open(b"\0asm").unwrap_err().text.contains("is not a log of wasmote"));
        let mut bytes = written();
        bytes[MAGIC.len()] = 9;
        assert!(open(&bytes).unwrap_err().text.contains("has version 9; this wasmote reads version 2"));
        assert!(open(&bytes[..MAGIC.len()]).unwrap_err().text.contains("ends in its header"));
    }

    #[test]
    fn damage_is_an_error_with_its_place() {
        let mut bytes = written();
        let start = bytes.len() - 1;
        bytes.truncate(start);
        bytes.push(9);
        let (mut reader, _) = open(&[&bytes[..], &[9; 20]].concat()).unwrap();
        let error = loop {
            match reader.next() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the damage went unseen"),
                Err(error) => break error,
            }
        };
        assert!(error.text.contains("is damaged at byte"), "{error}");
    }

    #[test]
    fn every_trap_has_its_number() {
        for trap in TRAPS.into_iter().chain([Trap::Host(0), Trap::Host(9)]) {
            assert_eq!(Cause::of(trap).trap(), Some(trap));
        }
        assert_eq!(Cause::Core(200).trap(), None);
    }
}
