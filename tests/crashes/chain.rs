//! Whether a ledger is whole: its chain recomputed as `docs/ledger.md` describes it.
//!
//! Must not use the crate under test.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::whole::sha256;

/// What precedes a line's own digest.
const SEAL: &str = ",\"sha256\":\"";

/// The complete lines, and what follows them.
pub fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes.split_at(end.map_or(0, |end| end + 1))
}

/// The entries, each numbered, sealed and chained to the one before it.
///
/// # Errors
/// The first line that is not, or a torn one.
pub fn entries(bytes: &[u8]) -> Result<Vec<Value>, String> {
    let (whole, torn) = split(bytes);
    if !torn.is_empty() {
        return Err(format!("{} bytes without a line end", torn.len()));
    }
    let text = std::str::from_utf8(whole).map_err(|error| error.to_string())?;
    let (mut entries, mut before) = (Vec::new(), "0".repeat(64));
    for line in text.lines() {
        let number = entries.len() + 1;
        let entry: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let (body, _) = line.rsplit_once(SEAL).ok_or("a line without a seal")?;
        let holds = entry["n"] == number
            && entry["prev"] == before.as_str()
            && entry["sha256"] == sha256(body.as_bytes()).as_str();
        if !holds {
            return Err(format!("line {number} is not chained"));
        }
        before = sha256(line.as_bytes());
        entries.push(entry);
    }
    Ok(entries)
}

/// Whether the evidence of every recorded check is there, with the recorded digest; where its check was killed before the record
/// got its name, its draft.
///
/// # Errors
/// The first check whose evidence is not.
pub fn evidence_lies_there(ledger: &Path, entries: &[Value]) -> Result<(), String> {
    let folder = ledger.parent().unwrap_or(ledger);
    for entry in entries.iter().filter(|entry| entry["kind"] == "checked") {
        let path = entry["evidence_path"].as_str().unwrap_or_default();
        let record = folder.join(path);
        let name = record.file_name().unwrap_or_default().to_string_lossy();
        let draft = record.with_file_name(format!(".{name}.tmp"));
        let bytes = fs::read(&record).or_else(|_| fs::read(draft));
        let bytes = bytes.map_err(|error| format!("{path}: {error}"))?;
        if entry["evidence_sha256"] != sha256(&bytes).as_str() {
            return Err(format!("{path} is not the evidence of {}", entry["n"]));
        }
    }
    Ok(())
}
