//! Copies a file with Rust's standard library, reads the copy back, lists the folder, and removes the copy.

use std::fs;

fn main() -> std::io::Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = names.as_slice() else {
        eprintln!("usage: copy FROM TO");
        std::process::exit(2);
    };
    fs::write(to, fs::read(from)?)?;
    let copy = fs::read(to)?;
    println!("{to}: {} bytes, equal: {}", copy.len(), copy == fs::read(from)?);
    let mut listed: Vec<String> = fs::read_dir("/")?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, _>>()?;
    listed.sort();
    println!("files: {}", listed.join(" "));
    fs::remove_file(to)?;
    println!("after removal: {:?}", fs::metadata(to).map(|data| data.len()).map_err(|error| error.kind()));
    Ok(())
}
