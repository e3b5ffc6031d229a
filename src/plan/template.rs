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
    Literal {
        text: String,
        /// Where it starts, in bytes of the template.
        at: usize,
    },
    Variable(Variable),
}

/// A placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    name: String,
    /// As written in the template.
    written: String,
    /// Bytes of the template.
    range: Range<usize>,
    quote: Quote,
    /// Whether the placeholder is the whole string between two quotes.
    alone: bool,
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

/// A piece of a text that variables were filled into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// The variable whose value this is; `None` for the template's own text.
    pub(super) variable: Option<String>,
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    /// Whether the variable's value, or one of its values, is the empty string.
    pub(super) may_be_empty: bool,
    /// Bytes of the template.
    origin: Range<usize>,
}

/// A template with what could be filled in.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// The text, in one piece more than there are [`Filling::Cut`]s.
    pub(super) pieces: Vec<String>,
    /// The text in one piece; what was cut out or could not be filled in is left as written.
    pub(super) text: String,
    /// What the text is made of, in order.
    pub(super) segments: Vec<Segment>,
    /// Everything that could not be filled in.
    pub(super) errors: Vec<TemplateError>,
}

impl Filled {
    /// The bytes of the template that a range of the text comes from.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.segments.iter().find(|one| range.start < one.range.end);
        let start = first.map_or(0, |one| match one.variable {
            Some(_) => one.origin.start,
            None => one.origin.start + range.start.saturating_sub(one.range.start),
        });
        let last = self
            .segments
            .iter()
            .rfind(|one| one.range.start < range.end);
        let end = last.map_or(start, |one| match one.variable {
            Some(_) => one.origin.end,
            None => one.origin.start + (range.end.min(one.range.end) - one.range.start),
        });
        start..end.max(start)
    }

    fn push(
        &mut self,
        text: &str,
        variable: Option<&str>,
        may_be_empty: bool,
        origin: Range<usize>,
    ) {
        let start = self.text.len();
        self.text.push_str(text);
        self.segments.push(Segment {
            variable: variable.map(str::to_owned),
            range: start..self.text.len(),
            may_be_empty,
            origin,
        });
    }
}

impl TemplateError {
    /// Whether two are about the same variable.
    pub(super) fn is_about_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Undefined(own, _), Self::Undefined(name, _))
            | (Self::Unquotable(own, _), Self::Unquotable(name, _)) => own == name,
            (Self::Unclosed(_) | Self::Undefined(..) | Self::Unquotable(..), _) => false,
        }
    }
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
            Piece::Literal { .. } => None,
            Piece::Variable(variable) => Some(variable.name.as_str()),
        })
    }

    /// Fills in the placeholders, as many as possible.
    pub(super) fn fill(&self, value: &dyn Fn(&str) -> Option<Filling>) -> Filled {
        let mut filled = Filled::default();
        let mut piece = String::new();
        for part in &self.pieces {
            match part {
                Piece::Literal { text, at } => {
                    piece.push_str(text);
                    filled.push(text, None, false, *at..*at + text.len());
                }
                Piece::Variable(variable) => variable.fill(value, &mut filled, &mut piece),
            }
        }
        filled.pieces.push(piece);
        filled
    }
}

