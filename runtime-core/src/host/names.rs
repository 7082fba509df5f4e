//! Which names of imports mean the same function: WIT interfaces are known by versions, and under two namings.
//!
//! `wasi:io/poll@0.2.1` is served by a host that has `wasi:io/poll@0.2.4`, since both are of the version 0.2; a version with a
//! suffix (`0.2.0-draft`) only by the same. The draft naming writes the prefix `cm32p2|`, the version as far as it matters, and
//! `pollable_drop` for `[resource-drop]pollable`. All other names must be equal.
//!
//! Source: "canonical interface names" of the component model's `Explainer.md`, and its `BuildTargets.md`.

/// What the draft naming puts before an interface.
const DRAFT: &str = "cm32p2|";

/// Is an import of this module and name the host's function of that module and name?
pub(super) fn is_same(module: &str, name: &str, host_module: &str, host_name: &str) -> bool {
    match module.strip_prefix(DRAFT) {
        Some(interface) => is_compatible(interface, host_module) && (name == host_name || is_drop(name, host_name)),
        None => name == host_name && is_compatible(module, host_module),
    }
}

/// `pollable_drop` is `[resource-drop]pollable`.
fn is_drop(name: &str, host_name: &str) -> bool {
    match (name.strip_suffix("_drop"), host_name.strip_prefix("[resource-drop]")) {
        (Some(resource), Some(host_resource)) => resource == host_resource,
        _ => false,
    }
}

fn is_compatible(interface: &str, host: &str) -> bool {
    match (interface.split_once('@'), host.split_once('@')) {
        _ if interface == host => true,
        (Some((name, version)), Some((host_name, host_version))) => {
            let track = track(version);
            name == host_name && track.is_some() && track == self::track(host_version)
        }
        _ => false,
    }
}

/// The part of a version that compatible ones share: the first number that is not zero and what is before it. None for a
/// version with a suffix, which is compatible with itself only.
fn track(version: &str) -> Option<&str> {
    if version.contains(['-', '+']) {
        return None;
    }
    let mut end = 0;
    for part in version.split('.') {
        end += part.len();
        if part != "0" {
            return version.get(..end);
        }
        end += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compatible_up_to_the_first_number_that_is_not_zero() {
        let same = |a, b| is_compatible(a, b) && is_compatible(b, a);
        assert!(
            same("a:b/c@0.2.4", "a:b/c@0.2.0") && same("a:b/c@0.2", "a:b/c@0.2.4") && same("a:b/c@1.0.0", "a:b/c@1.7")
        );
        assert!(same("a:b/c@0.2.0-draft", "a:b/c@0.2.0-draft") && same("env", "env") && same("a:b/c", "a:b/c"));
        for (a, b) in [
            ("a:b/c@0.2.4", "a:b/c@0.3.0"),
            ("a:b/c@0.2.4", "a:b/c@0.20.4"),
            ("a:b/c@0.0.1", "a:b/c@0.0.2"),
            ("a:b/c@1.0.0", "a:b/c@2.0.0"),
            ("a:b/c@0.2.0-draft", "a:b/c@0.2.0"),
            ("a:b/c@0.2.0-draft", "a:b/c@0.2.0-rc"),
            ("a:b/c@0.2.0", "a:b/d@0.2.0"),
            ("a:b/c", "a:b/c@0.2.0"),
            ("a:b/c@", "a:b/c@0.0"),
            ("env", "wasi"),
        ] {
            assert!(!is_compatible(a, b) && !is_compatible(b, a), "{a} {b}");
        }
    }

    #[test]
    fn the_draft_naming_is_an_alias() {
        assert!(is_same("cm32p2|a:b/c@0.2", "r_drop", "a:b/c@0.2.4", "[resource-drop]r"));
        assert!(is_same("cm32p2|a:b/c@0.2", "[method]r.m", "a:b/c@0.2.4", "[method]r.m"));
        assert!(!is_same("a:b/c@0.2", "r_drop", "a:b/c@0.2.4", "[resource-drop]r"));
        assert!(!is_same("cm32p2|a:b/c@0.2", "s_drop", "a:b/c@0.2.4", "[resource-drop]r"));
    }
}
