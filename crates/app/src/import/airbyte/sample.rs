//! Keys of a sample, as Airbyte makes them and as Spile does.

use chrono::{DateTime, Utc};
use spile_macros_template::{CursorKind, KeyPlan, PlanErrors, RunValues, Template};

/// What Airbyte makes keys of.
pub(super) struct Paths<'a> {
    pub(super) folder: &'a str,
    pub(super) path_format: &'a str,
    pub(super) file_name_pattern: &'a str,
    pub(super) extension: &'a str,
}

pub(super) const NAMESPACE: &str = "public";
pub(super) const STREAM: &str = "users";
pub(super) const LOADED: &str = "2025-04-14T11:23:45.678Z";
const LOADED_MS: i64 = 1_744_629_825_678;
const SYNC_ID: &str = "42";
const UUIDS: [&str; 2] = [
    "3f0c6a52-8a3b-4c8e-9d0b-5a1f6f0e7c21",
    "b7d1e4f0-2c59-4f7a-8e36-0d9c4b2a6e13",
];

/// What Airbyte puts in the place of each placeholder of a path.
const OF_PATHS: [(&str, &str); 10] = [
    ("${NAMESPACE}", NAMESPACE),
    ("${STREAM_NAME}", STREAM),
    ("${YEAR}", "2025"),
    ("${MONTH}", "04"),
    ("${DAY}", "14"),
    ("${HOUR}", "11"),
    ("${MINUTE}", "23"),
    ("${SECOND}", "45"),
    ("${MILLISECOND}", "0678"),
    ("${EPOCH}", "1744629825678"),
];

/// What Airbyte puts in the place of each placeholder of a file name.
const OF_FILES: [(&str, &str); 4] = [
    ("{date}", "2025_04_14"),
    ("{date:yyyy_MM}", "2025_04"),
    ("{timestamp}", "1744629825678"),
    ("{sync_id}", SYNC_ID),
];

impl Paths<'_> {
    /// The keys of the first two objects, by Airbyte's rules: text is replaced, and what isn't known
    /// stays.
    pub(super) fn airbyte_keys(&self) -> [String; 2] {
        let [first, second] = [0, 1].map(|part| self.airbyte_key(part));
        let second = if second == first {
            format!("{first}-1")
        } else {
            second
        };
        [first, second]
    }

    fn airbyte_key(&self, part: usize) -> String {
        let path = format!("{}/{}", self.folder, self.path_format);
        let path = replaced(path, &OF_PATHS).replace("${UUID}", UUIDS[part]);
        let file = replaced(self.file_name_pattern.to_owned(), &OF_FILES);
        let file = file.replace("{part_number}", &part.to_string());
        let file = file.replace("{format_extension}", &format!(".{}", self.extension));
        format!("{}{file}", without_doubled_slashes(&path))
    }
}

fn replaced(text: String, values: &[(&str, &str)]) -> String {
    let values = values.iter();
    values.fold(text, |text, (written, value)| text.replace(written, value))
}

fn without_doubled_slashes(path: &str) -> String {
    let mut before = '/';
    let is_kept = |c: &char| {
        let is_doubled = *c == '/' && before == '/';
        before = *c;
        !is_doubled
    };
    path.chars().filter(is_kept).collect()
}

/// The keys of the first two objects, as Spile makes them.
pub(super) fn spile_keys(template: &Template, extension: &str) -> Result<[String; 2], PlanErrors> {
    let time = DateTime::<Utc>::from_timestamp_millis(LOADED_MS).unwrap_or_default();
    let values = RunValues::new(time.fixed_offset())
        .extension(extension)
        .namespace(Some(NAMESPACE))
        .stream_name(STREAM)
        .connection_run_id("fad1983d-7446-e5c4-bb46-4578affe02d5")
        .sync_id(SYNC_ID);
    let plan = KeyPlan::new(template, values, CursorKind::None)?;
    let key = |number| {
        let key = plan
            .route_key(None)
            .and_then(|route| plan.object_key(&route, number));
        key.map_or_else(|error| format!("none: can't {error}"), String::from)
    };
    Ok([key(1), key(2)])
}

#[cfg(test)]
mod tests {
    use spile_macros_template::airbyte::{FILE_NAME_PATTERN, PATH_FORMAT};

    use super::*;

    /// The keys by Airbyte's rules, and the same template's by Spile's.
    fn both(path_format: &str, file_name_pattern: &str) -> [[String; 2]; 2] {
        let paths = Paths {
            folder: "data_sync",
            path_format,
            file_name_pattern,
            extension: "csv.gz",
        };
        let text = format!("{path_format}{file_name_pattern}");
        let template = Template::parse_airbyte(&text).expect("a template");
        let of_spile = spile_keys(&template.under("data_sync"), "csv.gz").expect("keys");
        [paths.airbyte_keys(), of_spile]
    }

    #[test]
    fn spile_makes_the_keys_of_airbyte() {
        for (path, file) in [
            (PATH_FORMAT, FILE_NAME_PATTERN),
            ("${NAMESPACE}/${STREAM_NAME}/", FILE_NAME_PATTERN),
            (
                "//${STREAM_NAME}///${YEAR}-${MONTH}-${DAY}/",
                "{date}_{part_number}",
            ),
            (
                "${HOUR}/${MINUTE}/${SECOND}/${MILLISECOND}/x${EPOCH}",
                "-{date:yyyy_MM}-{timestamp}-{sync_id}-{part_number}{format_extension}",
            ),
        ] {
            let [of_airbyte, of_spile] = both(path, file);
            assert_eq!(of_airbyte, of_spile, "{path}{file}");
        }
    }

    #[test]
    fn what_differs_is_seen() {
        let check = |path: &str, file: &str, expect: [[&str; 2]; 2]| {
            assert_eq!(both(path, file), expect, "{path}{file}");
        };
        check(
            "${STREAM_NAME}/",
            "a{format_extension}",
            [
                ["data_sync/users/a.csv.gz", "data_sync/users/a.csv.gz-1"],
                ["data_sync/users/a.csv.gz", "data_sync/users/a-00002.csv.gz"],
            ],
        );
        check(
            "{date}/",
            "${DAY}_{part_number}",
            [
                ["data_sync/{date}/${DAY}_0", "data_sync/{date}/${DAY}_1"],
                ["data_sync/2025_04_14/14_0", "data_sync/2025_04_14/14_1"],
            ],
        );
    }
}
