//! The formats that are written, and what Spile must reach in each.

use crate::args::Args;
use crate::failure::Outcome;

/// The scale of the input that limits of the output are known for.
const USUAL_SCALE: f64 = 0.5;

/// A format, and how Spile must compare with the best of the others.
#[derive(Clone, Copy)]
pub(super) struct Format {
    pub(super) name: &'static str,
    /// Spile's CPU time to the least of the others.
    pub(super) cpu_max: Option<f64>,
    /// Spile's wall time to the least of the others.
    pub(super) wall_max: Option<f64>,
    /// Megabytes of output, so that speed isn't bought by compressing less.
    pub(super) output_max: Option<f64>,
}

const FORMATS: [Format; 5] = [
    target("parquet", 0.8, Some(1.0), None),
    target("csv", 0.57, None, None),
    target("csv.gz", 0.65, None, Some(123.0)),
    target("jsonl", 0.3, None, None),
    target("jsonl.gz", 0.65, None, Some(171.0)),
];

const fn target(
    name: &'static str,
    cpu_max: f64,
    wall_max: Option<f64>,
    output_max: Option<f64>,
) -> Format {
    Format {
        name,
        cpu_max: Some(cpu_max),
        wall_max,
        output_max,
    }
}

impl Format {
    /// The formats that `--only` chooses, or all, with their targets at this scale, if there are any.
    pub(super) fn chosen(args: &mut Args, scale: Option<f64>) -> Outcome<Vec<Self>> {
        let list = args.take_value::<String>("--only")?;
        let names: Option<Vec<_>> = list
            .as_ref()
            .map(|list| list.split(',').map(str::trim).collect());
        let known = FORMATS.map(|format| format.name);
        let given = names.iter().flatten();
        if let Some(unknown) = given.copied().find(|name| !known.contains(name)) {
            let known = known.join(", ");
            return Err(format!("`{unknown}` is not compared; choose from {known}").into());
        }
        let is_chosen = |format: &Self| names.as_ref().is_none_or(|it| it.contains(&format.name));
        let chosen = FORMATS.into_iter().filter(is_chosen);
        Ok(chosen.map(|format| format.held_to(scale)).collect())
    }

    fn held_to(self, scale: Option<f64>) -> Self {
        let Some(scale) = scale else {
            return Self {
                cpu_max: None,
                wall_max: None,
                output_max: None,
                ..self
            };
        };
        let output_max = self.output_max.map(|most| most * scale / USUAL_SCALE);
        Self { output_max, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Format;
    use crate::args::Args;

    fn chosen(words: &str, scale: Option<f64>) -> Vec<Format> {
        let mut args = Args::new(words.split_whitespace().map(str::to_owned));
        Format::chosen(&mut args, scale).unwrap()
    }

    #[test]
    fn formats_are_chosen_by_name() {
        let names =
            |words| -> Vec<_> { chosen(words, Some(0.5)).iter().map(|it| it.name).collect() };
        assert_eq!(names("").len(), 5);
        assert_eq!(names("--only jsonl.gz,csv"), ["csv", "jsonl.gz"]);
        let mut unknown = Args::new(["--only=orc".to_owned()]);
        assert!(Format::chosen(&mut unknown, None).is_err());
    }

    #[test]
    fn limits_of_the_output_follow_the_scale() {
        assert_eq!(
            chosen("--only csv.gz", Some(0.5))[0].output_max,
            Some(123.0)
        );
        assert_eq!(
            chosen("--only csv.gz", Some(1.0))[0].output_max,
            Some(246.0)
        );
        assert_eq!(chosen("--only csv", Some(1.0))[0].output_max, None);
        assert_eq!(chosen("--only csv", None)[0].cpu_max, None);
    }
}
