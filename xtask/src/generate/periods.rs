//! Rows of many days in random order.

use std::io::{self, Write};

use crate::generate::random::Random;

const ROWS: u64 = 2_000_000;

/// The first rows take each day once, in random order, so that all of them are there.
pub(super) fn write_periods(out: &mut impl Write, periods: u64) -> io::Result<u64> {
    let mut random = Random(20_130_101);
    let mut days: Vec<u64> = (0..periods).collect();
    for at in (1..days.len()).rev() {
        let other = random.below(at as u64 + 1);
        days.swap(at, usize::try_from(other).unwrap_or_default());
    }
    for row in 0..ROWS {
        let first = usize::try_from(row)
            .ok()
            .and_then(|row| days.get(row).copied());
        let day = first.unwrap_or_else(|| random.below(periods));
        let (amount, customer) = (random.below(1_000_000), random.below(50_000));
        writeln!(
            out,
            r#"{{"id":{row},"day":"{}","customer":"customer-{customer:05}","amount":{}.{:02},"note":"{:016x}{:016x}"}}"#,
            date(day),
            amount / 100,
            amount % 100,
            random.next(),
            random.next()
        )?;
    }
    Ok(ROWS)
}

/// The day this many days after 2020-01-01.
fn date(mut day: u64) -> String {
    let mut year = 2020;
    loop {
        let is_leap = year % 4 == 0;
        if day < 365 + u64::from(is_leap) {
            let february = 28 + u64::from(is_leap);
            return date_in(
                year,
                day,
                &[31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31],
            );
        }
        day -= 365 + u64::from(is_leap);
        year += 1;
    }
}

fn date_in(year: u64, mut day: u64, months: &[u64]) -> String {
    let mut month = 1;
    for length in months {
        if day < *length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{date, write_periods};
    use crate::generate::testing::{Head, lines};

    #[test]
    fn there_are_as_many_days_as_promised() {
        let days: BTreeSet<_> = (0..10_000).map(date).collect();
        assert_eq!(days.len(), 10_000);
        assert_eq!(date(0), "2020-01-01");
        assert_eq!(date(59), "2020-02-29");
        assert_eq!(date(366), "2021-01-01");
        assert_eq!(date(999), "2022-09-26");
        assert_eq!(date(9_999), "2047-05-18");
    }

    #[test]
    fn the_first_rows_take_each_day_once() {
        let mut head = Head::default();
        // Stops writing by an error once enough is there.
        assert!(write_periods(&mut head, 1_000).is_err());
        let rows = lines(&head.0);
        let first: BTreeSet<_> = rows
            .iter()
            .take(1_000)
            .map(|row| row["day"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(first.len(), 1_000);
    }
}
