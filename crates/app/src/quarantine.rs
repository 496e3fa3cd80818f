//! Where bad records go, of the settings.

use std::path::Path;
use std::sync::Arc;

use spile_core::{
    CursorSource, Encoding, KeyPlan, Quarantine, SchemaChange, StreamName, StreamPlan, WriteMode,
};
use spile_encoders::{Compression, Format};
use spile_macros_template::{CursorKind, KeySyntax, PlanErrorKind, PlanErrors, Template};

use crate::config::{ConfigFault, ConfigFaults, Settings, nearest};
use crate::destination::{Destination, Place};
use crate::encoding;
use crate::key_template::template;
use crate::stream::{RunIdentity, StreamPlanner, drawn, no_plan};

/// What the settings say of bad records that are set aside.
#[derive(Clone, Debug)]
pub(crate) struct QuarantineChoice {
    pub(crate) place: Destination,
    template: Template,
    lines: Arc<dyn Encoding>,
    bad_records_max: u64,
}

/// The folder below the destination.
const FOLDER: &str = "_spile/quarantine";
/// The template of keys where none is given.
const KEY: &str = "{namespace?}/{stream_name}/{connection_run_id}-{part}.jsonl";
const FORMAT: Format = Format::Jsonl(Compression::None);

/// Where bad records go; `None` where the first one ends the run.
pub(crate) fn choose(
    settings: &Settings,
    destination: &Destination,
    faults: &mut ConfigFaults,
) -> Option<QuarantineChoice> {
    match settings.on_bad_record.as_deref() {
        Some("quarantine") => {}
        None | Some("fail") => {
            only_for_a_quarantine(settings, faults);
            return None;
        }
        Some(name) => {
            let known = ["fail", "quarantine"];
            let near = nearest(name, &known);
            faults.note(ConfigFault::unknown("on_bad_record", name, near, &known));
            return None;
        }
    }
    let limit = settings.max_bad_records.ok_or_else(|| {
        ConfigFault::new(
            "max_bad_records",
            "how many bad records may be set aside isn't said",
        )
        .hint("give a number: one more bad record fails the run")
    });
    let limit = faults.check(limit);
    let place = faults.check(place(settings, destination));
    let key = settings.quarantine.key.as_deref().unwrap_or(KEY);
    let template = faults.check(lines_template(key));
    let lines = encoding::resolve(FORMAT, &settings.destination);
    let lines = lines.map_err(|found| faults.note_all(found)).ok();
    let place = place?;
    Some(QuarantineChoice {
        template: template?.under(&place.prefix),
        place,
        lines: lines?,
        bad_records_max: limit?.0,
    })
}

/// A setting without effect may be one that was to have it.
fn only_for_a_quarantine(settings: &Settings, faults: &mut ConfigFaults) {
    let given = [
        ("max_bad_records", settings.max_bad_records.is_some()),
        ("quarantine.url", settings.quarantine.url.is_some()),
        ("quarantine.key", settings.quarantine.key.is_some()),
    ];
    for (place, _) in given.iter().filter(|(_, is_given)| *is_given) {
        let fault = ConfigFault::new(*place, "no bad record is set aside");
        faults.note(fault.hint("say --on-bad-record quarantine, or leave it out"));
    }
}

fn place(settings: &Settings, destination: &Destination) -> Result<Destination, ConfigFault> {
    let name = "quarantine.url";
    let Some(url) = settings.quarantine.url.as_deref() else {
        return Ok(destination.below(FOLDER));
    };
    let given = Destination::parse(url).map_err(|fault| fault.at(name))?;
    if given.key.is_some() {
        return Err(
            ConfigFault::new(name, "it can't carry a template").hint("give that as quarantine.key")
        );
    }
    // Parts of objects are as long as the destination asks for.
    let is_alike = matches!(
        (&given.place, &destination.place),
        (Place::Folder(_), Place::Folder(_)) | (Place::Bucket(_), Place::Bucket(_))
    );
    match is_alike {
        true => Ok(beside(&given, destination).unwrap_or(given)),
        false => Err(ConfigFault::new(
            name,
            "bad records can't go to a bucket where the others go to a folder, or the other way round",
        )
        .hint("give s3:// with a bucket for s3://, and a folder for a folder")),
    }
}

