//! Parses a key template, prints what it is made of, and a key:
//!
//! ```text
//! cargo run -p spile-macros-template --example render '{tenant}/{cursor_date}-{part}.csv'
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::process::ExitCode;

use chrono::DateTime;
use spile_macros_template::{CursorKind, KeyPlan, Macro, MacroSet, RunValues, Template};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let default = "{tenant}/{stream_name}/{cursor_iso_date}.{extension}".to_owned();
    let text = std::env::args().nth(1).unwrap_or(default);

    // A custom macro is known to the parser, and to the plan by its value.
    let tenant = Macro::custom("tenant", "the customer whose data this is", "acme");
    let macros = MacroSet::standard().with(tenant)?;
    let load_time = DateTime::parse_from_rfc3339("2025-04-14T11:23:45Z")?;
    let values = RunValues::new(load_time)
        .extension("csv")
        .stream_name("sales_summary_daily")
        .connection_run_id("fad1983d-7446-e5c4-bb46-4578affe02d5")
        .custom("tenant", "acme");

    let template = match Template::parse(&text, &macros) {
        Ok(template) => template,
        Err(errors) => return Ok(refuse(&errors.render())),
    };
    for node in template.nodes() {
        println!("{node:?}");
    }
    let plan = match KeyPlan::new(&template, values, CursorKind::Time) {
        Ok(plan) => plan,
        Err(errors) => return Ok(refuse(&errors.render())),
    };
    println!("{}", plan.sample_key()?);
    for warning in plan.warnings() {
        println!("warning: {warning}");
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(faults: &str) -> ExitCode {
    println!("{faults}");
    ExitCode::FAILURE
}
