//! `$name` in queries: finding placeholders and filling them in, each value escaped for its place.
//!
//! Must not know which variables a stage has, nor read any environment.

use std::ops::Range;

/// How many characters of PromQL's quoting surround a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Outside,
    /// `"` or `'`.
    Escaped(char),
    /// Back quotes: nothing can be escaped.
    Raw,
}

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Variable {
        name: String,
        /// Bytes of the template.
        range: Range<usize>,
        quote: Quote,
        /// Whether the placeholder is the whole string between two quotes.
        alone: bool,
    },
}

/// A query with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

/// What a variable stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filling {
    /// Escaped for the string that it is in.
    Scalar(String),
    /// An alternation of literals.
    List(Vec<String>),
    /// Cuts the text in two.
    Cut,
}

/// Why a query cannot be made. Ranges are bytes of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TemplateError {
    /// `${name` without its closing brace.
    Unclosed(Range<usize>),
    /// Nothing defines it.
    Undefined(String, Range<usize>),
    /// A back quote inside back quotes.
    Unquotable(String, Range<usize>),
}

impl Template {
    /// Finds the placeholders. `$$` is a dollar, and a `$` without a name after it stays.
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut scanner = Scanner::new(text);
        while let Some(character) = scanner.rest().chars().next() {
            if character == '$' {
                scanner.dollar()?;
            } else {
                scanner.literal(character);
            }
        }
        Ok(scanner.finish())
    }

    /// The names of its variables, in order, with repetitions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Variable { name, .. } => Some(name.as_str()),
        })
    }

    /// Fills the placeholders in. There is one more piece of text than there are [`Filling::Cut`]s.
    pub(super) fn fill(
        &self,
        value: &dyn Fn(&str) -> Option<Filling>,
    ) -> Result<Vec<String>, TemplateError> {
        let mut done = Vec::new();
        let mut text = String::new();
        for piece in &self.pieces {
            let (name, range, quote, alone) = match piece {
                Piece::Literal(literal) => {
                    text.push_str(literal);
                    continue;
                }
                Piece::Variable {
                    name,
                    range,
                    quote,
                    alone,
                } => (name, range, *quote, *alone),
            };
            let unquotable = || TemplateError::Unquotable(name.clone(), range.clone());
            match value(name) {
                None => return Err(TemplateError::Undefined(name.clone(), range.clone())),
                Some(Filling::Cut) => done.push(std::mem::take(&mut text)),
                Some(Filling::Scalar(value)) => {
                    text.push_str(&escape(&value, quote).ok_or_else(unquotable)?);
                }
                Some(Filling::List(values)) => {
                    let pattern = alternation(&values, alone);
                    text.push_str(&escape(&pattern, quote).ok_or_else(unquotable)?);
                }
            }
        }
        done.push(text);
        Ok(done)
    }
}

/// `a|b`, in parentheses if it is not the whole string.
fn alternation(values: &[String], alone: bool) -> String {
    let values: Vec<String> = values.iter().map(|value| escape_regex(value)).collect();
    let joined = values.join("|");
    if alone || values.len() < 2 {
        joined
    } else {
        format!("({joined})")
    }
}

