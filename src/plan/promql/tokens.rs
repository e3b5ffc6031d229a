//! A query's text → tokens with their places, brackets paired. What cannot be read is a token as well.
//!
//! Must not know what a word means.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword, or a placeholder such as `$name`.
    Word,
    /// A number or a duration.
    Number,
    /// A string with its quotes.
    Text,
    /// `(` or `{`.
    Open,
    /// `)` or `}`.
    Close,
    /// `[…]` as a whole.
    Range,
    /// `{{ … }}` or `[[ … ]]` outside a string.
    Template,
    Comma,
    /// Everything else.
    Operator,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'q> {
    pub(super) kind: Kind,
    pub(super) text: &'q str,
    /// Where it starts, in bytes of the query.
    pub(super) at: usize,
    /// Of an opening bracket: how many tokens further on its partner is; 0 without one.
    pub(super) partner: usize,
}

impl Token<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    pub(super) fn is(&self, kind: Kind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }

    /// Of `[…]`: what comes before the colon, and what after it.
    pub(super) fn range_and_step(&self) -> (&str, &str) {
        let body = self.text.strip_prefix('[').unwrap_or_default();
        let body = body.strip_suffix(']').unwrap_or_default();
        body.split_once(':').unwrap_or((body, ""))
    }

    /// Keywords of PromQL are the same in capitals.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }
}

/// Why the brackets or quotes of a query do not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) range: Range<usize>,
    pub(super) message: String,
}

/// The tokens of a query, comments left out.
#[derive(Debug)]
pub(super) struct Tokens<'q> {
    pub(super) all: Vec<Token<'q>>,
    /// What ended the reading early.
    pub(super) fault: Option<Fault>,
    /// How deep its brackets are nested.
    pub(super) depth: usize,
}

/// Longest first.
const OPERATORS: [&str; 6] = ["=~", "!~", "==", "!=", "<=", ">="];

/// Takes a query apart.
pub(super) fn read(text: &str) -> Tokens<'_> {
    let mut reader = Reader {
        text,
        at: 0,
        open: Vec::new(),
        found: Tokens {
            all: Vec::new(),
            fault: None,
            depth: 0,
        },
    };
    while let Some(character) = reader.next() {
        reader.token(character);
    }
    reader.finish()
}

struct Reader<'q> {
    text: &'q str,
    at: usize,
    /// Brackets without a partner yet, as positions among the tokens.
    open: Vec<usize>,
    found: Tokens<'q>,
}

