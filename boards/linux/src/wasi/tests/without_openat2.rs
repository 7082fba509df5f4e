//! The attempts to leave a directory once more, where the kernel has no `openat2`: before Linux 5.6, and in sandboxes that do
//! not know it. Paths are then walked component by component, and lead out as little.

use std::{env, process::Command, thread};

use rustix::{
    fs::{CWD, Mode, OFlags, ResolveFlags, openat2},
    io::Errno as Kernel,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

/// The number of the system call, the same on every architecture.
const OPENAT2: i64 = 437;

/// Is the call there?
fn has_openat2() -> bool {
    openat2(CWD, ".", OFlags::DIRECTORY, Mode::empty(), ResolveFlags::BENEATH).err() != Some(Kernel::NOSYS)
}

/// What the parent looks for in the child's output.
#[test]
fn the_way_of_resolving_is_told() {
    println!("paths are resolved {}", if has_openat2() { "by the kernel" } else { "component by component" });
}

#[test]
fn no_path_leads_out_where_there_is_no_openat2() {
    let arch = env::consts::ARCH.try_into().expect("an architecture with filters");
    let absent = SeccompAction::Errno(Kernel::NOSYS.raw_os_error() as u32);
    let filter = SeccompFilter::new([(OPENAT2, Vec::new())].into(), SeccompAction::Allow, absent, arch);
    let program: BpfProgram = filter.and_then(BpfProgram::try_from).expect("a filter");
    let child = thread::spawn(move || {
        // It holds for this thread and what it starts.
        apply_filter(&program).expect("filters are allowed");
        let mut tests = Command::new(env::current_exe().expect("a test has a path"));
        tests.args(["wasi::tests", "--skip", "no_path_leads_out_where", "--nocapture", "--test-threads=1"]).output()
    });
    let output = child.join().expect("no panic").expect("the tests start");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("paths are resolved component by component"), "{said}");
    assert!(said.contains("no_path_leads_out_of_the_directory"), "{said}");
}
