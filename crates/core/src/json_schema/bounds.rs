//! How many digits the numbers of a schema have.

use super::read::{field, is};
use crate::json::Kind;

/// A number of a schema, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    is_negative: bool,
    /// Its digits without zeros at either end; none where it is zero.
    digits: String,
    /// How many of them stand before the point; less than none where zeros stand behind it first.
    point: i32,
}

/// Digits that a decimal can have.
const DIGITS_MAX: usize = 76;
/// Digits that most readers know.
const DIGITS: usize = 38;

/// The digits and the places of a decimal that holds all numbers that a schema allows, where it says
/// how many places they have.
pub(super) fn decimal(schema: &[u8]) -> Option<(u8, u8)> {
    let (digits, places) = match (number(schema, "precision"), number(schema, "scale")) {
        (Some(digits), places) => (whole(digits)?, places.map_or(Some(0), whole)?),
        (None, _) => by_step(schema)?,
    };
    let fits = (1..=DIGITS_MAX).contains(&digits) && places <= digits;
    let both = (u8::try_from(digits).ok()?, u8::try_from(places).ok()?);
    fits.then_some(both)
}

/// By `multipleOf`, and by the bounds, if there are any.
fn by_step(schema: &[u8]) -> Option<(usize, usize)> {
    let places = Number::read(number(schema, "multipleOf")?)?.places();
    let (least, most) = (bound(schema, LEAST), bound(schema, MOST));
    let usual = match places <= DIGITS / 2 {
        true => DIGITS,
        false => DIGITS_MAX,
    };
    Some(match least.zip(most) {
        Some((least, most)) => {
            let whole = least.whole().max(most.whole());
            ((whole + places).max(1), places)
        }
        None => (usual, places),
    })
}

const LEAST: [&str; 2] = ["minimum", "exclusiveMinimum"];
const MOST: [&str; 2] = ["maximum", "exclusiveMaximum"];

/// Whether all integers that a schema allows are within bounds.
pub(super) fn are_integers_within(schema: &[u8], least: i128, most: i128) -> bool {
    let is_within = |names, is_within: &dyn Fn(i128) -> bool| {
        bound(schema, names).is_none_or(|bound| bound.integer().is_some_and(is_within))
    };
    is_within(LEAST, &|it| it >= least) && is_within(MOST, &|it| it <= most)
}

/// Whether a schema allows no integer below zero.
pub(super) fn has_no_sign(schema: &[u8]) -> bool {
    bound(schema, LEAST).is_some_and(|bound| !bound.is_negative)
}

/// The bound that one of two keywords gives. An old schema says by `true` that its bound is exclusive:
/// that is no number.
fn bound(schema: &[u8], names: [&str; 2]) -> Option<Number> {
    let mut given = names.into_iter().filter_map(|name| number(schema, name));
    given.next().and_then(Number::read)
}

fn number<'a>(schema: &'a [u8], name: &str) -> Option<&'a str> {
    let value = field(schema, name).filter(|value| is(value, Kind::Number))?;
    std::str::from_utf8(value).ok()
}

fn whole(text: &str) -> Option<usize> {
    text.parse().ok()
}

impl Number {
    /// Of JSON text; `None` where its exponent is beyond all reason.
    fn read(text: &str) -> Option<Self> {
        let plain = text.trim_start_matches('-');
        let (mantissa, exponent) = plain.split_once(['e', 'E']).unwrap_or((plain, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{before}{behind}");
        let digits = all.trim_start_matches('0');
        let zeros = i32::try_from(all.len() - digits.len()).ok()?;
        let point = i32::try_from(before.len()).ok()?.checked_add(exponent)?;
        let digits = digits.trim_end_matches('0').to_owned();
        Some(Self {
            is_negative: text.starts_with('-') && !digits.is_empty(),
            point: match digits.is_empty() {
                true => 0,
                false => point.checked_sub(zeros)?,
            },
            digits,
        })
    }

    /// Its digits before the point.
    fn whole(&self) -> usize {
        usize::try_from(self.point).unwrap_or_default()
    }

    /// Its digits behind the point.
    fn places(&self) -> usize {
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        usize::try_from(length - i64::from(self.point)).unwrap_or_default()
    }

    /// Its value, cut off behind the point; `None` where that is beyond all types.
    fn integer(&self) -> Option<i128> {
        let whole = self.whole();
        if whole > DIGITS {
            return None;
        }
        let digits = self.digits.get(..whole).unwrap_or(&self.digits);
        let value: i128 = format!("0{digits:0<whole$}").parse().ok()?;
        Some(if self.is_negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_before_and_behind_the_point() {
        let check = |text: &str, whole, places, integer| {
            let number = Number::read(text).expect("a number");
            let found = (number.whole(), number.places(), number.integer());
            assert_eq!(found, (whole, places, integer), "{text}");
        };
        check("0", 0, 0, Some(0));
        check("-0.0", 0, 0, Some(0));
        check("1", 1, 0, Some(1));
        check("-9999.99", 4, 2, Some(-9999));
        check("0.01", 0, 2, Some(0));
        check("1e-9", 0, 9, Some(0));
        check("0.050", 0, 2, Some(0));
        check("1E3", 4, 0, Some(1000));
        check("12.5e1", 3, 0, Some(125));
        check("100", 3, 0, Some(100));
        check("1e39", 40, 0, None);
        assert_eq!(Number::read("1e99999999999999999999"), None);
    }
}
