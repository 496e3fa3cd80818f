/// The reference of all standard macros, in Markdown, for users.
///
/// Each macro has a row in its table, with what it stands for, a sample and its scope.
pub const REFERENCE_MD: &str = include_str!("reference.md");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MacroSet;

    /// Whoever adds a macro documents it, and nothing is documented that isn't there.
    #[test]
    fn the_reference_has_the_standard_macros() {
        let documented: Vec<_> = REFERENCE_MD
            .lines()
            .filter(|line| line.starts_with("| `{"))
            .collect();
        let standard: Vec<_> = MacroSet::standard()
            .iter()
            .map(|known| {
                let (name, doc) = (known.name(), known.doc());
                format!(
                    "| `{{{name}}}` | {doc} | `{}` | {} |",
                    known.sample(),
                    known.scope()
                )
            })
            .collect();
        assert_eq!(documented, standard);
    }
}
