//! Values with units, and values that the environment gives as texts.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A number of bytes: `256MiB`, `1GB`, or a plain number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

/// A span of time: `90s`, `5m`, `1h`, `1d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) u64);

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number<T>(pub(crate) T);

impl<T: FromStr> FromStr for Number<T> {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .map(Number)
            .map_err(|_| "a whole number is expected, within reason")
    }
}

const BYTE_UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("B", 1),
    ("KB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
];
const TIME_UNITS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = "a size is a number with B, KB, KiB, MB, MiB, GB or GiB, such as 256MiB";
        scaled(text, &BYTE_UNITS)
            .filter(|bytes| *bytes > 0)
            .map(Bytes)
            .ok_or(fault)
    }
}

impl FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = "a span of time is a number with s, m, h or d, such as 5m";
        scaled(text, &TIME_UNITS)
            .filter(|seconds| *seconds > 0)
            .map(Seconds)
            .ok_or(fault)
    }
}

/// A whole number and a unit. Case matters little: nobody means millibytes.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (_, factor) = units
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// Reads a value from its text or, where its text is a number or true or false, from that: in the
/// environment and in flags everything is a text.
pub(crate) fn from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    deserializer
        .deserialize_any(TextVisitor(PhantomData))
        .map(Some)
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, or true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse()
            .map_err(|error| E::custom(format!("`{text}`: {error}")))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        self.visit_str(if value { "true" } else { "false" })
    }
}

macro_rules! deserialize_from_text {
    ($($name:ident),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(TextVisitor(PhantomData))
            }
        }
    )*};
}
deserialize_from_text!(Bytes, Seconds);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let check = |text: &str, expect| assert_eq!(text.parse().ok(), expect, "{text}");
        check("256MiB", Some(Bytes(256 << 20)));
        check("256 mib", Some(Bytes(256 << 20)));
        check("1GB", Some(Bytes(1_000_000_000)));
        check("4096", Some(Bytes(4_096)));
        for text in [
            "",
            "MiB",
            "-1MiB",
            "1.5MiB",
            "1 parsec",
            "0",
            "99999999999GiB",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn times_have_units() {
        let check = |text: &str, expect| assert_eq!(text.parse().ok(), expect, "{text}");
        check("90s", Some(Seconds(90)));
        check("5m", Some(Seconds(300)));
        check("90", None);
    }
}
