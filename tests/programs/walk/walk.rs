//! Builds a tree with Rust's standard library, walks it, sleeps, rearranges it, walks it again, and removes it.

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Prints what is in a directory, deeper things further to the right; the sum of all lengths.
fn walk(directory: &Path, depth: usize) -> io::Result<u64> {
    let mut entries = fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| entry.file_name());
    let mut sum = 0;
    for entry in entries {
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let indent = "  ".repeat(depth);
        if kind.is_dir() {
            println!("{indent}{}/", name.to_string_lossy());
            sum += walk(&entry.path(), depth + 1)?;
        } else {
            let len = fs::symlink_metadata(entry.path())?.len();
            println!("{indent}{} {len}{}", name.to_string_lossy(), if kind.is_symlink() { " (a link)" } else { "" });
            sum += len;
        }
    }
    Ok(sum)
}

fn main() -> io::Result<()> {
    let tree = Path::new("/tree");
    fs::create_dir_all(tree.join("deep/deeper"))?;
    fs::write(tree.join("deep/deeper/big"), vec![7; 100_000])?;
    fs::copy(tree.join("deep/deeper/big"), tree.join("copy"))?;
    println!("sum {}", walk(Path::new("/"), 0)?);

    let started = Instant::now();
    thread::sleep(Duration::from_millis(120));
    println!("slept long enough: {}", started.elapsed() >= Duration::from_millis(120));

    fs::hard_link(tree.join("copy"), tree.join("same"))?;
    fs::rename(tree.join("same"), tree.join("deep/moved"))?;
    fs::rename(tree.join("deep"), tree.join("renamed"))?;
    fs::File::options().write(true).open(tree.join("copy"))?.set_len(10)?;
    println!("sum {}", walk(tree, 0)?);
    fs::remove_dir_all(tree)?;
    println!("afterwards: {:?}", fs::metadata(tree).map(|data| data.len()).map_err(|error| error.kind()));
    Ok(())
}
