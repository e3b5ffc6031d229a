//! The reading that the rules rest on finds what is written, and nothing that is written for tests only.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::cycles::{cycles, folder_needs, needs};
use super::modules::{Modules, home, read};
use super::wildcards::{enums, wildcards};

/// The modules of these files, each a name and a text.
fn crate_of(files: &[(&str, &str)]) -> Modules {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    read(folder.path())
}

fn named(modules: &Modules, module: &str) -> Vec<String> {
    let name: Vec<String> = module.split("::").map(str::to_owned).collect();
    let names = modules[&name].names.iter();
    names.map(|name| name.join("::")).collect()
}

fn files(names: &[&str]) -> BTreeSet<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

#[test]
fn names_are_read_wherever_they_may_be() {
    let text = "
        use crate::{group::{A, B as C}, inner::{self, *}};
        mod child;
        pub(in crate::nobody) fn f(x: crate::a_type::T) -> impl crate::a_trait::Tr {
            use super::sibling::Of;
            // crate::a_comment
            println!(\"{}\", crate::in_a_macro::f(child::g()));
            let \"crate::a_text\" = crate::a_pattern::P else { std::process::exit(1) };
            self::own()
        }
    ";
    let modules = crate_of(&[
        ("lib.rs", "mod it;"),
        ("it/mod.rs", text),
        ("it/child.rs", "use super::super::top::Item;"),
    ]);
    assert_eq!(
        named(&modules, "it"),
        [
            "a_pattern::P",
            "a_trait::Tr",
            "a_type::T",
            "group::A",
            "group::B",
            "in_a_macro::f",
            "inner",
            "it::child::g",
            "it::own",
            "sibling::Of"
        ]
    );
    assert_eq!(named(&modules, "it::child"), ["top::Item"]);
}

#[test]
fn what_is_compiled_for_tests_only_is_not_there() {
    let text = "
        #[cfg(test)] mod by_file;
        #[cfg(test)] mod tests { use crate::a::A; }
        #[cfg(all(test, unix))] use crate::b::B;
        #[cfg(test)] fn f() { crate::c::c() }
        struct S;
        impl S {
            #[cfg(test)] fn g() { crate::d::d() }
            #[cfg(not(test))] fn h() { crate::e::e() }
        }
        #[test] fn t() { crate::f::f() }
        #[cfg(any(test, unix))] const I: u8 = crate::g::G;
    ";
    let modules = crate_of(&[
        ("lib.rs", "mod it;"),
        ("it.rs", text),
        ("it/by_file.rs", "use crate::h::H;"),
    ]);
    assert_eq!(named(&modules, "it"), ["e::e", "g::G"]);
    assert_eq!(modules.len(), 2);
}

#[test]
fn a_name_leads_through_re_exports_to_its_item() {
    let modules = crate_of(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a/mod.rs",
            "mod one; mod two; pub use one::{One, Other as Known}; pub use two::*; pub struct Own;",
        ),
        ("a/one.rs", "pub struct One; pub struct Other;"),
        ("a/two.rs", "mod deep; pub use deep::Deep; pub struct Two;"),
        ("a/two/deep.rs", "pub struct Deep;"),
        ("b.rs", "pub use crate::a as again;"),
    ]);
    let home = |name: &str| {
        let name: Vec<String> = name.split("::").map(str::to_owned).collect();
        home(&modules, &name).expect("a module").join("::")
    };
    assert_eq!(home("a::One"), "a::one");
    assert_eq!(home("a::Known::field"), "a::one");
    assert_eq!(home("a::Two"), "a::two");
    assert_eq!(home("a::Deep"), "a::two::deep");
    assert_eq!(home("b::again::Deep"), "a::two::deep");
    assert_eq!(home("a::Own"), "a");
    assert_eq!(home("a::two"), "a::two");
}

