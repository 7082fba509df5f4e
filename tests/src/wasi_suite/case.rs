//! A test of the suite: a module, and the `.json` beside it that says how it is started and what it should do.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::Outcome;

/// One test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// The module.
    pub module: PathBuf,
    /// Its arguments, without the program's name.
    pub arguments: Vec<String>,
    /// Its variables, and no others.
    pub variables: Vec<(String, String)>,
    /// The fixture that it gets as `/`, if it gets one.
    pub root: Option<PathBuf>,
    /// What it should exit with.
    pub exit_code: i32,
    /// What it should write, if that is said.
    pub stdout: Option<String>,
    /// What it should write as errors, if that is said.
    pub stderr: Option<String>,
}

/// All modules below `directory`, in the order of their names.
pub(super) fn find(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(directory) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(find(&path));
        } else if path.extension().is_some_and(|extension| extension == "wasm") {
            found.push(path);
        }
    }
    found.sort();
    found
}

impl Case {
    /// Reads the test of this module.
    pub fn read(module: &Path) -> Result<Case, String> {
        let json = match fs::read_to_string(module.with_extension("json")) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| error.to_string())?,
            Err(_) => Value::Null,
        };
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| format!("not a text: {value}"));
        let optional = |name: &str| json.get(name).map(text).transpose();
        let arguments =
            json.get("args").and_then(Value::as_array).into_iter().flatten().map(text).collect::<Result<_, _>>()?;
        let variables = json
            .get("env")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, value)| Ok((name.clone(), text(value)?)))
            .collect::<Result<_, String>>()?;
        let root = optional("root")?.map(|root| module.with_file_name(root));
        if let Some(root) = root.as_ref().filter(|root| !root.is_dir()) {
            return Err(format!("its fixture {} is missing", root.display()));
        }
        Ok(Case {
            module: module.to_owned(),
            arguments,
            variables,
            root,
            exit_code: json.get("exit_code").and_then(Value::as_i64).unwrap_or(0) as i32,
            stdout: optional("stdout")?,
            stderr: optional("stderr")?,
        })
    }

    /// The name under which the module is started.
    pub(super) fn program_name(&self) -> String {
        self.module.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What is wrong with what it did; `None` if nothing is.
    #[must_use]
    pub fn complaint(&self, outcome: &Outcome) -> Option<String> {
        let wrote = |what: &[u8]| String::from_utf8_lossy(what).into_owned();
        match &outcome.exit {
            Err(why) => return Some(format!("{why}; {}", wrote(&outcome.stderr))),
            Ok(code) if *code != self.exit_code => {
                return Some(format!("exit code {code} instead of {}; {}", self.exit_code, wrote(&outcome.stderr)));
            }
            Ok(_) => {}
        }
        let streams = [(&self.stdout, &outcome.stdout), (&self.stderr, &outcome.stderr)];
        streams.into_iter().find_map(|(expected, actual)| {
            let expected = expected.as_ref()?;
            (expected.as_bytes() != actual).then(|| format!("wrote {:?} instead of {expected:?}", wrote(actual)))
        })
    }
}
