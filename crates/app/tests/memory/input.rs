//! Lines of JSON that are more than whoever loads them may hold.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// How many days the records are of, and how many bytes they are.
#[derive(Clone, Copy)]
pub(crate) struct Input {
    pub(crate) days: u64,
    pub(crate) bytes: u64,
}

impl Input {
    pub(crate) fn one_day(mib: u64) -> Self {
        Self {
            days: 1,
            bytes: mib << 20,
        }
    }

    /// Each day is met again and again, in random order. That is more than open objects may take together, so
    /// that the coldest are sealed.
    pub(crate) fn many_days() -> Self {
        Self {
            days: 2_000,
            bytes: 20 << 20,
        }
    }

    /// Writes it piece by piece, and says how many records there are.
    pub(crate) fn write(self, path: &Path) -> u64 {
        let mut random = fastrand::Rng::with_seed(2_000);
        let mut out = BufWriter::new(File::create(path).expect("a file"));
        let (mut rows, mut bytes) = (0, 0);
        while bytes < self.bytes {
            // All days are there.
            let day = if rows < self.days {
                rows
            } else {
                random.u64(..self.days)
            };
            let line = record(rows, day, &mut random);
            bytes += line.len() as u64;
            out.write_all(line.as_bytes()).expect("written");
            rows += 1;
        }
        out.flush().expect("written");
        rows
    }
}

/// A note that no format makes small.
fn record(id: u64, day: u64, random: &mut fastrand::Rng) -> String {
    let (year, month, day) = (day / 336 + 2020, day / 28 % 12 + 1, day % 28 + 1);
    let note: String = (0..12)
        .map(|_| format!("{:016x}", random.u64(..)))
        .collect();
    format!(
        "{{\"id\":{id},\"at\":\"{year}-{month:02}-{day:02}\",\"amount\":{}.25,\"status\":\"delivered\",\
         \"note\":\"{note}\"}}\n",
        random.u32(..100_000)
    )
}
