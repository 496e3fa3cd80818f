/// The reference of all standard macros, in Markdown, for users.
///
/// Each macro has a row in its table, with what it stands for, a sample and its scope.
pub const REFERENCE_MD: &str = include_str!("reference.md");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MacroSet, airbyte};

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

    #[test]
    fn the_reference_has_the_placeholders_of_airbyte() {
        let row = |known: &airbyte::Placeholder| {
            let place = match known.written.starts_with('$') {
                true => "path",
                false => "file name",
            };
            format!("| {place} | `{}` | `{}` |", known.written, known.own)
        };
        let documented = airbyte::REFERENCE_MD.lines();
        let documented: Vec<_> = documented.filter(|line| line.contains(" | `")).collect();
        let known: Vec<_> = airbyte::PLACEHOLDERS.iter().map(row).collect();
        assert_eq!(documented, known);
    }
}
