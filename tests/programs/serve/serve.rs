//! A small server: serves as many connections as its argument says at the listening socket that it was given (descriptor 3),
//! answering each line with the same line in capitals, until a connection ends.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener};
use std::os::fd::FromRawFd;

fn main() -> std::io::Result<()> {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    // SAFETY: descriptor 3 is the socket that this program was lent, and nothing else here owns it.
    let listener = unsafe { TcpListener::from_raw_fd(3) };
    for number in 1..=count {
        let (stream, _) = listener.accept()?;
        let mut lines = 0;
        for line in BufReader::new(&stream).lines() {
            lines += 1;
            writeln!(&stream, "{}", line?.to_uppercase())?;
        }
        stream.shutdown(Shutdown::Write)?;
        println!("connection {number}: {lines} lines");
    }
    Ok(())
}
