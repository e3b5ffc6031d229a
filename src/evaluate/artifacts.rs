//! `artifacts`: a file that exists, is fresh, is the right one and says what it should. Must not take a file that cannot be read for a good one.

use super::Code;
use super::setting::{Ruling, Setting};
use crate::findings::{Content, Inquiry};
use crate::plan::ArtifactAsk;

/// What has to be looked up.
pub(super) fn inquiry(ask: &ArtifactAsk) -> Inquiry {
    let mut pointers: Vec<String> = ask
        .json
        .iter()
        .map(|(pointer, _)| pointer.clone())
        .collect();
    pointers.sort();
    pointers.dedup();
    Inquiry::Artifact {
        path: ask.path.clone(),
        content: Content {
            junit: ask.junit.is_some(),
            sarif: !ask.sarif.is_empty(),
            pointers,
        },
    }
}

/// Judges one file.
pub(super) fn assess(_ask: &ArtifactAsk, _setting: &Setting<'_>) -> Ruling {
    Ruling::open(Code::NotAnswered, "nobody has answered yet")
}
