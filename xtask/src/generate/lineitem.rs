//! TPC-H's lineitem as lines of JSON.

use std::io::{self, Write};

use tpchgen::generators::{LineItem, LineItemGenerator};

pub(super) fn write_lineitem(
    out: &mut impl Write,
    generator: &LineItemGenerator<'_>,
) -> io::Result<u64> {
    let mut rows = 0;
    for item in generator.iter() {
        write_item(out, &item)?;
        out.write_all(b"\n")?;
        rows += 1;
    }
    Ok(rows)
}

/// Decimals as numbers, dates as text. None of the texts needs an escape: TPC-H's grammar knows
/// neither quotes nor backslashes.
pub(crate) fn write_item(out: &mut impl Write, item: &LineItem<'_>) -> io::Result<()> {
    write!(
        out,
        r#"{{"l_orderkey":{},"l_partkey":{},"l_suppkey":{},"l_linenumber":{},"#,
        item.l_orderkey, item.l_partkey, item.l_suppkey, item.l_linenumber
    )?;
    write!(
        out,
        r#""l_quantity":{},"l_extendedprice":{},"l_discount":{},"l_tax":{},"#,
        item.l_quantity, item.l_extendedprice, item.l_discount, item.l_tax
    )?;
    write!(
        out,
        r#""l_returnflag":"{}","l_linestatus":"{}","l_shipdate":"{}","l_commitdate":"{}","#,
        item.l_returnflag, item.l_linestatus, item.l_shipdate, item.l_commitdate
    )?;
    write!(
        out,
        r#""l_receiptdate":"{}","l_shipinstruct":"{}","l_shipmode":"{}","l_comment":"{}"}}"#,
        item.l_receiptdate, item.l_shipinstruct, item.l_shipmode, item.l_comment
    )
}

#[cfg(test)]
mod tests {
    use tpchgen::distribution::Distributions;
    use tpchgen::generators::LineItemGenerator;
    use tpchgen::text::TextPool;

    use super::write_lineitem;
    use crate::generate::testing::lines;

    #[test]
    fn a_line_item_has_sixteen_columns() {
        // The usual pool of texts takes seconds to fill.
        let words = Distributions::static_default();
        let texts = TextPool::new(1 << 16, words);
        let generator =
            LineItemGenerator::new_with_distributions_and_text_pool(0.0005, 1, 1, words, &texts);
        let mut out = Vec::new();
        let rows = write_lineitem(&mut out, &generator).unwrap();
        let items = lines(&out);
        assert_eq!(items.len() as u64, rows);
        assert!(
            items
                .iter()
                .all(|item| item.as_object().is_some_and(|item| item.len() == 16))
        );
        assert!(items[0]["l_extendedprice"].is_number());
        assert_eq!(items[0]["l_shipdate"].as_str().map(str::len), Some(10));
    }
}
