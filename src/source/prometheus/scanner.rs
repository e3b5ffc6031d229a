//! JSON, token by token, from a body that is still streaming in.
//!
//! Holds only what has not been read yet. Must not know what the tokens mean. Text that is not JSON is refused.

use serde::de::IgnoredAny;
use thiserror::Error;

/// No sensible answer holds a string or number longer than this, in bytes.
const MAX_TOKEN_BYTES: usize = 1024 * 1024;
/// No sensible answer nests values deeper than this.
const MAX_DEPTH: usize = 100;

/// Where the bytes of a body come from.
pub(super) trait Chunks: Send {
    /// Why no more bytes came.
    type Error: Send;
    /// Appends the next bytes; `false` at the end of the body.
    fn append(
        &mut self,
        buffer: &mut Vec<u8>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// Why the rest of a body cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum ScanError<E> {
    /// The body ended too early.
    #[error("the answer is cut off after {0} bytes")]
    Cut(u64),
    /// Not JSON, or not of the form.
    #[error("the answer is garbled at byte {at}: {what}")]
    Garbled {
        /// Position in the body.
        at: u64,
        /// What was expected or found.
        what: &'static str,
    },
    /// The samples have no room.
    #[error("the samples of the answer take more than {0} bytes of memory, half of max_answer")]
    TooMuch(u64),
    /// The bytes stopped coming.
    #[error("the body broke off")]
    Chunks(E),
}

/// Reads tokens.
pub(super) struct Scanner<C> {
    chunks: C,
    buffer: Vec<u8>,
    at: usize,
    /// Bytes of the body that have left the buffer.
    gone: u64,
}

impl<C: Chunks> Scanner<C> {
    pub(super) fn new(chunks: C) -> Self {
        Self {
            chunks,
            buffer: Vec::new(),
            at: 0,
            gone: 0,
        }
    }

    /// What has arrived but has not been read yet.
    pub(super) fn ahead(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// Marks bytes of `ahead` as read.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.buffer.len());
    }

