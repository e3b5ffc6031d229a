//! The HTML report, read back as browsers read it. Test code only.

use std::cell::RefCell;

use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use super::{harmless, hostile, render};
use crate::report::{Kind, scenarios};

fn dom(page: &str) -> RcDom {
    let dom =
        html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(page);
    let errors: Vec<String> = dom
        .errors
        .borrow()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    dom
}

/// Visits every node, parents first.
fn walk(node: &Handle, visit: &mut dyn FnMut(&Handle)) {
    visit(node);
    for child in node.children.borrow().iter() {
        walk(child, visit);
    }
}

fn element(node: &Handle) -> Option<String> {
    match &node.data {
        NodeData::Element { name, .. } => Some(name.local.to_string()),
        _ => None,
    }
}

fn attributes(node: &Handle) -> Vec<(String, String)> {
    match &node.data {
        NodeData::Element { attrs, .. } => {
            let pair =
                |one: &html5ever::Attribute| (one.name.local.to_string(), one.value.to_string());
            attrs.borrow().iter().map(pair).collect()
        }
        _ => Vec::new(),
    }
}

fn content(node: &Handle) -> String {
    let shown = RefCell::new(String::new());
    walk(node, &mut |node| {
        if let NodeData::Text { contents } = &node.data {
            shown.borrow_mut().push_str(&contents.borrow());
        }
    });
    let shown = shown.into_inner();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether it only keeps a word in one piece, whatever the word is.
fn keeps_whole(node: &Handle) -> bool {
    let is_mark = attributes(node) == [("class".to_owned(), "whole".to_owned())];
    is_mark || element(node).as_deref() == Some("wbr")
}

/// Every element with the names of its attributes.
pub(in crate::report) fn structure(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(&dom(page).document, &mut |node| {
        if let Some(name) = element(node).filter(|_| !keeps_whole(node)) {
            let names: Vec<String> = attributes(node).into_iter().map(|(name, _)| name).collect();
            found.push(format!("{name} {}", names.join(" ")));
        }
        if let NodeData::Comment { .. } = node.data {
            found.push("a comment".to_owned());
        }
    });
    found
}

#[test]
fn no_text_changes_the_structure_of_the_page() {
    let page = render(Kind::Html, &hostile());
    assert_eq!(
        structure(&page),
        structure(&render(Kind::Html, &harmless()))
    );
    let shown = content(&dom(&page).document);
    let wanted = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> ]]> --> &amp; &#x3c;";
    assert!(shown.contains(wanted), "{shown}");
}

#[test]
fn the_page_links_to_itself_and_the_web_only() {
    walk(
        &dom(&render(Kind::Html, &hostile())).document,
        &mut |node| {
            for (name, value) in attributes(node) {
                assert!(
                    !name.starts_with("on") && name != "style" && name != "src",
                    "{name}"
                );
                let leads = name != "href" || value.starts_with('#') || value.starts_with("http");
                assert!(leads, "{name}={value}");
            }
        },
    );
}

#[test]
fn every_id_is_unique_and_every_reference_leads_somewhere() {
    for (name, evidence) in scenarios::all() {
        let (mut ids, mut used) = (Vec::new(), Vec::new());
        walk(&dom(&render(Kind::Html, &evidence)).document, &mut |node| {
            for (attribute, value) in attributes(node) {
                match attribute.as_str() {
                    "id" => ids.push(value),
                    "aria-labelledby" => used.extend(value.split(' ').map(str::to_owned)),
                    "href" => used.extend(value.strip_prefix('#').map(str::to_owned)),
                    _ => {}
                }
            }
        });
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{name}");
        for one in used {
            assert!(distinct.contains(&one), "{name}: {one}");
        }
    }
}

/// The name of a criterion, beside which its title may stand.
fn id_in(cell: &Handle) -> String {
    let mut found = String::new();
    walk(cell, &mut |node| {
        if attributes(node).contains(&("class".to_owned(), "id".to_owned())) {
            found = content(node);
        }
    });
    found
}

/// Name and outcome of each criterion, in order.
pub(super) fn html_outcomes(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&dom(page).document, &mut |node| {
        let parts = node.children.borrow();
        let is = |position: usize, class: &str| {
            parts.get(position).is_some_and(|part: &Handle| {
                attributes(part).iter().any(|(_, value)| value == class)
            })
        };
        if element(node).as_deref() == Some("tr") && is(2, "condition") {
            let outcome = content(&parts[0]);
            let (_, words) = outcome.split_once(' ').unwrap_or_default();
            found.push((id_in(&parts[1]), words.to_owned()));
        }
    });
    found
}