#[test]
fn files_that_need_each_other_are_found_through_re_exports_and_others() {
    let modules = crate_of(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a/mod.rs",
            "mod one; mod two; mod three; pub use one::One; pub use three::Three;",
        ),
        ("a/one.rs", "use super::two::Two; pub struct One;"),
        ("a/two.rs", "pub struct Two(crate::b::B);"),
        ("a/three.rs", "pub struct Three(super::One);"),
        ("b.rs", "pub struct B(Box<crate::a::One>);"),
    ]);
    let found = cycles(&needs(&modules));
    assert_eq!(
        Vec::from_iter(found),
        [files(&["a/one.rs", "a/two.rs", "b.rs"])]
    );
}

#[test]
fn a_module_and_its_parts_are_no_cycle() {
    let modules = crate_of(&[
        ("lib.rs", "mod a;"),
        ("a.rs", "mod part; pub struct Own; pub fn f() { part::g() }"),
        ("a/part.rs", "use super::Own; pub fn g() {}"),
    ]);
    assert_eq!(cycles(&needs(&modules)), BTreeSet::new());
}

#[test]
fn an_arm_for_everything_else_is_found_beside_our_variants() {
    let text = "
        use foreign::{inner::Theirs, Event as Renamed};
        enum Ours { A, B(u8), C { d: u8 } }
        words! { pub enum Word: \"what\" { A = \"a\", } }
        impl Ours {
            fn by_self(&self) { match self { Self::A => 1, _ => 2 } }
        }
        fn plain() { match x { Ours::A => 1, other => 2 } }
        fn of_a_macro() { match x { crate::it::Word::A | Word::B => 1, _ => 2 } }
        fn guarded_first() { match x { Ours::B(1) if y => 1, Ours::C { .. } => 3, _ => 2 } }
        fn in_a_shell() { match x { Some(Ours::A) => 1, Some(_) => 2, None => 3 } }
        fn in_a_tuple() { match (x, y) { (Ours::A, true) => 1, (_, _) => 2 } }
        fn around_a_shell() { match x { Ok(Ours::A) => 1, _ => 2 } }
        fn in_an_arm() { match x { 1 => match y { Ours::A => 1, _ => 2 }, _ => 3 } }

        fn all_listed() { match x { Ours::A => 1, Ours::B(_) | Ours::C { .. } => 2 } }
        fn about_one() { if let Ours::A = x { 1 } else { 2 } }
        fn of_text() { match (x, y) { (Ours::A, \"a\") => 1, _ => 2 } }
        fn of_another_crate() { match x { Theirs::A => 1, _ => 2 } }
        fn of_the_other_side() { match x { Ok(Ours::A | Ours::B(_)) => 1, Ok(Ours::C { .. }) => 2, Err(_) => 3 } }
        fn with_a_guard() { match x { Ours::A => 1, _ if y => 2, Ours::B(_) | Ours::C { .. } => 3 } }
        #[cfg(test)] fn for_tests() { match x { Ours::A => 1, _ => 2 } }
    ";
    let mut known = enums(text);
    assert_eq!(Vec::from_iter(&known), ["Ours", "Word"]);
    known.insert("Theirs".to_owned());
    let file = syn::parse_file(text).expect("Rust");
    let found = wildcards(&file, &known);
    let functions: Vec<&str> = found.iter().map(|(_, function)| &**function).collect();
    assert_eq!(
        functions,
        [
            "by_self",
            "plain",
            "of_a_macro",
            "guarded_first",
            "in_a_shell",
            "in_a_tuple",
            "around_a_shell",
            "in_an_arm"
        ]
    );
}

#[test]
fn folders_that_need_each_other_are_found_through_their_files() {
    let modules = crate_of(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "mod one; pub struct A;"),
        ("a/one.rs", "pub struct One(crate::b::two::Two);"),
        ("b/mod.rs", "pub mod two; mod three;"),
        ("b/two.rs", "pub struct Two;"),
        ("b/three.rs", "struct Three(crate::a::A, super::two::Two);"),
        ("c.rs", "struct C(crate::a::A);"),
    ]);
    assert_eq!(cycles(&needs(&modules)).len(), 0);
    let found = cycles(&folder_needs(&modules));
    assert_eq!(Vec::from_iter(found), [files(&["a", "b"])]);
}