    /// Waits for more bytes; `false` at the end of the body.
    pub(super) async fn more(&mut self) -> Result<bool, ScanError<C::Error>> {
        self.buffer.drain(..self.at);
        self.gone += self.at as u64;
        self.at = 0;
        let before = self.buffer.len();
        while self
            .chunks
            .append(&mut self.buffer)
            .await
            .map_err(ScanError::Chunks)?
        {
            if self.buffer.len() > before {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn garbled(&self, what: &'static str) -> ScanError<C::Error> {
        let at = self.position();
        ScanError::Garbled { at, what }
    }

    fn position(&self) -> u64 {
        self.gone + self.at as u64
    }

    /// The next byte that is not white space, unread; `None` at the end of the body.
    pub(super) async fn peek_or_end(&mut self) -> Result<Option<u8>, ScanError<C::Error>> {
        loop {
            let ahead = self.ahead();
            let blanks = ahead.iter().take_while(|byte| is_blank(**byte)).count();
            let found = ahead.get(blanks).copied();
            self.advance(blanks);
            if found.is_some() || !self.more().await? {
                return Ok(found);
            }
        }
    }

    /// The next byte that is not white space, unread.
    pub(super) async fn peek(&mut self) -> Result<u8, ScanError<C::Error>> {
        let found = self.peek_or_end().await?;
        found.ok_or(ScanError::Cut(self.position()))
    }

    /// Reads one given byte.
    pub(super) async fn expect(
        &mut self,
        byte: u8,
        what: &'static str,
    ) -> Result<(), ScanError<C::Error>> {
        if self.peek().await? != byte {
            return Err(self.garbled(what));
        }
        self.advance(1);
        Ok(())
    }

    /// After an element: `true` if a comma follows, `false` if `close` does.
    pub(super) async fn goes_on(&mut self, close: u8) -> Result<bool, ScanError<C::Error>> {
        let found = self.peek().await?;
        if found != b',' && found != close {
            return Err(self.garbled("expected a comma or the end of a list"));
        }
        self.advance(1);
        Ok(found == b',')
    }

    /// After an opening bracket: `true` if there is no element.
    pub(super) async fn is_empty(&mut self, close: u8) -> Result<bool, ScanError<C::Error>> {
        let empty = self.peek().await? == close;
        if empty {
            self.advance(1);
        }
        Ok(empty)
    }

    /// Reads a string.
    pub(super) async fn string(&mut self) -> Result<String, ScanError<C::Error>> {
        if self.peek().await? != b'"' {
            return Err(self.garbled("expected a string"));
        }
        let length = self.token(string_end).await?;
        let text = self
            .ahead()
            .get(..length)
            .map(serde_json::from_slice::<String>);
        match text {
            Some(Ok(text)) => {
                self.advance(length);
                Ok(text)
            }
            _ => Err(self.garbled("an invalid string")),
        }
    }

    /// Reads the name of an object's entry and the colon after it.
    pub(super) async fn key(&mut self) -> Result<String, ScanError<C::Error>> {
        let key = self.string().await?;
        self.expect(b':', "expected a colon").await?;
        Ok(key)
    }

    /// Reads a number, `true`, `false` or `null`; returns its text.
    pub(super) async fn word(&mut self) -> Result<Vec<u8>, ScanError<C::Error>> {
        self.peek().await?;
        let length = self.token(word_end).await?;
        let text = self.ahead().get(..length).unwrap_or_default();
        if !is_word(text) {
            return Err(self.garbled("expected a value"));
        }
        let text = text.to_vec();
        self.advance(length);
        Ok(text)
    }

    /// How many of the bytes ahead belong to the next token; waits until all of it is here.
    async fn token(
        &mut self,
        end: fn(&[u8]) -> Option<usize>,
    ) -> Result<usize, ScanError<C::Error>> {
        loop {
            if let Some(length) = end(self.ahead()) {
                return Ok(length);
            }
            if self.ahead().len() > MAX_TOKEN_BYTES {
                return Err(self.garbled("a string or number longer than 1 MiB"));
            }
            if !self.more().await? {
                return Err(ScanError::Cut(self.gone + self.buffer.len() as u64));
            }
        }
    }

    /// Reads any value without keeping it.
    pub(super) async fn skip(&mut self) -> Result<(), ScanError<C::Error>> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            if self.skip_start(&mut open).await? {
                continue;
            }
            loop {
                let Some(close) = open.last().copied() else {
                    return Ok(());
                };
                if self.goes_on(close).await? {
                    break;
                }
                open.pop();
            }
            if open.last() == Some(&b'}') {
                self.key().await?;
            }
        }
    }

    /// Reads a scalar, an empty container, or the opening of a container; `true` if an element of it follows.
    async fn skip_start(&mut self, open: &mut Vec<u8>) -> Result<bool, ScanError<C::Error>> {
        let close = match self.peek().await? {
            b'{' => b'}',
            b'[' => b']',
            b'"' => {
                self.string().await?;
                return Ok(false);
            }
            _ => {
                self.word().await?;
                return Ok(false);
            }
        };
        self.advance(1);
        if self.is_empty(close).await? {
            return Ok(false);
        }
        if open.len() >= MAX_DEPTH {
            return Err(self.garbled("nested too deeply"));
        }
        open.push(close);
        if close == b'}' {
            self.key().await?;
        }
        Ok(true)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether the text is a JSON number, `true`, `false` or `null`.
fn is_word(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// The length of the string that begins at the first byte.
fn string_end(ahead: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (position, byte) in ahead.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(position + 1),
            _ => {}
        }
    }
    None
}

/// The length of the number or word that begins at the first byte.
fn word_end(ahead: &[u8]) -> Option<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    ahead.iter().position(|byte| !is_part(byte))
}
