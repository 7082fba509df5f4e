//! `cargo xtask bundle`: modules, validated and prepared here, as records that a firmware runs in place from flash.
//!
//! What a module asks for is compared with the board's policy here, too, so that the board only does what the outcome says.
//! Promises: what a board would refuse is refused here, with the same words that the command uses.

pub(crate) mod calls;
mod linking;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use wasmote::{Engine, Module};
use wasmote_board::note::{Bundled, FileRow, Note};
use wasmote_board::policy::{Grant, MAX_ENCODED_BYTES, Policy, Request, text};
use wasmote_wasi_p1::bundle::Bundle;

/// What is built in, and what it may do.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct ModuleArgs {
    /// A module to build in; several run one after the other
    #[arg(long = "module", value_name = "FILE")]
    pub(crate) modules: Vec<PathBuf>,
    /// What a module asks for (TOML); without, the file beside the module with the ending .toml, or else everything
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// What the board allows (TOML); without, whatever the manifest asks for
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A file for the modules to read, below /
    #[arg(long = "file", value_name = "HOST::GUEST")]
    pub(crate) files: Vec<String>,
    /// An export that is called again and again: WHEN is a time (`tick=250ms`) or a pin's label, with `:rising` or `:falling` or
    /// without (`pressed=button:falling`)
    #[arg(long = "call", value_name = "EXPORT=WHEN", value_parser = calls::parse)]
    pub(crate) calls: Vec<calls::Call>,
}

/// Validates and prepares modules for a firmware
#[derive(Args, Debug)]
pub(crate) struct BundleArgs {
    #[command(flatten)]
    modules: ModuleArgs,
    /// Where the records go
    #[arg(short, long, default_value = "target/modules.bin")]
    output: PathBuf,
}

/// Runs the verb.
pub(crate) fn run(args: BundleArgs) -> Result<()> {
    let records = records(&args.modules)?;
    fs::write(&args.output, &records).with_context(|| args.output.display().to_string())?;
    println!("{}: {} bytes", args.output.display(), records.len());
    Ok(())
}

/// The records of the modules, one after the other.
pub(crate) fn records(args: &ModuleArgs) -> Result<Vec<u8>> {
    let policy = args.policy.as_deref().map(|path| read(path, text::policy)).transpose()?;
    let files = files(&args.files)?;
    let mut records = Vec::new();
    for path in &args.modules {
        let request = request(args, path)?;
        if request.is_some() && args.manifest.is_none() {
            println!("{}: with the manifest beside it", path.display());
        }
        let mut note = note(path, request, policy.as_ref(), &files)?;
        for call in &args.calls {
            append(&mut note.calls, &call.as_row())?;
        }
        let record = record(path, &note.as_note(), &args.calls).with_context(|| path.display().to_string())?;
        println!("{}: {} bytes", path.display(), record.len());
        records.extend(record);
    }
    Ok(records)
}

/// Whether the modules have files, bundled or in RAM, so that the firmware must.
pub(crate) fn have_files(args: &ModuleArgs) -> Result<bool> {
    let mut have = !args.files.is_empty();
    for path in &args.modules {
        have |= request(args, path)?.is_some_and(|request| !request.directories.is_empty());
    }
    Ok(have)
}

/// What a module asks for, if that is known.
fn request(args: &ModuleArgs, module: &Path) -> Result<Option<Request>> {
    let beside = module.with_extension("toml");
    let path = match &args.manifest {
        Some(path) => Some(path.clone()),
        None => beside.is_file().then_some(beside),
    };
    path.map(|path| read(&path, text::request)).transpose()
}

fn read<T>(path: &Path, parse: impl Fn(&str) -> Result<T, text::TextError>) -> Result<T> {
    let content = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&content).with_context(|| path.display().to_string())
}

/// The parts of a note, owned.
#[derive(Default)]
struct Parts {
    name: String,
    grant: Vec<u8>,
    environment: Vec<u8>,
    files: Vec<u8>,
    calls: Vec<u8>,
}

