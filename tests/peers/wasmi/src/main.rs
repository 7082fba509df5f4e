//! wasmi as its defaults are, to be measured: tail calls, operations that hold addresses of their handlers.

mod engine;

fn main() {
    engine::start();
}