/// Escapes every special character of RE2.
fn escape_regex(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Makes a value part of a PromQL string; `None` if that is impossible.
fn escape(value: &str, quote: Quote) -> Option<String> {
    let delimiter = match quote {
        Quote::Raw => return (!value.contains('`')).then(|| value.to_owned()),
        Quote::Escaped(delimiter) => delimiter,
        Quote::Outside => '"',
    };
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\\' => escaped.push_str("\\\\"),
            _ if character == delimiter => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    Some(escaped)
}

/// Whether a name may begin, or continue, with a character.
fn is_name_start(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

/// Whether a text can be a variable's name.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && name_length(text) == text.len()
}

fn name_length(text: &str) -> usize {
    if !text.starts_with(is_name_start) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len())
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    quote: Quote,
    /// Where the string that is being read begins, after its quote.
    string_start: usize,
    escaped: bool,
    comment: bool,
    literal: String,
    pieces: Vec<Piece>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            quote: Quote::Outside,
            string_start: 0,
            escaped: false,
            comment: false,
            literal: String::new(),
            pieces: Vec::new(),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn literal(&mut self, character: char) {
        self.at += character.len_utf8();
        self.literal.push(character);
        self.track(character);
    }

    /// Follows the quoting.
    fn track(&mut self, character: char) {
        if self.comment {
            self.comment = character != '\n';
            return;
        }
        if std::mem::take(&mut self.escaped) {
            return;
        }
        match (self.quote, character) {
            (Quote::Outside, '#') => self.comment = true,
            (Quote::Outside, '"' | '\'') => self.enter(Quote::Escaped(character)),
            (Quote::Outside, '`') => self.enter(Quote::Raw),
            (Quote::Escaped(_), '\\') => self.escaped = true,
            (Quote::Escaped(delimiter), _) if character == delimiter => self.quote = Quote::Outside,
            (Quote::Raw, '`') => self.quote = Quote::Outside,
            _ => {}
        }
    }

    fn enter(&mut self, quote: Quote) {
        self.quote = quote;
        self.string_start = self.at;
    }

    fn dollar(&mut self) -> Result<(), TemplateError> {
        let start = self.at;
        let behind = self.text.get(start + 1..).unwrap_or_default();
        if behind.starts_with('$') {
            self.at += 2;
            self.literal.push('$');
            self.escaped = false;
            return Ok(());
        }
        let inner = behind.strip_prefix('{');
        let length = name_length(inner.unwrap_or(behind));
        if length == 0 {
            self.literal('$');
            return Ok(());
        }
        let braces = usize::from(inner.is_some());
        let name_start = start + 1 + braces;
        let end = name_start + length + braces;
        let closed = self.text.get(name_start + length..end) == Some("}");
        if inner.is_some() && !closed {
            return Err(TemplateError::Unclosed(start..name_start + length));
        }
        let name = self.text.get(name_start..name_start + length);
        self.variable(name.unwrap_or_default(), start..end);
        Ok(())
    }

    fn variable(&mut self, name: &str, range: Range<usize>) {
        let next = self
            .text
            .get(range.end..)
            .and_then(|rest| rest.chars().next());
        let closes = match self.quote {
            Quote::Outside => false,
            Quote::Escaped(delimiter) => next == Some(delimiter),
            Quote::Raw => next == Some('`'),
        };
        self.at = range.end;
        self.escaped = false;
        self.pieces
            .push(Piece::Literal(std::mem::take(&mut self.literal)));
        self.pieces.push(Piece::Variable {
            name: name.to_owned(),
            alone: closes && self.string_start == range.start,
            range,
            quote: self.quote,
        });
    }

    fn finish(mut self) -> Template {
        self.pieces.push(Piece::Literal(self.literal));
        Template {
            pieces: self.pieces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, filling: &Filling) -> String {
        let template = Template::parse(text).expect("a template");
        let pieces = template.fill(&|_| Some(filling.clone()));
        pieces.expect("filled").join("<cut>")
    }

    #[test]
    fn dollars_without_a_name_are_left_alone() {
        let scalar = Filling::Scalar("X".into());
        for (text, result) in [
            (r#"{code=~"5..$"}"#, r#"{code=~"5..$"}"#),
            (
                r#"label_replace(a,"b","$1","c","${2}")"#,
                r#"label_replace(a,"b","$1","c","${2}")"#,
            ),
            ("a$$b", "a$b"),
            ("$a ${a} $a_b", "X X X"),
        ] {
            assert_eq!(filled(text, &scalar), result);
        }
    }

    #[test]
    fn a_list_becomes_an_alternation_of_literals() {
        let list = Filling::List(vec!["a.b".into(), "c\"d".into()]);
        assert_eq!(filled(r#"{s=~"$x"}"#, &list), r#"{s=~"a\\.b|c\"d"}"#);
        assert_eq!(filled("{s=~`$x`}", &list), r#"{s=~`a\.b|c"d`}"#);
        assert_eq!(
            filled(r#"{s=~"eu-$x"}"#, &list),
            r#"{s=~"eu-(a\\.b|c\"d)"}"#
        );
        let one = Filling::List(vec!["a.b".into()]);
        assert_eq!(filled("{s=~'$x'}", &one), r"{s=~'a\\.b'}");
    }

    #[test]
    fn a_scalar_cannot_leave_its_string() {
        let hostile = Filling::Scalar("a\"} or vector(1) #'\n\\".into());
        assert_eq!(
            filled(r#"{s="$x"}"#, &hostile),
            r#"{s="a\"} or vector(1) #'\n\\"}"#
        );
        assert_eq!(
            filled("{s='$x'}", &hostile),
            r#"{s='a"} or vector(1) #\'\n\\'}"#
        );
        let quote = Template::parse("{s=`$x`}").expect("a template");
        assert!(matches!(
            quote.fill(&|_| Some(Filling::Scalar("`".into()))),
            Err(TemplateError::Unquotable(..))
        ));
    }

    #[test]
    fn what_cannot_be_filled_in_is_named() {
        assert_eq!(
            Template::parse("a ${site"),
            Err(TemplateError::Unclosed(2..8))
        );
        let template = Template::parse("x{s=~\"$site\"}").expect("a template");
        assert_eq!(
            template.fill(&|_| None),
            Err(TemplateError::Undefined("site".into(), 6..11))
        );
    }

    #[test]
    fn the_window_stays_open() {
        assert_eq!(filled("rate(x[$window])", &Filling::Cut), "rate(x[<cut>])");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            if let Ok(template) = Template::parse(&text) {
                let _ = template.fill(&|_| Some(Filling::Scalar("x".into())));
            }
        }

        #[test]
        fn text_without_dollars_stays(text in "[^$]{0,60}") {
            proptest::prop_assert_eq!(filled(&text, &Filling::Cut), text);
        }
    }
}
