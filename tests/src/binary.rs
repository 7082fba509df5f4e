//! Modules written byte by byte, for what the text format would not let through or would take too long to write.

/// Unsigned LEB128.
pub fn leb(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A vector takes all.
    let _ = leb128::write::unsigned(&mut bytes, value);
    bytes
}

/// A section with this content.
pub fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], leb(content.len() as u64).as_slice(), content].concat()
}

/// A module of these sections.
pub fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".as_slice(), &sections.concat()].concat()
}

/// The content of a type section with these function types, each of so many `i32` in and out.
pub fn types(types: &[(usize, usize)]) -> Vec<u8> {
    let one = |&(params, results): &(usize, usize)| {
        [vec![0x60], leb(params as u64), vec![0x7F; params], leb(results as u64), vec![0x7F; results]].concat()
    };
    leb(types.len() as u64).into_iter().chain(types.iter().flat_map(one)).collect()
}

/// The content of a code section with this body: locals and code.
pub fn code(body: &[u8]) -> Vec<u8> {
    [&[1], leb(body.len() as u64).as_slice(), body].concat()
}

/// A module with one function of type `[] -> []` and this body.
pub fn function(body: &[u8]) -> Vec<u8> {
    module(&[section(1, &types(&[(0, 0)])), section(3, &[1, 0]), section(10, &code(body))])
}
