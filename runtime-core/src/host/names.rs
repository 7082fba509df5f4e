//! Which names of imports mean the same function: WIT interfaces are known by versions, and under two namings.
//!
//! `wasi:io/poll@0.2.1` is served by a host that has `wasi:io/poll@0.2.4`, since both are of the version 0.2; a version with a
//! suffix (`0.2.0-draft`) only by the same. The draft naming writes the prefix `cm32p2|`, the version as far as it matters, and
//! `pollable_drop` for `[resource-drop]pollable`. All other names must be equal.
//!
//! Source: "canonical interface names" of the component model's `Explainer.md`, and its `BuildTargets.md`.

/// What the draft naming puts before an interface.
const DRAFT: &[u8] = b"cm32p2|";

/// Is an import of this module and name the host's function of that module and name?
pub(super) fn is_same(module: &str, name: &str, host_module: &str, host_name: &str) -> bool {
    let (module, name, host_name) = (module.as_bytes(), name.as_bytes(), host_name.as_bytes());
    let interface = module.strip_prefix(DRAFT);
    let names = name == host_name || interface.is_some() && is_drop(name, host_name);
    names && is_compatible(interface.unwrap_or(module), host_module.as_bytes())
}

/// `pollable_drop` is `[resource-drop]pollable`.
fn is_drop(name: &[u8], host_name: &[u8]) -> bool {
    let resource = host_name.strip_prefix(b"[resource-drop]");
    resource.is_some_and(|resource| name.strip_suffix(b"_drop") == Some(resource))
}

fn is_compatible(interface: &[u8], host: &[u8]) -> bool {
    if interface == host {
        return true;
    }
    let (name, version) = split(interface);
    let (host_name, host_version) = split(host);
    let track = track(version);
    name == host_name && !track.is_empty() && track == self::track(host_version)
}

/// A name and its version, which may be missing.
fn split(interface: &[u8]) -> (&[u8], &[u8]) {
    let at = interface.iter().position(|&byte| byte == b'@').unwrap_or(interface.len());
    let (name, version) = interface.split_at_checked(at).unwrap_or_default();
    (name, version.get(1..).unwrap_or_default())
}

/// The part of a version that compatible ones share: the first number that is not zero and what is before it. Nothing for a
/// version with a suffix, which is compatible with itself only.
fn track(version: &[u8]) -> &[u8] {
    // Whether a number other than zero has begun, and where the one ends that was met first.
    let (mut begun, mut end) = (false, None);
    for (at, &byte) in version.iter().enumerate() {
        match byte {
            b'-' | b'+' => return &[],
            b'.' if begun && end.is_none() => end = Some(at),
            b'.' | b'0' if !begun => {}
            _ => begun = true,
        }
    }
    if begun { version.get(..end.unwrap_or(version.len())).unwrap_or_default() } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compatible_up_to_the_first_number_that_is_not_zero() {
        let compatible = |a: &str, b: &str| is_compatible(a.as_bytes(), b.as_bytes());
        let same = |a, b| compatible(a, b) && compatible(b, a);
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
            assert!(!compatible(a, b) && !compatible(b, a), "{a} {b}");
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
