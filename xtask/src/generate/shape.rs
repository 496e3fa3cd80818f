//! Rows of shapes that loaders find hard, as lines of JSON.

use std::io::{self, Write};

use crate::generate::random::Random;

/// Bytes of each at scale 1.
const BYTES: f64 = 600e6;
const WIDE_COLUMNS: u64 = 200;
const NULL_COLUMNS: u64 = 20;
const WORDS: [&str; 12] = [
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour", "island", "juniper",
    "kelp", "lagoon",
];

/// What the rows look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Two hundred columns of numbers, texts, booleans and times.
    Wide,
    /// Objects six deep, and lists of objects.
    Nested,
    /// Texts of 20 to 60 kB, with escapes.
    Long,
    /// One column of integers.
    Narrow,
    /// Columns of nothing but null.
    Null,
}

impl Shape {
    pub(crate) const ALL: [Self; 5] = [
        Self::Wide,
        Self::Nested,
        Self::Long,
        Self::Narrow,
        Self::Null,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Nested => "nested",
            Self::Long => "long",
            Self::Narrow => "narrow",
            Self::Null => "null",
        }
    }

    /// Writes rows until there are enough bytes, and says how many there are.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a scale is positive, and files are shorter than this goes"
    )]
    pub(super) fn write(self, out: &mut impl Write, scale: f64) -> io::Result<u64> {
        let enough = (BYTES * scale) as u64;
        let mut random = Random(20_130_101);
        let (mut rows, mut bytes, mut line) = (0, 0, Vec::new());
        while bytes < enough {
            line.clear();
            self.write_row(&mut line, rows, &mut random)?;
            line.push(b'\n');
            out.write_all(&line)?;
            bytes += line.len() as u64;
            rows += 1;
        }
        Ok(rows)
    }

    fn write_row(self, out: &mut Vec<u8>, row: u64, random: &mut Random) -> io::Result<()> {
        match self {
            Self::Wide => write_wide(out, row, random),
            Self::Nested => write_nested(out, row, random),
            Self::Long => write_long(out, row, random),
            Self::Narrow => write!(out, r#"{{"value":{}}}"#, random.below(1_000_000_000)),
            Self::Null => write_null(out),
        }
    }
}

fn write_wide(out: &mut Vec<u8>, row: u64, random: &mut Random) -> io::Result<()> {
    write!(out, r#"{{"c000":{row}"#)?;
    for column in 1..WIDE_COLUMNS {
        write!(out, r#","c{column:03}":"#)?;
        match column % 5 {
            0 => write!(out, "{}", random.below(1_000_000))?,
            1 => write!(out, "{}.{:02}", random.below(10_000), random.below(100))?,
            2 => write!(out, r#""{} {}""#, word(random), word(random))?,
            3 => write!(out, "{}", random.below(2) == 1)?,
            _ => write_time(out, random)?,
        }
    }
    out.write_all(b"}")
}

fn write_nested(out: &mut Vec<u8>, row: u64, random: &mut Random) -> io::Result<()> {
    let (amount, place) = (random.below(1_000_000), random.below(360));
    write!(
        out,
        r#"{{"id":{row},"order":{{"customer":{{"name":"{} {}","address":{{"city":"{}","geo":{{"lat":{}.5,"lon":{place}.25,"source":{{"kind":"{}","score":{amount}}}}}}}}},"lines":["#,
        word(random),
        word(random),
        word(random),
        random.below(90),
        word(random),
    )?;
    for at in 0..random.below(4) {
        let comma = if at == 0 { "" } else { "," };
        let (sku, count) = (random.below(50_000), random.below(9) + 1);
        write!(
            out,
            r#"{comma}{{"sku":"{sku:05}","count":{count},"tags":["{}","{}"]}}"#,
            word(random),
            word(random)
        )?;
    }
    write!(out, r#"]}},"at":"#)?;
    write_time(out, random)?;
    out.write_all(b"}")
}

fn write_long(out: &mut Vec<u8>, row: u64, random: &mut Random) -> io::Result<()> {
    write!(out, r#"{{"id":{row},"text":""#)?;
    let end = out.len() as u64 + 20_000 + random.below(40_000);
    while (out.len() as u64) < end {
        let between: &[u8] = match random.below(16) {
            0 => br"\n",
            1 => br#"\""#,
            2 => "é ".as_bytes(),
            _ => b" ",
        };
        out.extend_from_slice(word(random).as_bytes());
        out.extend_from_slice(between);
    }
    out.write_all(br#""}"#)
}

fn write_null(out: &mut Vec<u8>) -> io::Result<()> {
    for column in 0..NULL_COLUMNS {
        let before = if column == 0 { '{' } else { ',' };
        write!(out, r#"{before}"c{column:02}":null"#)?;
    }
    out.write_all(b"}")
}

fn write_time(out: &mut Vec<u8>, random: &mut Random) -> io::Result<()> {
    let (day, hour) = (random.below(28) + 1, random.below(24));
    let (minute, second) = (random.below(60), random.below(60));
    write!(
        out,
        r#""2025-04-{day:02}T{hour:02}:{minute:02}:{second:02}Z""#
    )
}

fn word(random: &mut Random) -> &'static str {
    let at = usize::try_from(random.below(WORDS.len() as u64)).unwrap_or_default();
    WORDS.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Shape;
    use crate::generate::testing::lines;

    #[test]
    fn each_shape_is_what_it_says() {
        for shape in Shape::ALL {
            let mut out = Vec::new();
            let rows = shape.write(&mut out, 0.0005).unwrap();
            let found = lines(&out);
            assert_eq!(found.len() as u64, rows, "{shape:?}");
            assert!(out.len() >= 300_000, "{shape:?}");
            let row = found[0].as_object().unwrap();
            match shape {
                Shape::Wide => assert_eq!(row.len(), 200),
                Shape::Nested => {
                    assert!(row["order"]["customer"]["address"]["geo"]["source"]["score"].is_u64());
                }
                Shape::Long => assert!(row["text"].as_str().is_some_and(|it| it.len() > 18_000)),
                Shape::Narrow => assert_eq!(row.len(), 1),
                Shape::Null => assert!(row.values().all(serde_json::Value::is_null)),
            }
            assert_eq!(Shape::named(shape.name()), Some(shape));
        }
    }
}
