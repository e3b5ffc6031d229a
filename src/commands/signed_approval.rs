//! The signed statements of those who approve (T13): where they lie, whether one says what an entry says, and whose key signed it.
//! Asked by `approve`, by every command that counts approvals, and by `verify`. Must not decide whether a gate has enough of them.

use std::path::{Path, PathBuf};

use regex_lite::Regex;

use super::bounded;
use super::signature::{self, Found, Purpose, SignatureError, Signed};
use crate::digest::sha256_hex;
use crate::ledger::{Entry, Ledger, Statement};
use crate::plan::Signatures;
use crate::provenance::SignatureSeen;

/// What the name of a statement ends with; its signature's has `.sig` after it.
const ENDING: &str = ".approval";
/// So many digits of a statement's digest are in its name.
const DIGITS: usize = 16;

/// Where a statement lies: beside the evidence, as `EVIDENCE.ROLE.DIGEST.approval`.
#[must_use]
pub fn place(evidence: &Path, statement: &Statement) -> PathBuf {
    let name = evidence.file_name().unwrap_or_default().to_string_lossy();
    let digest = sha256_hex(&[statement.text().as_bytes()]);
    let digest = digest.get(..DIGITS).unwrap_or_default();
    let role = file_word(statement.role());
    evidence.with_file_name(format!("{name}.{role}.{digest}{ENDING}"))
}

