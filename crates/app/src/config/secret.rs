//! Secrets: given as text, in a file, or by a command. They are shown nowhere.

use std::fmt;
use std::process::{Command, Stdio};

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::exposed::warn_if_readable;

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Secret {
    /// It was given as it is.
    Text(String),
    /// The first line of a file.
    File(String),
    /// The first line that a command prints.
    Command(Vec<String>),
}

impl Secret {
    /// The secret itself.
    pub(crate) fn reveal(&self) -> Result<String, String> {
        match self {
            Secret::Text(text) => Ok(text.clone()),
            Secret::File(path) => read(path),
            Secret::Command(command) => run(command),
        }
    }
}

fn read(path: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| format!("{path} can't be read: {error}"))?;
    warn_if_readable(path);
    first_line(&text).ok_or(format!("{path} is empty"))
}

/// What a command prints. Its stderr is the user's to see.
fn run(command: &[String]) -> Result<String, String> {
    let (program, arguments) = command.split_first().ok_or("the command is empty")?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = command
        .output()
        .map_err(|error| format!("{program} can't be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} ended with {}", output.status));
    }
    let printed = String::from_utf8(output.stdout);
    let printed = printed.map_err(|_| format!("{program} printed something that is no text"))?;
    first_line(&printed).ok_or(format!("{program} printed nothing"))
}

fn first_line(text: &str) -> Option<String> {
    text.lines()
        .next()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, { file = \"…\" } or { command = [\"…\"] }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let secret = match map.next_key::<String>()?.as_deref() {
            Some("file") => Secret::File(map.next_value()?),
            Some("command") => Secret::Command(map.next_value()?),
            Some(other) => return Err(de::Error::unknown_field(other, &["file", "command"])),
            None => return Err(de::Error::invalid_length(0, &self)),
        };
        match map.next_key::<String>()? {
            None => Ok(secret),
            Some(_) => Err(de::Error::custom("file and command can't both be given")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_gives_its_first_line() {
        let command = |words: &[&str]| {
            Secret::Command(words.iter().map(|word| (*word).to_owned()).collect()).reveal()
        };
        assert_eq!(command(&["printf", "hush\nmore\n"]), Ok("hush".to_owned()));
        assert_eq!(command(&["true"]), Err("true printed nothing".to_owned()));
        assert!(command(&["false"]).is_err_and(|error| error.contains("exit status: 1")));
        assert!(command(&[]).is_err());
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(
            format!("{:?}", Secret::Text("hush".to_owned())),
            "Secret(…)"
        );
    }
}
