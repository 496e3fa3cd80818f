//! What each macro writes.

use super::*;

#[test]
fn golden_of_each_macro() {
    check("{extension}", "csv");
    check("{date_time}", "2025_04_14_11_23_45");
    check("{timestamp}", "2025_04_14_11_23_45");
    check("{iso_date_time}", "2025-04-14T11:23:45Z");
    check("{date}", "2025_04_14");
    check("{iso_date}", "2025-04-14");
    check("{year}", "2025");
    check("{month}", "04");
    check("{day}", "14");
    check("{hour}", "11");
    check("{minute}", "23");
    check("{second}", "45");
    check("{millisecond}", "000");
    check("{epoch_s}", "1744629825");
    check("{epoch_ms}", "1744629825000");
    check("{epoch_us}", "1744629825000000");
    check("{stream_id}", "deadbeef-2359-567a-f5e8-83c536cb4de8");
    check("{stream_name}", "sales_summary_daily");
    check("{connection_id}", "f52c7268-2359-567a-f5e8-83c536cb4de8");
    check(
        "{connection_run_id}",
        "fad1983d-7446-e5c4-bb46-4578affe02d5",
    );
    check("{stream_run_id}", "8e28c4bf-11aa-20aa-0ecf-d23c21c73285");
    check("{sync_id}", "42");
    check("{cursor_year}", "2025");
    check("{cursor_month}", "04");
    check("{cursor_day}", "14");
    check("{cursor_date_time}", "2025_04_14_11_23_45");
    check("{cursor_iso_date_time}", "2025-04-14T11:23:45Z");
    check("{cursor_singular_date_time}", "2025-04-14-11-23-45");
    check("{cursor_date}", "2025_04_14");
    check("{cursor_iso_date}", "2025-04-14");
    check("{cursor_hour}", "11");
    check("{cursor}", "2025-04-14T11:23:45Z");
    check("{namespace}", "public");
    check("{part}", "00001");
    check("{part_index}", "0");
    check("{uuid}", "04a61593-a612-5d2d-bca7-4e13fbaea54b");
    check("{tenant}", "acme");
}

#[test]
fn each_macro_renders_its_own_sample() {
    for known in macros().iter() {
        check(&format!("{{{}}}", known.name()), known.sample());
    }
}
