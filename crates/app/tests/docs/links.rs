//! Links between pages.

use std::fs;

use crate::book::{Page, root};
use crate::fault::{Fault, Tested};

/// Follows the links of a page that lead to files, and to headings of them.
pub(crate) fn follow(page: &Page) -> Tested {
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for link in links(&page.text) {
        let (path, heading) = link.split_once('#').unwrap_or((link, ""));
        let target = match path {
            "" => root().join(&page.path),
            path => root().join(folder).join(path),
        };
        let lost = || Fault::new(format!("{}: the link {link} leads nowhere", page.path));
        if !target.exists() {
            return Err(lost());
        }
        if !heading.is_empty() && !headings(&fs::read_to_string(target)?).any(|it| it == heading) {
            return Err(lost());
        }
    }
    Ok(())
}

/// Where the relative links of a text lead.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.split("](").skip(1);
    let links = ends.filter_map(|rest| rest.split_once(')').map(|(link, _)| link));
    links.filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
}

/// The headings of a text as links spell them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_spelled_as_in_links() {
        let all: Vec<String> =
            headings("# What `append` does\ntext\n## CSV: null, empty\n").collect();
        assert_eq!(all, ["what-append-does", "csv-null-empty"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_a_fault() {
        let leads = |text: &str| {
            let page = Page {
                path: "docs/guides/x.md".to_owned(),
                text: text.to_owned(),
                blocks: Vec::new(),
            };
            follow(&page).is_ok()
        };
        assert!(leads(
            "[a](../README.md#reference-all-of-it), [b](load-files.md)"
        ));
        assert!(!leads("[a](../README.md#never)"));
        assert!(!leads("[a](load-piles.md)"));
    }

    #[test]
    fn only_relative_links_are_followed() {
        let all: Vec<&str> = links("[a](b.md#c) [x](https://example.org) ![d](e.png)").collect();
        assert_eq!(all, ["b.md#c", "e.png"]);
    }
}