/// A role as part of a file name: anything but letters, digits, `-` and `_` becomes `%XX`.
fn file_word(role: &str) -> String {
    role.bytes()
        .map(|byte| match byte {
            b'-' | b'_' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// The statements beside evidence, by name. Signatures whose statement is not there are among them.
#[must_use]
pub fn beside(evidence: &Path) -> Vec<PathBuf> {
    files_beside(evidence, &[ENDING, &format!("{ENDING}.sig")])
        .into_iter()
        .map(|path| match path.extension() {
            Some(extension) if extension == "sig" => path.with_extension(""),
            _ => path,
        })
        .fold(Vec::new(), |mut known, path| {
            if !known.contains(&path) {
                known.push(path);
            }
            known
        })
}

/// Signatures beside evidence as gate 0.1 made them: in a role, of the evidence alone, so that they approve nothing.
#[must_use]
pub fn of_evidence_alone(evidence: &Path) -> Vec<PathBuf> {
    let own = signature::place(evidence);
    let mut found = files_beside(evidence, &[".sig"]);
    let of_statement = format!("{ENDING}.sig");
    found.retain(|path| *path != own && !path.to_string_lossy().ends_with(&of_statement));
    found
}

/// The files whose names begin with that of the evidence and end like that, by name.
fn files_beside(evidence: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let name = evidence.file_name().unwrap_or_default().to_string_lossy();
    let start = format!("{name}.");
    let folder = evidence.parent().filter(|folder| *folder != Path::new(""));
    let listed = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
    let entries = listed.into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let meant = |name: &String| {
        name.starts_with(&start) && endings.iter().any(|ending| name.ends_with(ending))
    };
    let mut found: Vec<PathBuf> = names
        .filter(meant)
        .map(|name| evidence.with_file_name(name))
        .collect();
    found.sort();
    found
}

/// The statement in a file.
///
/// # Errors
/// A file that cannot be read, or holds anything else.
pub fn read(place: &Path) -> Result<Statement, String> {
    let name = name(place);
    let bytes = bounded::read(place, bounded::MAX_SMALL_BYTES)
        .map_err(|error| format!("{name} cannot be read: {error}"))?;
    Statement::read(&bytes).ok_or_else(|| format!("{name} is not the statement of an approval"))
}

/// What an entry's statement is and where it lies, with its signature.
///
/// # Errors
/// Why there is none, in words.
pub fn of_entry(
    entry: &Entry,
    ledger: &Ledger,
    evidence: &Path,
) -> Result<(Statement, PathBuf), String> {
    let statement = Statement::of(entry, ledger)
        .ok_or("no recorded check wrote the evidence that it approves")?;
    let place = place(evidence, &statement);
    let signature = signature::place(&place);
    match read(&place) {
        Ok(found) if found == statement && signature.is_file() => Ok((statement, place)),
        Ok(found) if found == statement => Err(format!("there is no {}", name(&signature))),
        Ok(_) | Err(_) => Err(missing(&statement, evidence)),
    }
}

/// Why the statement of an entry is not there.
fn missing(statement: &Statement, evidence: &Path) -> String {
    let role = statement.role();
    let others = beside(evidence).into_iter().filter_map(|path| {
        let other = read(&path).ok()?;
        (other.role() == role).then_some((path, other))
    });
    let closest = others.min_by_key(|(_, other)| statement.differences(other).len());
    if let Some((path, other)) = closest {
        let keys = statement.differences(&other).join("`, `");
        return format!(
            "what was signed as {role} ({}) differs from the entry in `{keys}`",
            name(&path)
        );
    }
    let place = place(evidence, statement);
    let word = format!(".{}.sig", file_word(role));
    let old = of_evidence_alone(evidence);
    let old = old.iter().find(|path| name(path).ends_with(&word));
    match old {
        Some(old) => format!(
            "{} signs the evidence alone, as gate 0.1 did, and not what is approved",
            name(old)
        ),
        None => format!("there is no {}", name(&place)),
    }
}

/// Whose signature an entry bears, by a list of allowed signers, and whether it counts. `evidence` is what it approves.
pub fn seen(
    entry: &Entry,
    ledger: &Ledger,
    evidence: &Path,
    allowed: &Path,
    demanded: &Signatures,
) -> SignatureSeen {
    let found = of_entry(entry, ledger, evidence);
    let (statement, place) = match found {
        Ok(found) => found,
        Err(reason) => return SignatureSeen::Refused(reason),
    };
    if let Some(first) = repeats(&statement, entry, ledger) {
        return SignatureSeen::Replayed(first);
    }
    match signer(&statement, &place, allowed, Some(demanded)) {
        Ok(found) => SignatureSeen::By {
            principals: found.principals,
            key: found.key,
        },
        Err(error) => SignatureSeen::Refused(error.to_string()),
    }
}

/// The earlier entry that a statement was signed for, if an entry only repeats it.
pub fn repeats(statement: &Statement, entry: &Entry, ledger: &Ledger) -> Option<u64> {
    let first = ledger.approval_of(statement)?.number;
    (first < entry.number).then_some(first)
}

/// Whether a signature matches a statement, whoever made it: the key's fingerprint.
///
/// # Errors
/// No program, or a signature that does not match.
pub fn fits(statement: &Statement, place: &Path) -> Result<String, SignatureError> {
    signature::fits(Signed {
        bytes: statement.text().as_bytes(),
        path: &signature::place(place),
        purpose: Purpose::Approval,
    })
}

/// Whose key signed a statement: of somebody who may sign in its role, and who is the one that it names.
///
/// # Errors
/// A signature that does not count.
pub fn signer(
    statement: &Statement,
    place: &Path,
    allowed: &Path,
    demanded: Option<&Signatures>,
) -> Result<Found, SignatureError> {
    let role = statement.role();
    let wanted = demanded.and_then(|demanded| demanded.principals(role));
    let candidates = [wanted.unwrap_or_default(), &statement.by().written_names()].concat();
    let text = statement.text();
    let signed = Signed {
        bytes: text.as_bytes(),
        path: &signature::place(place),
        purpose: Purpose::Approval,
    };
    let found = signature::verify(signed, allowed, &candidates, statement.at())?;
    let listed = found.principals.join(", ");
    let entitled: Vec<&String> = (found.principals.iter())
        .filter(|principal| wanted.is_none_or(|wanted| names(wanted, principal)))
        .collect();
    if entitled.is_empty() {
        let wanted = wanted.unwrap_or_default().join(", ");
        return Err(SignatureError::Refused(format!(
            "it was made with the key of {listed}, and the plan lets {wanted} sign as {role}"
        )));
    }
    let by = statement.by();
    if entitled
        .into_iter()
        .any(|principal| by.is_called(principal))
    {
        return Ok(found);
    }
    Err(SignatureError::Refused(format!(
        "it was made with the key of {listed}, and `{}` is said to have signed: both have to be one person",
        by.name
    )))
}

/// Whether a list of names and patterns (`*@example.com`) has a principal.
fn names(wanted: &[String], principal: &str) -> bool {
    let mut patterns = wanted.iter().filter_map(|pattern| glob(pattern));
    patterns.any(|pattern| pattern.is_match(principal))
}

/// `*` stands for any text, `?` for one character, as in a list of allowed signers.
fn glob(pattern: &str) -> Option<Regex> {
    let escaped = regex_lite::escape(pattern);
    let translated = escaped.replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^(?s:{translated})$")).ok()
}

/// The last part of a path, to be shown.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_principals_is_matched_as_a_whole() {
        let wanted = ["ada@example.com", "*@security.example.com", "b?b"].map(str::to_owned);
        for principal in ["ada@example.com", "grace@security.example.com", "bob"] {
            assert!(names(&wanted, principal), "{principal}");
        }
        for principal in [
            "ada@example_com",
            "ada@example.com.net",
            "Ada@example.com",
            "grace@security.example.com.net",
            "bb",
        ] {
            assert!(!names(&wanted, principal), "{principal}");
        }
    }

    #[test]
    fn a_role_is_part_of_a_file_name_whatever_it_is() {
        assert_eq!(file_word("../a b.c"), "%2E%2E%2Fa%20b%2Ec");
    }
}
