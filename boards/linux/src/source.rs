//! A module's file: read whole, and translated if it is text.
//!
//! What is neither text nor a module goes on as it is: the core says what is wrong with it, and where.

use crate::message::{Failure, Plain, plain_lines};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The first bytes of every binary module and component.
const MAGIC: &[u8; 4] = b"\0asm";

/// A path in a message.
pub(crate) fn shown(path: &Path) -> String {
    Plain(&path.to_string_lossy()).to_string()
}

/// Reads `path`; the text format is translated to the binary one.
pub(crate) fn load(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = match read(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(Failure::new(format!("{} has 4 GiB or more; modules are smaller", shown(path)))),
        Err(error) => return Err(Failure::new(format!("cannot read the file `{}`: {error}", shown(path)))),
    };
    if bytes.starts_with(MAGIC) || !is_text(path, &bytes) {
        return Ok(bytes);
    }
    match wat::Parser::new().parse_bytes(Some(path), &bytes) {
        Ok(wasm) => Ok(wasm.into_owned()),
        Err(error) => {
            let reason = plain_lines(error.to_string().trim_end());
            Err(Failure::new(format!("{} is not valid in the text format:\n{reason}", shown(path))))
        }
    }
}

/// The content of a file, if its length is one of 32 bits. What is too long is not read.
fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > u64::from(u32::MAX) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    // A pipe does not tell its length.
    file.take(1 << 32).read_to_end(&mut bytes)?;
    Ok(u32::try_from(bytes.len()).is_ok().then_some(bytes))
}

/// Is it the text format, by its name or by how it begins?
fn is_text(path: &Path, bytes: &[u8]) -> bool {
    if path.extension().is_some_and(|extension| extension == "wat" || extension == "wast") {
        return true;
    }
    let start = bytes.trim_ascii_start();
    start.starts_with(b"(module") || start.starts_with(b"(;") || start.starts_with(b";;")
}

/// What a file that is no module looks like, for the message that refuses it.
pub(crate) fn guess(bytes: &[u8]) -> String {
    const KNOWN: [(&[u8], &str); 12] = [
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"\x89PNG", "a PNG image"),
        (b"GIF8", "a GIF image"),
        (b"\x7fELF", "an ELF file: a native program or library"),
        (b"MZ", "a Windows program"),
        (b"\xcf\xfa\xed\xfe", "a macOS program"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1f\x8b", "compressed by gzip"),
        (b"BZh", "compressed by bzip2"),
        (b"\xfd7zXZ", "compressed by xz"),
        (b"%PDF", "a PDF document"),
        (b"#!", "a script"),
    ];
    if bytes.is_empty() {
        return "it is empty".into();
    }
    match KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, what)) => format!("it looks like {what}"),
        None => {
            let start: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("it begins with {} where a module has 00 61 73 6d", start.join(" "))
        }
    }
}

/// Does the last section of a module claim more bytes than the file has?
pub(crate) fn is_cut_short(wasm: &[u8]) -> bool {
    /// Magic and version.
    const HEADER_BYTES: usize = 8;
    let mut rest = wasm.get(HEADER_BYTES..).unwrap_or_default();
    while !rest.is_empty() {
        // A section: its id, the length of its content in LEB128, its content.
        let mut reader = wasmparser::BinaryReader::new(&rest[1..], 0);
        let Ok(len) = reader.read_var_u32() else { return true };
        match rest[1..].get(reader.current_position() + len as usize..) {
            Some(after) => rest = after,
            None => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_named(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        load(&path)
    }

    #[test]
    fn text_is_known_by_its_name_or_by_its_start() {
        for name in ["m.wat", "m.wasm", "m"] {
            assert_eq!(load_named(name, b" (module)").unwrap(), b"\0asm\x01\0\0\0");
        }
    }

    #[test]
    fn binaries_pass_unchanged_whatever_their_name() {
        for bytes in [&b"\0asm\x01\0\0\0"[..], b"\0asm\x0d\0\x01\0"] {
            assert_eq!(load_named("m.wat", bytes).unwrap(), bytes);
        }
        assert_eq!(load_named("m.wasm", b"\xff\xd8\xff\xe0").unwrap(), b"\xff\xd8\xff\xe0");
    }

    #[test]
    fn an_error_in_the_text_names_line_and_column() {
        let error = load_named("m.wat", b"(module\n  (fun))").unwrap_err();
        assert!(error.text.contains(":2:4"), "{error}");
        assert!(error.text.contains("m.wat is not valid in the text format"), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = load(Path::new("no\u{1b}such.wasm")).unwrap_err();
        assert!(error.text.starts_with("cannot read the file `no\\u{1b}such.wasm`: "), "{error}");
        assert_eq!(error.code, 1);
    }

    #[test]
    fn every_cut_inside_a_section_is_seen() {
        let wasm = wat::parse_str("(module (memory 1) (func nop) (data (i32.const 0) \"abc\"))").unwrap();
        let whole_sections = (8..=wasm.len()).filter(|len| !is_cut_short(&wasm[..*len])).count();
        // Nothing, or one of the sections for types, functions, memories, code and data more.
        assert_eq!(whole_sections, 6);
        assert!(!is_cut_short(&wasm[..3]));
    }

    #[test]
    fn strange_files_are_recognised() {
        assert_eq!(guess(b"\xff\xd8\xff\xe0"), "it looks like a JPEG image");
        assert_eq!(guess(b""), "it is empty");
        assert_eq!(guess(b"hi"), "it begins with 68 69 where a module has 00 61 73 6d");
    }
}
