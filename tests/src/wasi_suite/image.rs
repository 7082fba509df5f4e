//! A test as an image for a chip: its arguments, its fixture and its module in one file.

use super::Case;
use crate::conformance::Image;
use std::{fs, io, path::Path};
use wasmote_chip::{Head, case::Record};

/// Makes the image of a test.
///
/// # Errors
/// If the module or its fixture cannot be read.
pub fn image(case: &Case) -> io::Result<Vec<u8>> {
    let mut image = Image::new(&Head::Case);
    image.push(&Record::Argument(&case.program_name()));
    case.arguments.iter().for_each(|text| image.push(&Record::Argument(text)));
    case.variables.iter().for_each(|(name, value)| image.push(&Record::Variable(&format!("{name}={value}"))));
    if let Some(root) = &case.root {
        image.push(&Record::Root);
        fixture(&mut image, root, "")?;
    }
    image.push(&Record::Module(&fs::read(&case.module)?));
    Ok(image.finish())
}

/// Adds what is in a directory; `at` is empty or ends with a slash.
fn fixture(image: &mut Image, from: &Path, at: &str) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let path = format!("{at}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            image.push(&Record::Directory(&path));
            fixture(image, &entry.path(), &format!("{path}/"))?;
        } else {
            image.push(&Record::File(&path, &fs::read(entry.path())?));
        }
    }
    Ok(())
}
