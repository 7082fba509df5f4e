//! The decoder's LEB128 against the crate `leb128`. The reader is internal, so each encoding stands in a module where its
//! value can be seen: the minimum of an exported table (u32), constants that a function returns (s32, s64), block types (s33),
//! and the lengths of sections and vectors. The crate reads numbers of any length up to 64 bits; the specification's
//! two limits, at most ceil(N/7) bytes and a value of N bits, are applied to what it reads.

use wasmote::{Engine, ErrorKind, ExternType, Module, ModuleError, Store, Val};
use wasmote_tests::embed::{End, call, link};

/// Encodings tried for each kind of number, beside the exhaustive ones.
const RANDOM: usize = 10_000;

/// Beginnings of one length that every last byte is tried with.
const MOST_PREFIXES: usize = 128;

/// What reading an encoding should give: the value and how many bytes it takes, or the reason and the byte at fault.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Read {
    Value(i64, usize),
    Refused(ErrorKind, usize),
}

/// Reads with the crate, within the limits of a number of `bits`.
fn oracle(bytes: &[u8], bits: u32, signed: bool) -> Read {
    let most = bits.div_ceil(7) as usize;
    let Some(last) = bytes.iter().take(most).position(|byte| *byte < 0x80) else {
        let at = bytes.len().min(most - 1);
        return Read::Refused(if bytes.len() < most { ErrorKind::UnexpectedEnd } else { ErrorKind::LebTooLong }, at);
    };
    let mut rest = &bytes[..=last];
    let fits = if signed {
        let half = 1i128 << (bits - 1);
        leb128::read::signed(&mut rest).ok().filter(|value| (-half..half).contains(&i128::from(*value)))
    } else {
        leb128::read::unsigned(&mut rest).ok().filter(|value| u128::from(*value) < 1 << bits).map(|value| value as i64)
    };
    match fits {
        Some(value) => Read::Value(value, last + 1),
        None => Read::Refused(ErrorKind::LebTooLarge, last),
    }
}

/// Encodings that end at each place in each way: sequences of the bytes `starts`, then a last byte, up to one byte more than
/// `most`; and random ones.
fn encodings(starts: &[u8], most: usize) -> Vec<Vec<u8>> {
    let mut random = fastrand::Rng::with_seed(0x1EB);
    let mut prefixes = vec![vec![]];
    let mut all = vec![vec![]];
    for len in 1..=most {
        // At the longest every last byte is tried, for it has unused bits; elsewhere those at the edges of a group.
        let edges = vec![0x00, 0x01, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF];
        let lasts = if len == most || len == 1 { (0..=255).collect() } else { edges };
        for prefix in &prefixes {
            all.extend(lasts.iter().map(|last| [prefix.as_slice(), &[*last]].concat()));
        }
        prefixes =
            prefixes.iter().flat_map(|prefix| starts.iter().map(|s| [prefix.as_slice(), &[*s]].concat())).collect();
        if prefixes.len() > MOST_PREFIXES {
            // The uniform ones stand at the ends.
            random.shuffle(&mut prefixes[1..]);
            prefixes.truncate(MOST_PREFIXES - 1);
            prefixes.push([0xFF].repeat(len));
        }
    }
    all.extend(prefixes.iter().map(|prefix| [prefix.as_slice(), &[0]].concat()));
    for _ in 0..RANDOM {
        let len = random.usize(1..=most + 1);
        let mut bytes: Vec<u8> = (0..len).map(|_| random.u8(..) | 0x80).collect();
        bytes[len - 1] &= if random.u8(..8) == 0 { 0xFF } else { 0x7F };
        all.push(bytes);
    }
    all
}

/// What all these encodings give in modules that `module` makes of them, and how many were values.
fn compare(
    encodings: &[Vec<u8>],
    bits: u32,
    signed: bool,
    mut observe: impl FnMut(&[u8]) -> Result<(i64, usize), (ErrorKind, usize)>,
) -> usize {
    let mut values = 0;
    let most = bits.div_ceil(7) as usize;
    for bytes in encodings {
        let expected = oracle(bytes, bits, signed);
        let found = match observe(bytes) {
            Ok((value, len)) => Read::Value(value, len),
            Err((kind, at)) => Read::Refused(kind, at),
        };
        // A complete number may be followed by bytes that are not its own; what they break is another matter.
        if let Read::Value(_, len) = expected
            && len < bytes.len()
        {
            continue;
        }
        // Where a number that is too long is refused has a test of its own.
        let found = match found {
            Read::Refused(ErrorKind::LebTooLong, at) if at <= bytes.len() => {
                Read::Refused(ErrorKind::LebTooLong, most - 1)
            }
            found => found,
        };
        assert_eq!(found, expected, "{bytes:02x?} as a number of {bits} bits, signed: {signed}");
        values += usize::from(matches!(found, Read::Value(..)));
    }
    values
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut section = vec![id];
    leb128::write::unsigned(&mut section, content.len() as u64).expect("a vector takes all");
    section.extend(content);
    section
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".as_slice(), &sections.concat()].concat()
}

