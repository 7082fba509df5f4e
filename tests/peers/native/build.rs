//! Compiles the programs in C, the function of each named after its program.

fn main() {
    let folder = "../../workloads/c";
    println!("cargo::rerun-if-changed={folder}");
    for name in ["c_fixed", "c_machine", "c_pointers", "c_wave"] {
        let mut c = cc::Build::new();
        c.file(format!("{folder}/{name}.c")).define("run", name).opt_level(3).warnings(false).compile(name);
    }
}
