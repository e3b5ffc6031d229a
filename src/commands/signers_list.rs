//! A list of allowed signers (`man ssh-keygen`): whom it lists for the key of a signature, on whichever of its lines. Names to ask
//! `ssh-keygen` about, no more: it alone decides whose signature counts.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::bounded;

/// A signature begins with this, a version of four bytes, and its key, which its length precedes.
const BEFORE_KEY: usize = "SSHSIG".len() + 4;

/// Whether a list can be read at all.
///
/// # Errors
/// A file that cannot be read, or that would be waited for.
pub fn readable(list: &Path) -> io::Result<()> {
    bounded::read(list, bounded::MAX_SMALL_BYTES).map(|_| ())
}

/// Everybody whom a list has on a line with the key of a signature, patterns such as `*@example.com` included. Nobody if
/// either cannot be read.
#[must_use]
pub fn listed(list: &Path, signature: &Path) -> Vec<String> {
    let read = |path: &Path| {
        let bytes = bounded::read(path, bounded::MAX_SMALL_BYTES).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let key = key_of(&read(signature));
    let list = read(list);
    key.map_or_else(Vec::new, |key| names_beside(&list, &key))
}

/// The key of a signature as lists write it: in Base64.
fn key_of(armoured: &str) -> Option<String> {
    let lines = armoured.lines().filter(|line| !line.starts_with("-----"));
    let bytes = STANDARD.decode(lines.collect::<String>()).ok()?;
    let rest = bytes.get(BEFORE_KEY..)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    Some(STANDARD.encode(rest.get(..length)?))
}

fn names_beside(list: &str, key: &str) -> Vec<String> {
    let lines = list.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with('#'));
    let lines = lines.filter(|line| line.split_whitespace().any(|word| word == key));
    let names = lines.flat_map(|line| principals(line).split(','));
    names.map(str::to_owned).collect()
}

/// The first field of a line, which may be in quotes.
fn principals(line: &str) -> &str {
    let quoted = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let plain = || line.split_whitespace().next().unwrap_or_default();
    quoted.map_or_else(plain, |(names, _)| names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_be_on_several_lines_with_several_names() {
        let list = "# AAAAkey\nada@x,*@y namespaces=\"gate\" ssh-ed25519 AAAAkey ada\n\"b o b\" ssh-ed25519 AAAAkey\neve ssh-ed25519 AAAAother\n";
        let names = names_beside(list, "AAAAkey");
        assert_eq!(names, ["ada@x", "*@y", "b o b"]);
    }

    #[test]
    fn what_is_no_signature_has_no_key() {
        for text in ["", "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n", "%%%"] {
            assert_eq!(key_of(text), None, "{text}");
        }
    }
}
