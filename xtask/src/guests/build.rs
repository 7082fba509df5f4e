//! One function for each compiler: a source in, a module out. And the same sources for this machine.

use super::Places;
use super::manifest::Program;
use crate::setup::compilers::{Tool, node_dir};
use crate::setup::process;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What Lua does not need here: programs of its own, and libraries that want what a guest does not have.
const LUA_LEFT_OUT: [&str; 8] =
    ["lua.c", "luac.c", "linit.c", "loadlib.c", "loslib.c", "liolib.c", "ldblib.c", "lcorolib.c"];

/// What the program `qjs` is made of, beside `qjs.c`.
const QUICKJS_FILES: [&str; 7] =
    ["quickjs.c", "quickjs-libc.c", "libregexp.c", "libunicode.c", "dtoa.c", "gen/repl.c", "gen/standalone.c"];

/// Builds a program for WebAssembly.
pub(super) fn module(places: &Places, program: &Program, tool: Tool, out: &Path) -> Result<()> {
    let source = match program.quickjs {
        true => quickjs_sources(places)?.join(&program.source),
        false => places.folder.join(&program.source),
    };
    match tool {
        Tool::Clang => {
            let mut clang = tool.command()?;
            clang.args(["--target=wasm32-wasi", "-Oz", "-Wl,-s"]);
            c(places, program, clang, &source, out)
        }
        Tool::Zig => {
            let mut zig = tool.command()?;
            zig.args(["-target", "wasm32-wasi", "-Os", "-s"]);
            zig.env("ZIG_GLOBAL_CACHE_DIR", places.target_dir.join("zig"));
            zig.env("ZIG_LOCAL_CACHE_DIR", places.target_dir.join("zig"));
            c(places, program, zig, &source, out)
        }
        Tool::Rust => rust(program, tool.command()?.args(["--target", "wasm32-wasip1"]), &source, out),
        Tool::Go => go(places, &source, out),
        Tool::Asc => assembly_script(&source, out),
        Tool::Wat => Ok(fs::write(out, wat::parse_file(&source)?)?),
        Tool::Wasmtime => bail!("wasmtime builds nothing"),
    }
}

/// Builds a program for this machine.
pub(super) fn native(places: &Places, program: &Program, out: &Path) -> Result<()> {
    let source = places.folder.join(&program.source);
    match source.extension().and_then(|extension| extension.to_str()) {
        Some("c") => {
            let mut cc = Command::new("cc");
            cc.arg("-O2");
            c(places, program, cc, &source, out)
        }
        Some("rs") => rust(program, &mut Command::new("rustc"), &source, out),
        _ => bail!("{} has no native form", program.name),
    }
}

fn c(places: &Places, program: &Program, mut compiler: Command, source: &Path, out: &Path) -> Result<()> {
    compiler.arg("-std=gnu11").args(&program.flags).arg(source);
    if program.sqlite {
        let sqlite = crate_folder(&places.folder.join("sqlite"), "libsqlite3-sys")?.join("sqlite3");
        // One thread, no shared memory: what WASI has.
        compiler.args(["-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION", "-DSQLITE_OMIT_WAL"]);
        compiler.args(["-DSQLITE_MAX_MMAP_SIZE=0", "-D_WASI_EMULATED_GETPID", "-lwasi-emulated-getpid"]);
        compiler.arg("-w").arg("-I").arg(&sqlite).arg(sqlite.join("sqlite3.c"));
    } else if program.quickjs {
        quickjs(places, &mut compiler)?;
    } else if !program.lua {
        compiler.args(["-Wall", "-Wextra", "-Werror"]);
    } else {
        let own = places.folder.join("lua");
        let lua = lua_sources(&own)?;
        compiler.arg("-include").arg(own.join("errors.h")).arg("-I").arg(&own).arg("-I").arg(&lua);
        compiler.args(files_of_lua(&lua)?);
    }
    compiler.arg("-o").arg(out).arg("-lm");
    process::quiet(&mut compiler)?;
    Ok(())
}

