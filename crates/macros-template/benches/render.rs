//! Parsing happens once for a stream, a route key once for a cursor period, an object key once
//! for an object.

#![expect(clippy::unwrap_used, reason = "a bench with bad input is to stop")]

use std::hint::black_box;

use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use spile_macros_template::{CursorKind, CursorValue, KeyPlan, MacroSet, RunValues, Template};

const TEXT: &str =
    "raw/{namespace?}/{stream_name}/{cursor_iso_date}/{connection_run_id}-{part}.{extension}";
const RAW: &str = "2025-04-14T11:23:45Z";

fn values() -> RunValues {
    RunValues::new(DateTime::parse_from_rfc3339(RAW).unwrap())
        .extension("csv.gz")
        .stream_name("sales_summary_daily")
        .connection_run_id("fad1983d-7446-e5c4-bb46-4578affe02d5")
}

fn render(c: &mut Criterion) {
    let macros = MacroSet::standard();
    c.bench_function("parse", |b| {
        b.iter(|| Template::parse(black_box(TEXT), &macros));
    });

    let template = Template::parse(TEXT, &macros).unwrap();
    c.bench_function("plan", |b| {
        b.iter(|| KeyPlan::new(&template, values(), CursorKind::Time));
    });

    let plan = KeyPlan::new(&template, values(), CursorKind::Time).unwrap();
    let time = DateTime::parse_from_rfc3339(RAW).ok();
    let cursor = CursorValue { raw: RAW, time };
    c.bench_function("route_key", |b| {
        b.iter(|| plan.route_key(black_box(Some(&cursor))));
    });

    let route = plan.route_key(Some(&cursor)).unwrap();
    c.bench_function("object_key", |b| {
        b.iter(|| plan.object_key(&route, black_box(2)));
    });
}

criterion_group!(benches, render);
criterion_main!(benches);