impl<'q> Reader<'q> {
    fn rest(&self) -> &'q str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips blanks and comments.
    fn next(&mut self) -> Option<char> {
        if self.found.fault.is_some() {
            return None;
        }
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let character = self.rest().chars().next()?;
            if character != '#' {
                return Some(character);
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let text = self.rest().get(..length).unwrap_or(self.rest());
        self.found.all.push(Token {
            kind,
            text,
            at: self.at,
            partner: 0,
        });
        self.at += text.len();
    }

    fn fault(&mut self, range: Range<usize>, message: impl Into<String>) {
        let message = message.into();
        self.found.fault = Some(Fault { range, message });
    }

    fn token(&mut self, character: char) {
        let template = template_length(self.rest());
        match character {
            '{' | '[' if template > 0 => self.push(Kind::Template, template),
            '"' | '\'' | '`' => self.string(character),
            '(' | '{' => self.open(),
            ')' | '}' | ']' => self.close(character),
            '[' => self.range(),
            ',' => self.push(Kind::Comma, 1),
            _ if starts_number(self.rest()) => self.push(Kind::Number, number_length(self.rest())),
            _ if is_word(character) => self.push(Kind::Word, word_length(self.rest())),
            _ => self.operator(character),
        }
    }

    fn operator(&mut self, character: char) {
        let rest = self.rest();
        let long = OPERATORS.iter().any(|operator| rest.starts_with(operator));
        let length = if long { 2 } else { character.len_utf8() };
        self.push(Kind::Operator, length);
    }

    fn string(&mut self, quote: char) {
        match string_length(self.rest(), quote) {
            Some(length) => self.push(Kind::Text, length),
            None => self.fault(self.at..self.at + 1, "this string is not closed"),
        }
    }

    fn range(&mut self) {
        // `[[[interval]]]` is a range that holds a placeholder.
        let end = if self.rest().starts_with("[[[") {
            "]]]"
        } else {
            "]"
        };
        match self.rest().find(end) {
            Some(length) => self.push(Kind::Range, length + end.len()),
            None => self.fault(self.at..self.at + 1, "`[` is not closed"),
        }
    }

    fn open(&mut self) {
        self.open.push(self.found.all.len());
        self.found.depth = self.found.depth.max(self.open.len());
        self.push(Kind::Open, 1);
    }

    fn close(&mut self, delimiter: char) {
        let partner = if delimiter == ')' { "(" } else { "{" };
        let here = self.found.all.len();
        let opened = self.open.pop();
        let opened = opened.and_then(|at| Some((at, self.found.all.get_mut(at)?)));
        match opened {
            Some((at, token)) if delimiter != ']' && token.text == partner => {
                token.partner = here - at;
                self.push(Kind::Close, 1);
            }
            _ => {
                let message = format!("`{delimiter}` has no opening bracket");
                self.fault(self.at..self.at + 1, message);
            }
        }
    }

    fn finish(mut self) -> Tokens<'q> {
        let open = self.open.pop().and_then(|at| self.found.all.get(at));
        if self.found.fault.is_none() {
            if let Some(open) = open.copied() {
                self.fault(open.range(), format!("`{}` is not closed", open.text));
            } else if self.found.all.is_empty() {
                self.fault(0..self.text.len(), "the query is empty");
            }
        }
        self.found
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || "_:$.".contains(character)
}

/// The bytes of a name, `${name}` and `${name:format}` in it included.
fn word_length(text: &str) -> usize {
    let mut length = 0;
    while let Some(character) = text.get(length..).and_then(|rest| rest.chars().next()) {
        if !is_word(character) {
            break;
        }
        length += character.len_utf8();
        if character == '$' {
            length += braced_length(text.get(length..).unwrap_or_default());
        }
    }
    length
}

/// The bytes of `{name}` or `{name:format}`; 0 where the text does not begin so.
fn braced_length(text: &str) -> usize {
    let body = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    body.filter(|(body, _)| !body.is_empty() && body.chars().all(is_word))
        .map_or(0, |(body, _)| body.len() + 2)
}

fn starts_number(text: &str) -> bool {
    let digits = text.strip_prefix('.').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

/// The bytes of a number, an exponent's sign included, or of a duration.
fn number_length(text: &str) -> usize {
    let word = word_length(text);
    let head = text.get(..word).unwrap_or_default();
    let mantissa = head.strip_suffix(['e', 'E']).unwrap_or_default();
    let is_decimal = !mantissa.is_empty()
        && mantissa
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.' || c == '_');
    let exponent = text.get(word..).unwrap_or_default();
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or_default();
    let digits = digits.len()
        - digits
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    if is_decimal && digits > 0 {
        word + 1 + digits
    } else {
        word
    }
}

/// The bytes of a string with both quotes; `None` where it has no end.
fn string_length(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if character == quote && !escaped => return Some(at + 1),
            '\n' if quote != '`' => return None,
            '\\' if quote != '`' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// The bytes of a `{{ … }}` or `[[name]]` that a text begins with; 0 where it does not.
pub(super) fn template_length(text: &str) -> usize {
    if let Some(body) = between(text, "{{", "}}") {
        return body.len() + 4;
    }
    between(text, "[[", "]]")
        .filter(|body| is_name(body.trim()))
        .map_or(0, |body| body.len() + 4)
}

/// What a text that begins with `open` has before the first `close`.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (body, _) = text.strip_prefix(open)?.split_once(close)?;
    Some(body)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_:".contains(&b))
}