/// Where cargo keeps a crate that carries sources in C, and that the manifest in the folder `own` names.
fn crate_folder(own: &Path, name: &str) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--format-version=1", "--manifest-path"]).arg(own.join("Cargo.toml"));
    let metadata = process::text(&mut cargo)?;
    // One field of one package is wanted, of a text that cargo made: no parser is needed.
    let manifest = metadata
        .split('"')
        .find(|text| text.contains(&format!("{name}-")) && text.ends_with("Cargo.toml"))
        .with_context(|| format!("cargo metadata names no crate {name}"))?;
    Ok(Path::new(manifest).parent().context("a manifest is in a folder")?.to_owned())
}

/// Where QuickJS's sources are, its program `qjs` among them.
fn quickjs_sources(places: &Places) -> Result<PathBuf> {
    Ok(crate_folder(&places.folder.join("quickjs"), "rquickjs-sys")?.join("quickjs"))
}

/// The sources of the program `qjs` beside its own, and what it expects of a system.
fn quickjs(places: &Places, compiler: &mut Command) -> Result<()> {
    let sources = quickjs_sources(places)?;
    compiler.args(["-w", "-D_GNU_SOURCE", "-DQUICKJS_NG_BUILD", "-Wl,-z,stack-size=1048576"]);
    compiler.args(["-D_WASI_EMULATED_PROCESS_CLOCKS", "-lwasi-emulated-process-clocks"]);
    compiler.args(["-D_WASI_EMULATED_SIGNAL", "-lwasi-emulated-signal"]);
    for file in QUICKJS_FILES {
        compiler.arg(sources.join(file));
    }
    Ok(())
}

/// Where Lua's sources are.
fn lua_sources(own: &Path) -> Result<PathBuf> {
    let root = crate_folder(own, "lua-src")?;
    let is_5_4 = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("lua-5.4"));
    fs::read_dir(root)?.flatten().map(|entry| entry.path()).find(is_5_4).context("the crate has no Lua 5.4")
}

fn files_of_lua(folder: &Path) -> Result<Vec<PathBuf>> {
    let wanted = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.ends_with(".c") && !LUA_LEFT_OUT.contains(&name.as_str())
    };
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(wanted).collect();
    files.sort();
    Ok(files)
}

fn rust(program: &Program, rustc: &mut Command, source: &Path, out: &Path) -> Result<()> {
    rustc.args(["--edition", "2024", "-Copt-level=s", "-Clto=fat", "-Cpanic=abort", "-Cstrip=symbols"]);
    rustc.args(["-Ccodegen-units=1", "-Dwarnings"]).args(&program.flags);
    // No path of this machine in the module.
    let folder = source.parent().context("a source is in a folder")?;
    rustc.arg(format!("--remap-path-prefix={}=.", folder.display())).arg(source).arg("-o").arg(out);
    process::quiet(rustc)?;
    Ok(())
}

fn go(places: &Places, source: &Path, out: &Path) -> Result<()> {
    let mut go = Tool::Go.command()?;
    go.args(["build", "-trimpath", "-ldflags=-s -w", "-o"]).arg(out).arg(source);
    go.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("GOTOOLCHAIN", "local"), ("GO111MODULE", "off")]);
    go.env("GOCACHE", places.target_dir.join("go")).env("GOFLAGS", "");
    process::quiet(&mut go)?;
    Ok(())
}

/// The compiler wants its libraries beside the source, so the source goes to them.
fn assembly_script(source: &Path, out: &Path) -> Result<()> {
    let dir = node_dir()?;
    let name = source.file_name().context("a source has a name")?;
    fs::copy(source, dir.join(name))?;
    let mut asc = Tool::Asc.command()?;
    asc.current_dir(&dir).arg(name).args(["-Oz", "--noAssert"]);
    asc.args(["--config", "node_modules/@assemblyscript/wasi-shim/asconfig.json", "--outFile"]).arg(out);
    let result = process::quiet(&mut asc);
    fs::remove_file(dir.join(name))?;
    result.map(|_| ())
}
