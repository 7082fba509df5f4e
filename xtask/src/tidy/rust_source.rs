//! Rust files as text to search: where they are, and their code without comments, strings and characters.

use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold build products or nothing of ours.
const LEFT_OUT: [&str; 3] = ["target", "node_modules", ".git"];

/// All Rust files beneath a folder, sorted.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() && !LEFT_OUT.contains(&name.as_str()) {
                open.push(path);
            } else if name.ends_with(".rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The code of a file: what is in comments, strings and character literals becomes spaces, lines stay lines.
pub(super) fn code(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + literal_or_comment(&bytes[at..], at > 0 && is_word(bytes[at - 1]));
        if end == at {
            at += 1;
            continue;
        }
        code[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    String::from_utf8_lossy(&code).into_owned()
}

/// The words of code, each with the number of its line.
pub(super) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let in_line = |line: &str| -> Vec<(usize, usize)> {
        let mut words = Vec::new();
        let mut start = None;
        for (at, byte) in line.bytes().chain([b' ']).enumerate() {
            match (is_word(byte), start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    words.push((from, at));
                    start = None;
                }
                _ => {}
            }
        }
        words
    };
    code.lines()
        .zip(1..)
        .flat_map(move |(line, number)| in_line(line).into_iter().map(move |(from, to)| (number, &line[from..to])))
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// How many bytes the comment or literal has that begins here; 0 if none does.
fn literal_or_comment(rest: &[u8], inside_word: bool) -> usize {
    match rest {
        [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'r', b'"' | b'#', ..] if !inside_word => raw_string(rest),
        // A lifetime has no second quote after one character.
        [b'\'', b'\\', ..] => quoted(rest, b'\''),
        [b'\'', _, b'\'', ..] => 3,
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let close: Vec<u8> = [b'"'].into_iter().chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = &rest[2 + hashes..];
    let end = body.windows(close.len()).position(|window| window == close);
    end.map_or(rest.len(), |end| 2 + hashes + end + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_comments_and_literals_are_not_code() {
        let first = "// unsafe\n/* unsafe /* unsafe */ unsafe */ let a = \"unsafe \\\" unsafe\";\n";
        let text = format!("{first}let b = r#\"unsafe \" unsafe\"#; let c = 'x';");
        let code = code(&text);
        assert!(!code.contains("unsafe"), "{code}");
        let found: Vec<_> = words(&code).collect();
        assert_eq!(found, [(2, "let"), (2, "a"), (3, "let"), (3, "b"), (3, "let"), (3, "c")]);
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        let text = "fn f<'a>(x: &'a str, quote: char) -> &'static str { if quote == '\\'' { r#type(x) } else { b } }";
        let code = code(text);
        for word in ["static", "type", "else", "b"] {
            assert!(words(&code).any(|(_, found)| found == word), "{word} in {code}");
        }
    }
}
