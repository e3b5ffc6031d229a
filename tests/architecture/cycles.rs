//! Files that need each other, found in the graph of who needs whom. Must not know what is allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::modules::{Modules, Name, home};

/// Each file with those that it needs.
pub type Needs = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Which file needs which. A module and its own parts count as one thing here: a part may use what its module defines, as
/// modules are for, and a module may pass on what its parts hold.
pub fn needs(modules: &Modules) -> Needs {
    let mut needs = Needs::new();
    for (name, module) in modules {
        let is_above = |home: &Name| name.starts_with(home);
        let homes = module
            .needs
            .iter()
            .filter_map(|name| home(modules, name))
            .filter(|home| !is_above(home));
        let files = homes.map(|name| modules[&name].file.clone());
        let needed = needs.entry(module.file.clone()).or_default();
        needed.extend(files.filter(|file| *file != module.file));
    }
    needs
}

/// Which folder or file needs which other one beside it, in each folder: `commands/check` and all in it are one thing
/// here, and so are `commands/report` and `report`.
pub fn folder_needs(modules: &Modules) -> Needs {
    let mut needs = Needs::new();
    for (name, module) in modules {
        for home in module.needs.iter().filter_map(|name| home(modules, name)) {
            let shared = name
                .iter()
                .zip(&home)
                .take_while(|(one, other)| one == other);
            let below = shared.count() + 1;
            let place = |name: &Name| {
                name.get(..below)
                    .map(|name| name.iter().collect::<PathBuf>())
            };
            if let (Some(from), Some(to)) = (place(name), place(&home)) {
                needs.entry(to.clone()).or_default();
                needs.entry(from).or_default().insert(to);
            }
        }
    }
    needs
}

/// Every set of files each of which needs, directly or not, all others of it.
pub fn cycles(needs: &Needs) -> BTreeSet<BTreeSet<PathBuf>> {
    let reached: Needs = needs
        .keys()
        .map(|file| (file.clone(), reachable(needs, file)))
        .collect();
    let cycle = |file: &PathBuf| -> BTreeSet<PathBuf> {
        let there = reached[file].iter();
        there
            .filter(|other| reached[*other].contains(file))
            .cloned()
            .collect()
    };
    needs
        .keys()
        .map(cycle)
        .filter(|cycle| cycle.len() > 1)
        .collect()
}

fn reachable(needs: &Needs, from: &PathBuf) -> BTreeSet<PathBuf> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        for needed in &needs[file] {
            if found.insert(needed.clone()) {
                next.push(needed);
            }
        }
    }
    found
}
