//! Reads JSON lines from stdin and prints the cursor of each in a time zone.
//!
//! ```sh
//! echo '{"id": 1, "at": "2025-04-14T23:30:00Z"}' | cargo run --example cursors -- at Asia/Tokyo
//! ```

#![expect(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::io::{BufRead, stdin};

use spile_core::{CursorFormat, RunCursor, Zone, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let field = arguments.next().ok_or("name the cursor's field")?;
    let zone = arguments.next().unwrap_or_else(|| "UTC".to_owned());
    let zone = Zone::named(&zone).ok_or("there is no such time zone")?;
    let path = json::Path::parse(&field);
    for (number, line) in stdin().lock().lines().enumerate() {
        let line = line?;
        json::check(line.as_bytes()).map_err(|error| format!("line {}: {error}", number + 1))?;
        let text = json::find(line.as_bytes(), &path).and_then(json::unescape);
        let text = text.ok_or_else(|| format!("line {}: no text in {field}", number + 1))?;
        let cursor = RunCursor::parse(&text, CursorFormat::Time, zone)?;
        let time = cursor.moment.and_then(|moment| moment.to_date_time());
        println!(
            "{}",
            time.map_or("no time".to_owned(), |time| time.to_rfc3339())
        );
    }
    Ok(())
}