/// Where an error is, counted from where the encoding begins in the module.
fn place(error: ModuleError, start: usize) -> (ErrorKind, usize) {
    (error.kind, (error.offset as usize).wrapping_sub(start))
}

/// The last section's content ends in the encoding, so that a truncated number meets the section's end.
#[test]
fn unsigned_numbers_of_32_bits_in_the_limits_of_a_table() {
    let engine = Engine::default();
    let mut code = vec![0; 8 << 10];
    let values = compare(&encodings(&[0x80, 0x81, 0xBF, 0xFF], 5), 32, false, |bytes| {
        let table = section(4, &[&[1, 0x6F, 0], bytes].concat());
        let wasm = module(&[table.clone(), section(7, b"\x01\x01t\x01\0")]);
        let start = 8 + table.len() - bytes.len();
        let module = Module::new(&engine, &wasm, &mut code).map_err(|error| place(error, start))?;
        match module.exports().next().map(|export| export.ty) {
            Some(ExternType::Table(ty)) => Ok((i64::from(ty.minimum), bytes.len())),
            other => panic!("{other:?}"),
        }
    });
    assert!(values > 5_000, "only {values} values");
}

/// A module with a function that returns the constant whose opcode and encoding are given.
fn returning(ty: u8, opcode: u8, bytes: &[u8]) -> (Vec<u8>, usize) {
    let body = [&[0, opcode], bytes, &[0x0B]].concat();
    let mut entry = vec![1];
    leb128::write::unsigned(&mut entry, body.len() as u64).expect("a vector takes all");
    let head = [section(1, &[1, 0x60, 0, 1, ty]), section(3, &[1, 0]), section(7, b"\x01\x01f\0\0")];
    let wasm = module(&[head.concat(), section(10, &[entry, body].concat())]);
    let start = wasm.len() - 1 - bytes.len();
    (wasm, start)
}

/// The constant that a function returns when it is called.
fn returned(engine: &Engine, wasm: &[u8], start: usize, bytes: &[u8]) -> Result<(i64, usize), (ErrorKind, usize)> {
    let mut code = [0; 4 << 10];
    let module = Module::new(engine, wasm, &mut code).map_err(|error| place(error, start))?;
    let mut arena = [0; 2 << 10];
    let mut store = Store::new(engine, &mut arena).expect("the arena holds a store");
    let instance = link(&mut store, &module, &[]).expect("it imports nothing");
    match call(&mut store, instance, "f", &[], u64::MAX).end {
        End::Finished(values) => match values[..] {
            [Val::I32(value)] => Ok((i64::from(value), bytes.len())),
            [Val::I64(value)] => Ok((value, bytes.len())),
            ref other => panic!("{other:?}"),
        },
        End::Trapped(trap) => panic!("{trap:?}"),
    }
}

/// A truncated number is followed by the function's `end`, which is then its last byte: 0x0B closes any number.
fn compare_constants(starts: &[u8], bits: u32, ty: u8, opcode: u8) -> usize {
    let engine = Engine::default();
    let complete: Vec<Vec<u8>> = encodings(starts, bits.div_ceil(7) as usize)
        .into_iter()
        .filter(|bytes| bytes.iter().any(|byte| *byte < 0x80) || bytes.len() >= bits.div_ceil(7) as usize)
        .collect();
    compare(&complete, bits, true, |bytes| {
        let (wasm, start) = returning(ty, opcode, bytes);
        returned(&engine, &wasm, start, bytes)
    })
}

#[test]
fn signed_numbers_of_32_bits_in_constants() {
    let values = compare_constants(&[0x80, 0xC0, 0xBF, 0xFF], 32, 0x7F, 0x41);
    assert!(values > 5_000, "only {values} values");
}

#[test]
fn signed_numbers_of_64_bits_in_constants() {
    let values = compare_constants(&[0x80, 0xFF], 64, 0x7E, 0x42);
    assert!(values > 5_000, "only {values} values");
}

#[test]
fn a_number_that_is_too_long_is_refused_at_the_last_byte_it_may_have() {
    let engine = Engine::default();
    for (ty, opcode, most) in [(0x7F, 0x41, 5), (0x7E, 0x42, 10)] {
        for byte in [0x80, 0x81, 0xC0, 0xFF] {
            let (wasm, start) = returning(ty, opcode, &[byte].repeat(most + 1));
            let error = Module::new(&engine, &wasm, &mut [0; 4 << 10]).map(drop).expect_err("it is too long");
            assert_eq!(place(error, start), (ErrorKind::LebTooLong, most - 1), "{opcode:#x} and {byte:#x}");
        }
    }
}

