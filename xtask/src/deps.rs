//! `cargo xtask deps`: which crate may depend on which. Cargo refuses circles; it doesn't know
//! which way things should point.

use crate::args::Args;
use crate::failure::Outcome;
use crate::workspace::{Kind, Package, Workspace};

/// Every edge that is allowed between crates of the workspace; tests included.
const ALLOWED: &[(&str, &[&str])] = &[
    ("spile-macros-template", &[]),
    ("spile-core", &["spile-macros-template"]),
    ("spile-encoders", &["spile-core"]),
    ("spile-sources", &["spile-core"]),
    ("spile-store-s3", &["spile-core"]),
    (
        "spile",
        &[
            "spile-core",
            "spile-encoders",
            "spile-macros-template",
            "spile-sources",
            "spile-store-s3",
        ],
    ),
    // Without stores, and so without AWS: it is compiled for two revisions.
    (
        "spile-bench",
        &[
            "spile-core",
            "spile-encoders",
            "spile-macros-template",
            "spile-sources",
        ],
    ),
    ("xtask", &[]),
];

/// What a crate's own code must not know of. A name ends in `*` where it begins many.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "spile-macros-template",
        &["tokio", "object_store", "parquet", "arrow", "aws*"],
    ),
    ("spile-core", &["parquet", "object_store", "aws*"]),
    ("spile-encoders", &["object_store", "tokio", "aws*"]),
    ("spile-sources", &["object_store", "tokio", "aws*"]),
];

pub(crate) fn run(args: Args) -> Outcome {
    args.finish()?;
    run_in(&Workspace::load()?)
}

pub(crate) fn run_in(workspace: &Workspace) -> Outcome {
    let faults: Vec<_> = workspace.packages.iter().flat_map(faults_of).collect();
    if faults.is_empty() {
        println!("The crates depend on each other as they should.");
        return Ok(());
    }
    Err(format!(
        "{}\nARCHITECTURE.md says which way dependencies point",
        faults.join("\n")
    )
    .into())
}

fn faults_of(package: &Package) -> Vec<String> {
    let Some(allowed) = listed(ALLOWED, &package.name) else {
        return vec![format!(
            "{} is new: say in xtask/src/deps.rs what it may use",
            package.name
        )];
    };
    let forbidden = listed(FORBIDDEN, &package.name).unwrap_or_default();
    let wrong = package.dependencies.iter().filter(|dependency| {
        // A crate may test itself with a feature of its own.
        let is_itself = dependency.name == package.name && dependency.kind != Kind::Normal;
        let is_ours = dependency.is_ours && !is_itself;
        let is_stranger = is_ours && !allowed.contains(&dependency.name.as_str());
        let is_forbidden = dependency.kind == Kind::Normal && is_in(forbidden, &dependency.name);
        is_stranger || is_forbidden
    });
    wrong
        .map(|dependency| format!("{} must not depend on {}", package.name, dependency.name))
        .collect()
}

fn listed(table: &'static [(&str, &[&str])], name: &str) -> Option<&'static [&'static str]> {
    table
        .iter()
        .find(|(of, _)| *of == name)
        .map(|(_, names)| *names)
}

fn is_in(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *known,
    })
}

#[cfg(test)]
mod tests {
    use super::faults_of;
    use crate::workspace::{Dependency, Kind, Package};

    fn check(package: &str, dependency: &str, kind: Kind, expect: &[&str]) {
        let is_ours = dependency.starts_with("spile");
        let dependency = Dependency {
            name: dependency.to_owned(),
            kind,
            is_ours,
        };
        let package = Package {
            name: package.to_owned(),
            version: "0.1.0".to_owned(),
            dependencies: vec![dependency],
        };
        assert_eq!(faults_of(&package), expect);
    }

    #[test]
    fn edges_point_inwards() {
        check("spile-core", "spile-macros-template", Kind::Normal, &[]);
        check("spile-encoders", "spile-core", Kind::DevOrBuild, &[]);
        check("spile-core", "spile-core", Kind::DevOrBuild, &[]);
        let wrong = ["spile-core must not depend on spile-encoders"];
        check("spile-core", "spile-encoders", Kind::DevOrBuild, &wrong);
        check(
            "spile-sources",
            "spile-encoders",
            Kind::Normal,
            &["spile-sources must not depend on spile-encoders"],
        );
    }

    #[test]
    fn the_middle_knows_no_store() {
        check(
            "spile-core",
            "object_store",
            Kind::Normal,
            &["spile-core must not depend on object_store"],
        );
        check(
            "spile-core",
            "aws-config",
            Kind::Normal,
            &["spile-core must not depend on aws-config"],
        );
        check("spile-encoders", "tokio", Kind::DevOrBuild, &[]);
        check(
            "spile-sources",
            "tokio",
            Kind::Normal,
            &["spile-sources must not depend on tokio"],
        );
    }

    #[test]
    fn a_new_crate_must_be_listed() {
        check(
            "spile-web",
            "serde",
            Kind::Normal,
            &["spile-web is new: say in xtask/src/deps.rs what it may use"],
        );
    }
}