/// A place in the bucket or the folder of the destination.
fn beside(given: &Destination, destination: &Destination) -> Option<Destination> {
    match (&given.place, &destination.place) {
        (Place::Folder(path), Place::Folder(root)) => {
            let plain = |path: &str| path.strip_prefix("./").unwrap_or(path).to_owned();
            let (path, root) = (plain(path), plain(root));
            let below = match root.as_str() {
                "" | "." => Path::new(&path),
                root => Path::new(&path).strip_prefix(root).ok()?,
            };
            let is_below = below
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)));
            is_below.then(|| Destination {
                prefix: below.to_string_lossy().trim_matches('/').to_owned(),
                ..destination.clone()
            })
        }
        (given_place, place) => (given_place == place).then(|| given.clone()),
    }
}

fn lines_template(key: &str) -> Result<Template, ConfigFault> {
    let place = "quarantine.key";
    match Format::from_key(key) {
        Some(FORMAT) | None => template(key, KeySyntax::Spile).map_err(|fault| fault.at(place)),
        Some(other) => {
            let message = format!("the key ends like {}", other.extension());
            Err(ConfigFault::new(place, message)
                .hint("bad records are set aside as lines of JSON: end the key with .jsonl"))
        }
    }
}

impl QuarantineChoice {
    /// What the run is told: the streams are planned as they are met.
    pub(crate) fn of_run(self, planner: StreamPlanner) -> Quarantine {
        let RunIdentity {
            connection_run_id,
            load_time,
            ..
        } = planner.identity.clone();
        Quarantine {
            lines: Arc::clone(&self.lines),
            bad_records_max: self.bad_records_max,
            plans: Box::new(move |declaration| {
                let plan = self.plan(&planner, &declaration.name);
                plan.map_err(|fault| no_plan(planner.places.place(fault.into())))
            }),
            connection_run_id,
            load_time,
        }
    }

    /// How the bad records of a stream are set aside.
    pub(crate) fn plan(
        &self,
        planner: &StreamPlanner,
        stream: &StreamName,
    ) -> Result<StreamPlan, ConfigFault> {
        let values = planner.values(stream, FORMAT)?;
        let keys = KeyPlan::new(&self.template, values, CursorKind::None);
        Ok(StreamPlan {
            keys: Arc::new(keys.map_err(|errors| key_fault(&errors))?),
            cursor: CursorSource::None,
            encoding: Arc::clone(&self.lines),
            reshape: None,
            write: WriteMode::Append,
            schema_change: SchemaChange::Widen,
            declared: None,
            remembered: None,
        })
    }
}

fn key_fault(errors: &PlanErrors) -> ConfigFault {
    let has_cursor = errors
        .errors()
        .iter()
        .any(|error| matches!(error.kind, PlanErrorKind::CursorMissing { .. }));
    let drawing = drawn(&errors.render());
    match has_cursor {
        true => {
            let message = format!("a bad record may have no cursor to make a key of:{drawing}");
            ConfigFault::new("quarantine.key", message).hint("leave the macros of the cursor out")
        }
        false => ConfigFault::new("quarantine.key", format!("it can't be used:{drawing}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_in_the_place_of_the_destination() {
        let check = |url: &str, destination: &str, expect: Option<&str>| {
            let parse = |url| Destination::parse(url).expect("a destination");
            let found = beside(&parse(url), &parse(destination));
            assert_eq!(
                found.as_ref().map(|found| &*found.prefix),
                expect,
                "{url} beside {destination}"
            );
        };
        check("s3://acme/bad", "s3://acme/raw", Some("bad"));
        check("s3://other/bad", "s3://acme/raw", None);
        check("./bad", "s3://acme/raw", None);
        check("out/bad/records", "./out", Some("bad/records"));
        check("./bad", ".", Some("bad"));
        check("./bad", "./out", None);
        check("out/../bad", "out", None);
        check("/data/out/bad", "/data/out", Some("bad"));
        check("/data/outer", "/data/out", None);
    }
}
