//! How many digits the numbers of a schema have.

use super::read::{field, is};
use crate::json::Kind;

/// A number of a schema, by its digits: what it is beyond that is of no matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Digits {
    /// Before the point.
    whole: usize,
    /// Behind it, without zeros at the end.
    places: usize,
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
    let places = digits(number(schema, "multipleOf")?)?.places;
    let names = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    let bounds = names.map(|name| number(schema, name).and_then(digits));
    let is_bounded = bounds[0].or(bounds[2]).is_some() && bounds[1].or(bounds[3]).is_some();
    let whole = bounds.iter().flatten().map(|bound| bound.whole).max();
    let usual = match places <= DIGITS / 2 {
        true => DIGITS,
        false => DIGITS_MAX,
    };
    Some(match whole.filter(|_| is_bounded) {
        Some(whole) => ((whole + places).max(1), places),
        None => (usual, places),
    })
}

/// Whether all integers that a schema allows are within bounds.
pub(super) fn are_integers_within(schema: &[u8], least: i128, most: i128) -> bool {
    let bound = |name, is_within: &dyn Fn(i128) -> bool| {
        number(schema, name).is_none_or(|text| integer(text).is_some_and(is_within))
    };
    bound("minimum", &|it| it >= least) && bound("maximum", &|it| it <= most)
}

/// Whether a schema allows no integer below zero.
pub(super) fn has_no_sign(schema: &[u8]) -> bool {
    number(schema, "minimum")
        .and_then(integer)
        .is_some_and(|it| it >= 0)
}

fn number<'a>(schema: &'a [u8], name: &str) -> Option<&'a str> {
    let value = field(schema, name).filter(|value| is(value, Kind::Number))?;
    std::str::from_utf8(value).ok()
}

fn whole(text: &str) -> Option<usize> {
    text.parse().ok()
}

/// An integer, also where it is written with zeros behind its point. One that is beyond all types is
/// as good as any other such.
fn integer(text: &str) -> Option<i128> {
    let plain = text.strip_suffix(".0").unwrap_or(text);
    plain.parse().ok()
}

fn digits(text: &str) -> Option<Digits> {
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{before}{behind}");
    let significant = all.trim_start_matches('0');
    let zeros = i64::try_from(all.len() - significant.len()).ok()?;
    let significant = significant.trim_end_matches('0');
    let point = i64::try_from(before.len()).ok()?.checked_add(exponent)? - zeros;
    let length = i64::try_from(significant.len()).ok()?;
    if significant.is_empty() {
        return Some(Digits {
            whole: 0,
            places: 0,
        });
    }
    Some(Digits {
        whole: usize::try_from(point.max(0)).ok()?,
        places: usize::try_from((length - point).max(0)).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_before_and_behind_the_point() {
        let check = |text: &str, whole, places| {
            assert_eq!(digits(text), Some(Digits { whole, places }), "{text}");
        };
        check("0", 0, 0);
        check("0.0", 0, 0);
        check("1", 1, 0);
        check("-9999.99", 4, 2);
        check("0.01", 0, 2);
        check("1e-9", 0, 9);
        check("0.050", 0, 2);
        check("1E3", 4, 0);
        check("12.5e1", 3, 0);
        check("100", 3, 0);
        assert_eq!(digits("1e99999999999999999999"), None);
    }
}