impl Variable {
    fn fill(
        &self,
        value: &dyn Fn(&str) -> Option<Filling>,
        filled: &mut Filled,
        piece: &mut String,
    ) {
        let found = value(&self.name);
        let (text, may_be_empty) = match &found {
            Some(Filling::Scalar(value)) => (escape(value, self.quote), value.is_empty()),
            Some(Filling::List(values)) => (
                escape(&alternation(values, self.alone), self.quote),
                values.iter().any(String::is_empty),
            ),
            Some(Filling::Cut) => {
                filled.pieces.push(std::mem::take(piece));
                filled.push(&self.written, None, false, self.range.clone());
                return;
            }
            None => (None, false),
        };
        if let Some(text) = text {
            piece.push_str(&text);
            filled.push(&text, Some(&self.name), may_be_empty, self.range.clone());
            return;
        }
        let (name, range) = (self.name.clone(), self.range.clone());
        filled.errors.push(match found {
            None => TemplateError::Undefined(name, range),
            Some(_) => TemplateError::Unquotable(name, range),
        });
        filled.push(&self.written, None, false, self.range.clone());
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
    /// Where the literal starts.
    literal_at: usize,
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
            literal_at: 0,
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
            self.flush();
            self.at += 2;
            self.literal.push('$');
            self.literal_at = start + 1;
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
        let rest = self.text.get(name_start + length..).unwrap_or_default();
        let grafana = inner.is_some_and(|inner| inner.starts_with("__")) || rest.starts_with(':');
        if inner.is_some() && !closed && grafana && rest.contains('}') {
            // Grafana's `${name:format}` and `${__name.part}` are reported as such where queries are looked at.
            self.literal('$');
            return Ok(());
        }
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
        self.flush();
        self.at = range.end;
        self.literal_at = range.end;
        self.escaped = false;
        self.pieces.push(Piece::Variable(Variable {
            name: name.to_owned(),
            written: self.text.get(range.clone()).unwrap_or_default().to_owned(),
            alone: closes && self.string_start == range.start,
            range,
            quote: self.quote,
        }));
    }

    /// Ends the literal that is being read.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.literal);
        if !text.is_empty() {
            let at = self.literal_at;
            self.pieces.push(Piece::Literal { text, at });
        }
    }

    fn finish(mut self) -> Template {
        self.flush();
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
        let filled = template.fill(&|_| Some(filling.clone()));
        assert_eq!(filled.errors, []);
        filled.pieces.join("<cut>")
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
            quote.fill(&|_| Some(Filling::Scalar("`".into()))).errors[..],
            [TemplateError::Unquotable(..)]
        ));
    }

    #[test]
    fn what_cannot_be_filled_in_is_named() {
        assert_eq!(
            Template::parse("a ${site"),
            Err(TemplateError::Unclosed(2..8))
        );
        let template = Template::parse("x{s=~\"$site\"} / $b").expect("a template");
        assert_eq!(
            template.fill(&|_| None).errors,
            [
                TemplateError::Undefined("site".into(), 6..11),
                TemplateError::Undefined("b".into(), 16..18)
            ]
        );
    }

    #[test]
    fn places_of_the_filled_text_are_found_in_the_template() {
        let template = Template::parse("a$$b $x{c=\"${y}\"} > $window").expect("a template");
        let filled = template.fill(&|name| match name {
            "x" => Some(Filling::Scalar("metric".into())),
            "y" => Some(Filling::Scalar(String::new())),
            _ => Some(Filling::Cut),
        });
        assert_eq!(filled.text, "a$b metric{c=\"\"} > $window");
        for (part, origin) in [
            ("a$b", 0..4),
            ("b", 3..4),
            ("metric", 5..7),
            ("etri", 5..7),
            ("metric{", 5..8),
            ("\"\"", 10..16),
            (">", 18..19),
            ("$window", 20..27),
        ] {
            let at = filled.text.find(part).expect(part);
            assert_eq!(filled.origin(&(at..at + part.len())), origin, "{part}");
        }
    }

    #[test]
    fn the_window_stays_open() {
        assert_eq!(filled("rate(x[$window])", &Filling::Cut), "rate(x[<cut>])");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            if let Ok(template) = Template::parse(&text) {
                let filled = template.fill(&|_| Some(Filling::Scalar("x".into())));
                for at in 0..=filled.text.len() {
                    let origin = filled.origin(&(at..filled.text.len()));
                    proptest::prop_assert!(origin.start <= origin.end && origin.end <= text.len());
                }
            }
        }

        #[test]
        fn text_without_dollars_stays(text in "[^$]{0,60}") {
            proptest::prop_assert_eq!(filled(&text, &Filling::Cut), text);
        }
    }
}