/// A number cut off by the end of the module, at every length.
#[test]
fn a_number_that_the_module_ends_in_is_refused_at_its_end() {
    let engine = Engine::default();
    for (ty, opcode, most) in [(0x7F, 0x41, 4), (0x7E, 0x42, 9)] {
        for len in 1..=most {
            // The lengths of section and body promise what is not there.
            let (mut wasm, start) = returning(ty, opcode, &[0x80].repeat(len));
            wasm.truncate(start + len);
            let error = Module::new(&engine, &wasm, &mut [0; 4 << 10]).map(drop).expect_err("it is cut off");
            assert_eq!(error.kind, ErrorKind::UnexpectedEnd, "{len} bytes of {opcode:#x}");
        }
    }
}

/// `block` with the type that is encoded so; the types 0 and 300 are `[] -> []`.
fn block(bytes: &[u8]) -> (Vec<u8>, usize) {
    let types = [vec![0xAD, 0x02], [0x60, 0, 0].repeat(301)].concat();
    // What the block leaves is dropped by a second `unreachable`.
    let tail = [0x0B, 0x00, 0x0B];
    let body = [&[0, 0x00, 0x02], bytes, &[0x00], &tail].concat();
    let mut entry = vec![1];
    leb128::write::unsigned(&mut entry, body.len() as u64).expect("a vector takes all");
    let wasm = module(&[section(1, &types), section(3, &[1, 0]), section(10, &[entry, body].concat())]);
    let start = wasm.len() - tail.len() - 1 - bytes.len();
    (wasm, start)
}

/// Block types are numbers of 33 bits, of which the not negative ones are indices, and those of one byte below 0 are value types
/// and the empty type. The blocks are unreachable, so that one that leaves a value is as valid as one that leaves none.
#[test]
fn block_types_of_33_bits() {
    let engine = Engine::default();
    let mut code = vec![0; 64 << 10];
    let (mut indices, mut shorts) = (0, 0);
    for bytes in encodings(&[0x80, 0xC0, 0xBF, 0xFF], 5) {
        let expected = oracle(&bytes, 33, true);
        match expected {
            Read::Value(_, len) if len < bytes.len() => continue,
            // Truncated, the number goes on in the block's instructions.
            Read::Refused(ErrorKind::UnexpectedEnd, _) => continue,
            _ => {}
        }
        let (wasm, start) = block(&bytes);
        let found = Module::new(&engine, &wasm, &mut code).map(drop).map_err(|error| place(error, start));
        match expected {
            Read::Refused(ErrorKind::LebTooLong, _) => {
                assert_eq!(found.map_err(|(kind, _)| kind), Err(ErrorKind::LebTooLong), "{bytes:02x?}");
            }
            Read::Refused(kind, at) => assert_eq!(found, Err((kind, at)), "{bytes:02x?}"),
            Read::Value(0..=300, _) => {
                assert_eq!(found, Ok(()), "{bytes:02x?}");
                indices += 1;
            }
            Read::Value(0.., _) => assert_eq!(found, Err((ErrorKind::UnknownType, 0)), "{bytes:02x?}"),
            Read::Value(value, 1) if [-64, -1, -2, -3, -4, -16, -17].contains(&value) => {
                assert_eq!(found, Ok(()), "{bytes:02x?}");
                shorts += 1;
            }
            Read::Value(..) => {
                let (kind, _) = found.expect_err("no such type");
                let kinds = [ErrorKind::MalformedValueType, ErrorKind::Simd, ErrorKind::Gc, ErrorKind::Exceptions];
                assert!(kinds.contains(&kind), "{bytes:02x?}: {kind:?}");
            }
        }
    }
    assert!(shorts >= 7 && indices > 300, "{shorts} short forms, {indices} indices");
}

/// The lengths of sections and vectors, written longer than necessary and too long.
#[test]
fn section_sizes_and_counts_may_be_padded_to_five_bytes() {
    let padded = |value: u8, len: usize| {
        let mut bytes = vec![0x80; len];
        bytes[0] |= value;
        bytes[len - 1] &= 0x7F;
        bytes
    };
    let engine = Engine::default();
    for len in 1..=7 {
        let size = [b"\0asm\x01\0\0\0\x01".as_slice(), &padded(4, len), &[1, 0x60, 0, 0]].concat();
        let count = module(&[section(1, &[padded(1, len), vec![0x60, 0, 0]].concat())]);
        let custom = module(&[section(0, &[padded(2, len), b"hi".to_vec()].concat())]);
        let params = module(&[section(1, &[vec![1, 0x60], padded(1, len), vec![0x7F, 0]].concat())]);
        for (what, wasm) in [("size", size), ("count", count), ("name", custom), ("params", params)] {
            let found = Module::new(&engine, &wasm, &mut [0; 4 << 10]).map(drop).map_err(|error| error.kind);
            let expected = if len <= 5 { Ok(()) } else { Err(ErrorKind::LebTooLong) };
            assert_eq!(found, expected, "{what} in {len} bytes");
        }
    }
}
