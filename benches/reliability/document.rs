//! The document that the figures go into: what is between two marks is replaced, the rest is left alone.

use std::fs;
use std::path::PathBuf;

/// Puts a text between `<!-- NAME -->` and `<!-- /NAME -->`.
pub fn replace(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md");
    let document = fs::read_to_string(&path).expect("the document");
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = document.split_once(&begin).expect("the first mark");
    let (_, after) = rest.split_once(&end).expect("the second mark");
    fs::write(&path, format!("{before}{begin}{text}{end}{after}")).expect("the document");
}
