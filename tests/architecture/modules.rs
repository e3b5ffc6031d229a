//! The crate as its sources declare it: which modules there are, in which files, and what each names of the others.
//!
//! What is compiled for tests only (`cfg(test)`) is no part of it. Must not judge who may name whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// A path in the crate, from its root on: a module, or a module and an item of it.
pub type Name = Vec<String>;

/// The modules by name, the root under the empty one.
pub type Modules = BTreeMap<Name, Module>;

/// One module.
#[derive(Debug, Default)]
pub struct Module {
    /// Its file, relative to the folder of the sources.
    pub file: PathBuf,
    /// What it names of the crate, as written.
    pub names: BTreeSet<Name>,
    /// The same without its re-exports of what its own modules hold.
    pub needs: BTreeSet<Name>,
    /// Names that others find in it and that are defined elsewhere.
    brought_in: BTreeMap<String, Name>,
    /// Modules all of whose names others find in it.
    brought_in_whole: BTreeSet<Name>,
    /// Items that it defines.
    items: BTreeSet<String>,
}

/// All modules below a folder, `lib.rs` being the root.
pub fn read(folder: &Path) -> Modules {
    let mut modules = Modules::new();
    add_file(folder, Path::new("lib.rs"), Name::new(), &mut modules);
    modules
}

/// The module that defines a name: re-exports are followed.
pub fn home(modules: &Modules, name: &[String]) -> Option<Name> {
    find(modules, name, 0)
}

fn find(modules: &Modules, name: &[String], depth: usize) -> Option<Name> {
    let deepest = (0..=name.len())
        .rev()
        .find(|&length| modules.contains_key(&name[..length]))?;
    let (place, rest) = name.split_at(deepest);
    let module = &modules[place];
    let Some(item) = rest.first() else {
        return Some(place.to_vec());
    };
    // A ring of re-exports does not compile; this only keeps a mistake here from running forever.
    if module.items.contains(item) || depth > 20 {
        return Some(place.to_vec());
    }
    if let Some(target) = module.brought_in.get(item) {
        return find(modules, &[target, &rest[1..]].concat(), depth + 1);
    }
    let has = |target: &&Name| has_item(modules, target, item, depth + 1);
    match module.brought_in_whole.iter().find(has) {
        Some(target) => find(modules, &[target, rest].concat(), depth + 1),
        None => Some(place.to_vec()),
    }
}

fn has_item(modules: &Modules, module: &[String], item: &String, depth: usize) -> bool {
    let Some(found) = modules.get(module) else {
        return false;
    };
    found.items.contains(item)
        || found.brought_in.contains_key(item)
        || (depth < 20
            && found
                .brought_in_whole
                .iter()
                .any(|next| has_item(modules, next, item, depth + 1)))
}

fn add_file(folder: &Path, file: &Path, name: Name, modules: &mut Modules) {
    let text = fs::read_to_string(folder.join(file)).expect("a source");
    let items = syn::parse_file(&text).expect("Rust").items;
    add(folder, file, name, &items, modules);
}

fn add(folder: &Path, file: &Path, name: Name, items: &[syn::Item], modules: &mut Modules) {
    let items: Vec<&syn::Item> = items
        .iter()
        .filter(|item| !is_for_tests(attributes(item)))
        .collect();
    let mut children = BTreeSet::new();
    for item in &items {
        if let syn::Item::Mod(module) = item {
            children.insert(module.ident.to_string());
            let name = [name.clone(), vec![module.ident.to_string()]].concat();
            match &module.content {
                Some((_, items)) => add(folder, file, name, items, modules),
                None => add_file(
                    folder,
                    &file_of(folder, file, &module.ident.to_string()),
                    name,
                    modules,
                ),
            }
        }
    }
    let mut reader = Reader {
        name: name.clone(),
        children,
        module: Module {
            file: file.to_owned(),
            ..Module::default()
        },
    };
    for item in items {
        reader.module.items.extend(name_of(item));
        reader.visit_item(item);
    }
    modules.insert(name, reader.module);
}

/// Where `mod child;` of this file is.
fn file_of(folder: &Path, file: &Path, child: &str) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default();
    let inside = if stem == "mod" || stem == "lib" {
        file.parent().expect("a folder").to_owned()
    } else {
        file.with_extension("")
    };
    let alone = inside.join(format!("{child}.rs"));
    if folder.join(&alone).exists() {
        alone
    } else {
        inside.join(child).join("mod.rs")
    }
}

/// Reads the names that one module uses.
struct Reader {
    name: Name,
    children: BTreeSet<String>,
    module: Module,
}

impl Reader {
    /// A path as written, from the root of the crate on; `None` where it does not say that it belongs to the crate.
    fn absolute(&self, path: &[String]) -> Option<Name> {
        let (first, rest) = path.split_first()?;
        let mut base = self.name.clone();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => self
                .absolute(rest)
                .or_else(|| Some([base, rest.to_vec()].concat())),
            "super" => {
                base.pop();
                let more = rest.iter().take_while(|word| *word == "super").count();
                base.truncate(base.len().saturating_sub(more));
                Some([base, rest[more..].to_vec()].concat())
            }
            child if self.children.contains(child) => Some([base, path.to_vec()].concat()),
            _ => None,
        }
    }

    fn named(&mut self, path: &[String]) {
        if let Some(name) = self.absolute(path) {
            self.module.names.insert(name.clone());
            self.module.needs.insert(name);
        }
    }

    fn used(&mut self, tree: &syn::UseTree, before: &[String], is_public: bool) {
        let with = |word: &syn::Ident| [before, &[word.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.used(&path.tree, &with(&path.ident), is_public),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.used(tree, before, is_public);
                }
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.brings(before.last().cloned(), before, is_public);
            }
            syn::UseTree::Name(name) => {
                self.brings(Some(name.ident.to_string()), &with(&name.ident), is_public);
            }
            syn::UseTree::Rename(rename) => {
                self.brings(
                    Some(rename.rename.to_string()),
                    &with(&rename.ident),
                    is_public,
                );
            }
            syn::UseTree::Glob(_) => self.brings(None, before, is_public),
        }
    }

    fn brings(&mut self, known_as: Option<String>, path: &[String], is_public: bool) {
        let Some(name) = self.absolute(path) else {
            return;
        };
        self.module.names.insert(name.clone());
        if !is_public || !name.starts_with(&self.name) {
            self.module.needs.insert(name.clone());
        }
        match known_as {
            Some(word) => drop(self.module.brought_in.insert(word, name)),
            None => drop(self.module.brought_in_whole.insert(name)),
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a syn::Item) {
        let is_another_module = matches!(item, syn::Item::Mod(_));
        if !is_another_module && !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.used(&item.tree, &[], is_public);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let words: Name = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.named(&words);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        for path in paths(&call.tokens.to_string()) {
            self.named(&path);
        }
    }

    /// Who may see an item uses nothing.
    fn visit_visibility(&mut self, _visibility: &'a syn::Visibility) {}
}

/// The paths in a text of tokens, which are parted by blanks.
fn paths(tokens: &str) -> Vec<Name> {
    let text = tokens.replace(" :: ", "::");
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let words = text.split(|letter| !is_part(letter));
    words
        .filter(|word| word.contains("::"))
        .map(|word| word.split("::").map(str::to_owned).collect())
        .collect()
}

pub fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) => {
            let tokens = list.tokens.to_string();
            list.path.is_ident("cfg") && (tokens == "test" || tokens.starts_with("all (test"))
        }
        syn::Meta::NameValue(_) => false,
    })
}

pub fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => panic!("this kind of item is not known here"),
    }
}

fn name_of(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
