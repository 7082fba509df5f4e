//! wasmi with the dispatcher that runs everywhere and its smaller operations, to be measured. The rest is as in its fastest build.

#[path = "../../wasmi/src/engine.rs"]
mod engine;

fn main() {
    engine::start();
}
