//! Hello through Rust's standard library, formatting and arguments included.

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("Hello from Rust, {} argument{}.", words.len(), if words.len() == 1 { "" } else { "s" });
    for (index, word) in words.iter().enumerate() {
        println!("{:2}: {word}", index + 1);
    }
}