impl Parts {
    fn as_note(&self) -> Note<'_> {
        let Parts { name, grant, environment, files, calls } = self;
        Note { name, grant, environment, files: Bundled(files), calls }
    }
}

fn note(path: &Path, request: Option<Request>, policy: Option<&Policy>, files: &[u8]) -> Result<Parts> {
    let name = path.file_stem().context("a module has a name")?.to_string_lossy().into_owned();
    let Some(request) = request else {
        if policy.is_some() {
            bail!("{}: a policy has nothing to allow without a manifest (--manifest)", path.display());
        }
        return Ok(Parts { name, files: files.to_vec(), ..Parts::default() });
    };
    let name = if request.module.is_empty() { name } else { request.module.to_string() };
    let grant = match policy {
        None => Grant::whole(request),
        Some(policy) => Grant::new(request, policy, |refused| println!("module {name}: {refused}")),
    };
    let granted = grant.granted();
    let mut environment = Vec::new();
    for variable in &granted.environment {
        append(&mut environment, &format!("{}={}", variable.name, variable.value))?;
    }
    let mut buffer = [0; MAX_ENCODED_BYTES];
    let encoded = granted.encode(&mut buffer).map_err(|error| anyhow::anyhow!("the grant is too long: {error:?}"))?;
    Ok(Parts { name, grant: encoded.to_vec(), environment, files: files.to_vec(), calls: Vec::new() })
}

/// The files for the modules, each with the directories that it is in before it.
fn files(arguments: &[String]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Paths of rows, in order; the root is row 0.
    let mut paths = vec![String::new()];
    for argument in arguments {
        let (host, guest) =
            argument.split_once("::").with_context(|| format!("--file {argument}: HOST::GUEST is expected"))?;
        let content = fs::read(host).with_context(|| format!("cannot read {host}"))?;
        let mut parent = 0;
        let mut path = String::new();
        let names: Vec<&str> = guest.split('/').filter(|name| !name.is_empty()).collect();
        let Some((last, directories)) = names.split_last() else { bail!("--file {argument}: a file has a name") };
        if names.iter().any(|name| matches!(*name, "." | "..")) {
            bail!("--file {argument}: `.` and `..` are no names");
        }
        for name in directories {
            path = format!("{path}/{name}");
            parent = match paths.iter().position(|known| *known == path) {
                Some(row) => row,
                None => add(&mut bytes, &mut paths, (parent as u32, name, None), path.clone())?,
            };
        }
        path = format!("{path}/{last}");
        if paths.contains(&path) {
            bail!("--file {argument}: {path} is there already");
        }
        add(&mut bytes, &mut paths, (parent as u32, last, Some(&content)), path)?;
        // A file in whose place a directory is needed is no tree.
        if Bundle::of(Bundled(&bytes), 0).is_err() {
            bail!("--file {argument}: a file is where a directory should be");
        }
    }
    Ok(bytes)
}

/// Adds a row; its number.
fn add(bytes: &mut Vec<u8>, paths: &mut Vec<String>, row: FileRow<'_>, path: String) -> Result<usize> {
    append(bytes, &row)?;
    paths.push(path);
    Ok(paths.len() - 1)
}

fn append(to: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    to.extend(postcard::to_stdvec(value)?);
    Ok(())
}

/// The record of one module, which a board with these functions can link.
fn record(path: &Path, note: &Note<'_>, calls: &[calls::Call]) -> Result<Vec<u8>> {
    let wasm = wat::parse_file(path)?;
    let mut code = vec![0; (1 << 20) + 8 * wasm.len()];
    let engine = Engine::default();
    let module = Module::new(&engine, &wasm, &mut code)?;
    linking::check(&module)?;
    calls::check(&module, calls)?;
    let mut record = Vec::new();
    module.build_in(&postcard::to_stdvec(note)?, &mut |bytes| record.extend_from_slice(bytes));
    Ok(record)
}
