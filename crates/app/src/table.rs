//! Tables for people.

/// A table: its columns as wide as they need to be, those of numbers to the right.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// How a column is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Text,
    Number,
}

impl Table {
    /// A table with a first row.
    pub(crate) fn new<const N: usize>(columns: [(&str, Column); N]) -> Self {
        Self {
            columns: columns.iter().map(|(_, column)| *column).collect(),
            rows: vec![columns.iter().map(|(name, _)| (*name).to_owned()).collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push(cells.into_iter().map(|cell| shown(&cell)).collect());
    }

    pub(crate) fn text(&self) -> String {
        let width = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).zip(&self.columns);
            let cells = cells.map(|((cell, width), column)| match column {
                Column::Text => format!("{cell:width$}"),
                Column::Number => format!("{cell:>width$}"),
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            line.trim_end().to_owned() + "\n"
        };
        self.rows.iter().map(line).collect()
    }
}

/// A text on one line of a terminal, whatever is in it.
pub(crate) fn shown(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_need_to_be() {
        let mut table = Table::new([("NAME", Column::Text), ("ROWS", Column::Number)]);
        table.row(["a\nb".to_owned(), "7".to_owned()]);
        table.row(["a long one".to_owned(), "12,345".to_owned()]);
        let expect = "NAME          ROWS\na\\nb             7\na long one  12,345\n";
        assert_eq!(table.text(), expect);
    }
}
