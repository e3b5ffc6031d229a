//! Matches on our own enums that have an arm for everything else: there a new variant would count for nothing, unnoticed.
//!
//! Reads patterns only, and knows an enum by its name. Must not object to `if let`, `let … else` and `matches!`, which ask
//! about one variant, nor to an arm beside strings and numbers, which nobody can list.

use std::collections::BTreeSet;

use syn::Pat;
use syn::visit::{self, Visit};

use super::modules::{attributes, is_for_tests};

/// The names of the enums that a text declares, in macros too.
pub fn enums(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim_start);
    let code = lines.filter(|line| !line.starts_with("//"));
    let words: Vec<&str> = code.flat_map(str::split_whitespace).collect();
    let declared = words.windows(2).filter(|pair| pair[0] == "enum");
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    declared
        .filter_map(|pair| pair[1].split(|letter| !is_part(letter)).next())
        .filter(|name| name.starts_with(char::is_uppercase))
        .map(str::to_owned)
        .collect()
}

/// The enums that a file matches with an arm for everything else, outside tests: each with the function.
pub fn wildcards(file: &syn::File, enums: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut finder = Finder {
        enums,
        of: None,
        foreign: BTreeSet::new(),
        function: String::new(),
        found: Vec::new(),
    };
    finder.visit_file(file);
    finder.found
}

struct Finder<'a> {
    enums: &'a BTreeSet<String>,
    /// What `Self` stands for.
    of: Option<String>,
    /// Names that the file takes from other crates.
    foreign: BTreeSet<String>,
    function: String,
    found: Vec<(String, String)>,
}

impl Finder<'_> {
    /// The enum of which these patterns of one value name variants, while one of them takes all others.
    fn evaded(&self, patterns: &[&Pat]) -> Option<String> {
        let cases: Vec<&Pat> = patterns.iter().flat_map(|pattern| cases(pattern)).collect();
        if cases.iter().any(|case| takes_all(case)) {
            let named = cases.iter().find_map(|case| self.named(case));
            let is_open = cases.iter().any(|case| has_literal(case));
            return named.filter(|_| !is_open);
        }
        let mut shells = ["Some", "Ok", "Err"].into_iter();
        shells.find_map(|shell| {
            let inside: Vec<&Pat> = cases
                .iter()
                .filter_map(|case| in_shell(case, shell))
                .collect();
            (!inside.is_empty()).then(|| self.evaded(&inside))?
        })
    }

    /// The enum of ours of which a pattern names a variant: itself, in a shell, or in a tuple.
    fn named(&self, pattern: &Pat) -> Option<String> {
        match pattern {
            Pat::Path(path) => self.enum_of(&path.path),
            Pat::Struct(variant) => self.enum_of(&variant.path),
            Pat::TupleStruct(variant) => {
                let inside = || variant.elems.iter().find_map(|inner| self.named(inner));
                let is_shell = variant.path.segments.len() == 1;
                self.enum_of(&variant.path)
                    .or_else(|| is_shell.then(inside)?)
            }
            Pat::Tuple(tuple) => tuple.elems.iter().find_map(|inner| self.named(inner)),
            Pat::Reference(inner) => self.named(&inner.pat),
            Pat::Guard(guarded) => self.named(&guarded.pat),
            Pat::Ident(name) => self.named(&name.subpat.as_ref()?.1),
            Pat::Or(_) | Pat::Paren(_) => {
                cases(pattern).into_iter().find_map(|case| self.named(case))
            }
            _ => None,
        }
    }

    fn enum_of(&self, path: &syn::Path) -> Option<String> {
        let before = path.segments.iter().rev().nth(1)?.ident.to_string();
        let name = if before == "Self" {
            self.of.clone()?
        } else {
            before
        };
        (self.enums.contains(&name) && !self.foreign.contains(&name)).then_some(name)
    }
}

/// A pattern as those that `|` joins, out of their parentheses.
fn cases(pattern: &Pat) -> Vec<&Pat> {
    match pattern {
        Pat::Or(any) => any.cases.iter().flat_map(cases).collect(),
        Pat::Paren(inner) => cases(&inner.pat),
        other => vec![other],
    }
}

/// Whether a pattern takes everything: `_`, a variable, or a tuple of those.
fn takes_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Ident(name) => {
            name.subpat.is_none() && name.ident.to_string().starts_with(char::is_lowercase)
        }
        Pat::Tuple(tuple) => tuple.elems.iter().all(takes_all),
        Pat::Reference(inner) => takes_all(&inner.pat),
        Pat::Paren(inner) => takes_all(&inner.pat),
        _ => false,
    }
}

/// What is in a shell: `x` of `Some(x)`.
fn in_shell<'p>(pattern: &'p Pat, shell: &str) -> Option<&'p Pat> {
    match pattern {
        Pat::TupleStruct(wrapped) if wrapped.path.is_ident(shell) => wrapped.elems.first(),
        Pat::Reference(inner) => in_shell(&inner.pat, shell),
        _ => None,
    }
}

/// Whether a pattern compares, itself or in a tuple, with what nobody can list.
fn has_literal(pattern: &Pat) -> bool {
    match pattern {
        Pat::Lit(literal) => !matches!(literal.lit, syn::Lit::Bool(_)),
        Pat::Range(_) | Pat::Slice(_) => true,
        Pat::Tuple(tuple) => tuple.elems.iter().any(has_literal),
        Pat::Or(_) | Pat::Paren(_) => cases(pattern).into_iter().any(has_literal),
        Pat::Reference(inner) => has_literal(&inner.pat),
        Pat::Guard(guarded) => has_literal(&guarded.pat),
        _ => false,
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_item(&mut self, item: &'a syn::Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let name = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last(),
            _ => None,
        };
        self.of = name.map(|segment| segment.ident.to_string());
        visit::visit_item_impl(self, item);
        self.of = None;
    }

    fn visit_signature(&mut self, signature: &'a syn::Signature) {
        self.function = signature.ident.to_string();
        visit::visit_signature(self, signature);
    }

    fn visit_expr_match(&mut self, expression: &'a syn::ExprMatch) {
        let patterns: Vec<&Pat> = expression.arms.iter().map(|arm| &arm.pat).collect();
        if let Some(name) = self.evaded(&patterns) {
            self.found.push((name, self.function.clone()));
        }
        visit::visit_expr_match(self, expression);
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let mut named = Named(Vec::new());
        named.visit_use_tree(&item.tree);
        let is_ours = ["crate", "self", "super"]
            .map(str::to_owned)
            .contains(&named.0[0]);
        self.foreign
            .extend(named.0.into_iter().filter(|_| !is_ours));
    }
}

/// The names in a `use`, the first one first.
struct Named(Vec<String>);

impl<'a> Visit<'a> for Named {
    fn visit_ident(&mut self, name: &'a syn::Ident) {
        self.0.push(name.to_string());
    }
}
