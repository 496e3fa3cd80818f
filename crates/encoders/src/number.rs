//! Numbers as texts: what a text denotes, to the last digit, without being turned into a float.

use std::fmt::{LowerExp, Write};

use arrow::datatypes::i256;

/// The decimal number that a JSON number's text denotes: significant digits × 10^exponent.
///
/// Zeros at either end of the digits are not significant, so `1.10` and `1.1` are the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a> {
    text: &'a [u8],
    whole: &'a [u8],
    fraction: &'a [u8],
    /// Leading zeros of `whole` and `fraction` together.
    zeros: usize,
    /// Significant digits.
    count: usize,
    exponent: i64,
    /// Whether it is written with a fraction or an exponent.
    pub(crate) float_form: bool,
}

/// Up to this many significant digits survive the way through an f64.
const F64_DIGITS: usize = 15;
/// Powers of ten beyond this could leave the f64's range.
const F64_EXPONENT: i64 = 290;

/// Powers of ten that an f64 holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

impl<'a> Number<'a> {
    /// Reads a text that is a number as JSON writes them, and nothing else.
    pub(crate) fn parse(text: &'a [u8]) -> Option<Self> {
        let unsigned = text.strip_prefix(b"-").unwrap_or(text);
        let (whole, rest) = digits(unsigned);
        if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
            return None;
        }
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => Some(digits(rest)).filter(|(digits, _)| !digits.is_empty())?,
            None => (&rest[..0], rest),
        };
        let power = if rest.is_empty() { 0 } else { power(rest)? };
        let float_form = whole.len() < unsigned.len();
        Some(Self::normal(text, whole, fraction, power, float_form))
    }

    fn normal(
        text: &'a [u8],
        whole: &'a [u8],
        fraction: &'a [u8],
        power: i64,
        float_form: bool,
    ) -> Self {
        let all = whole.iter().chain(fraction);
        let length = whole.len() + fraction.len();
        let zeros = all.clone().take_while(|digit| **digit == b'0').count();
        let trailing = all.rev().take_while(|digit| **digit == b'0').count();
        let count = (length - zeros).saturating_sub(trailing);
        let exponent = power - fraction.len() as i64 + trailing as i64;
        Self {
            text,
            whole,
            fraction,
            zeros,
            count,
            exponent,
            float_form,
        }
    }

    /// Digits before the decimal point.
    pub(crate) fn integer_digits(&self) -> u64 {
        if self.count == 0 {
            0
        } else {
            u64::try_from(self.point()).unwrap_or_default()
        }
    }

    /// Digits behind the decimal point.
    pub(crate) fn scale(&self) -> u64 {
        if self.count == 0 {
            0
        } else {
            u64::try_from(-self.exponent).unwrap_or_default()
        }
    }

    /// Its value × 10^scale, where that is an integer of at most 38 digits.
    pub(crate) fn scaled(&self, scale: i64) -> Option<i128> {
        if self.count == 0 {
            return Some(0);
        }
        let zeros = u32::try_from(self.exponent + scale).ok()?;
        if self.count as u64 + u64::from(zeros) > 38 {
            return None;
        }
        let digits = self
            .digits()
            .fold(0_i128, |value, digit| value * 10 + i128::from(digit));
        let value = digits * 10_i128.pow(zeros);
        Some(if self.text.starts_with(b"-") {
            -value
        } else {
            value
        })
    }

    /// Like [`Number::scaled`], for an integer of at most `digits` digits.
    pub(crate) fn scaled_256(&self, scale: i64, digits: u32) -> Option<i256> {
        if self.count == 0 {
            return Some(i256::ZERO);
        }
        let zeros = usize::try_from(self.exponent.checked_add(scale)?).ok()?;
        let length = self.count.checked_add(zeros)?;
        if length > digits as usize {
            return None;
        }
        let sign = self.text.starts_with(b"-").then_some('-');
        let digits = self.digits().map(|digit| char::from(b'0' + digit));
        let zeros = std::iter::repeat_n('0', zeros);
        let text: String = sign.into_iter().chain(digits).chain(zeros).collect();
        i256::from_string(&text)
    }

    /// Its nearest f64, where the shortest text of that denotes this number again.
    pub(crate) fn to_f64(self) -> Option<f64> {
        let value: f64 = std::str::from_utf8(self.text).ok()?.parse().ok()?;
        let survives = self.is_short() || (value.is_finite() && self.is_shortest_of(value));
        survives.then_some(value)
    }

    /// Whether every number of so few digits survives.
    fn is_short(&self) -> bool {
        self.count == 0 || (self.count <= F64_DIGITS && self.point().abs() <= F64_EXPONENT)
    }

    /// Its nearest f32, where the shortest text of that denotes this number again.
    pub(crate) fn to_f32(self) -> Option<f32> {
        let value: f32 = std::str::from_utf8(self.text).ok()?.parse().ok()?;
        (value.is_finite() && self.is_shortest_of(value)).then_some(value)
    }

    fn is_shortest_of(&self, value: impl LowerExp) -> bool {
        let mut shortest = Digits {
            bytes: [0; 40],
            length: 0,
        };
        let written = write!(shortest, "{value:e}").is_ok();
        written
            && Number::parse(&shortest.bytes[..shortest.length]).is_some_and(|shortest| {
                let zeros = shortest.count == 0 && self.count == 0;
                let same = shortest.exponent == self.exponent;
                zeros || (same && shortest.digits().eq(self.digits()))
            })
    }

    /// Where the decimal point is, in digits behind the start of the significant ones.
    fn point(&self) -> i64 {
        self.exponent.saturating_add(self.count as i64)
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        let all = self.whole.iter().chain(self.fraction);
        all.skip(self.zeros)
            .take(self.count)
            .map(|digit| digit - b'0')
    }
}

/// An integer that fits, whatever form it is written in (`5.0`, `5e0`).
#[inline]
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    if unsigned.is_empty() || unsigned.len() > 18 {
        return big_integer(text);
    }
    let mut value = 0_i64;
    for byte in unsigned {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return big_integer(text);
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if unsigned.len() < text.len() {
        -value
    } else {
        value
    })
}

#[cold]
fn big_integer(text: &[u8]) -> Option<i64> {
    i64::try_from(Number::parse(text)?.scaled(0)?).ok()
}

/// A number's f64, where its decimal value survives.
#[inline]
pub(crate) fn float(text: &[u8]) -> Option<f64> {
    short_float(text).or_else(|| Number::parse(text)?.to_f64())
}

/// Numbers of few digits and no exponent, which the f64 division rounds correctly and which
/// therefore survive.
#[inline]
fn short_float(text: &[u8]) -> Option<f64> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    if unsigned.is_empty() || unsigned.len() > F64_DIGITS + 1 {
        return None;
    }
    let mut value = 0_i64;
    let mut point = unsigned.len();
    for (at, byte) in unsigned.iter().enumerate() {
        match byte.wrapping_sub(b'0') {
            digit @ 0..=9 => value = value * 10 + i64::from(digit),
            _ if *byte == b'.' && point == unsigned.len() => point = at,
            _ => return None,
        }
    }
    let places = (unsigned.len() - point).saturating_sub(1);
    if unsigned.len() - places > F64_DIGITS {
        return None;
    }
    let value = value as f64 / POWERS.get(places)?;
    Some(if unsigned.len() < text.len() {
        -value
    } else {
        value
    })
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

/// The power of ten of an exponent, `e` included; far out of any range where it is huge.
fn power(text: &[u8]) -> Option<i64> {
    let text = text
        .strip_prefix(b"e")
        .or_else(|| text.strip_prefix(b"E"))?;
    let negative = text.starts_with(b"-");
    let unsigned = text
        .strip_prefix(b"-")
        .or_else(|| text.strip_prefix(b"+"))
        .unwrap_or(text);
    let (digits, rest) = digits(unsigned);
    if digits.is_empty() || !rest.is_empty() {
        return None;
    }
    let add = |power: i64, digit: &u8| (power * 10 + i64::from(digit - b'0')).min(1 << 50);
    let power = digits.iter().fold(0, add);
    Some(if negative { -power } else { power })
}

/// Room for an f64's shortest text.
struct Digits {
    bytes: [u8; 40],
    length: usize,
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let room = self
            .bytes
            .get_mut(self.length..end)
            .ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn floats_survive_or_are_refused() {
        let check = |text: &str, expect| assert_eq!(float(text.as_bytes()), expect, "{text}");
        check("0.5", Some(0.5));
        check("1.10", Some(1.1));
        check("-12.34e-5", Some(-12.34e-5));
        check("1e300", Some(1e300));
        check("123456789012345", Some(123_456_789_012_345.0));
        check("9007199254740992", Some(9_007_199_254_740_992.0));
        check("9007199254740993", None);
        check("0.1234567890123456789", None);
        check("0.30000000000000004", Some(0.30000000000000004));
        check("0.300000000000000040", Some(0.30000000000000004));
        check("1e400", None);
        check("1e-400", None);
        check("5e-324", Some(5e-324));
        check("1e99999999999999999999", None);
        check("0e99999999999999999999", Some(0.0));
        check("1.0000000000000000000000000", Some(1.0));
        check("NaN", None);
        check("1.2.3", None);
        check("", None);
        check("-", None);
    }

    #[test]
    fn integers_by_value() {
        let check = |text: &str, expect| assert_eq!(integer(text.as_bytes()), expect, "{text}");
        check("0", Some(0));
        check("-0", Some(0));
        check("5.0", Some(5));
        check("5e3", Some(5_000));
        check("0.5", None);
        check("9223372036854775807", Some(i64::MAX));
        check("-9223372036854775808", Some(i64::MIN));
        check("9223372036854775808", None);
        check("true", None);
    }

    #[test]
    fn decimals_are_exact() {
        let check = |text: &str, scale, expect| {
            let scaled = Number::parse(text.as_bytes()).and_then(|number| number.scaled(scale));
            assert_eq!(scaled, expect, "{text}");
        };
        check("1.10", 2, Some(110));
        check("1.10", 1, Some(11));
        check("1.10", 0, None);
        check("-1.5e2", 0, Some(-150));
        check("0.000", 0, Some(0));
        check(&"9".repeat(38), 0, Some(10_i128.pow(38) - 1));
        check(&"9".repeat(39), 0, None);
        check(&"9".repeat(38), 1, None);
    }

    proptest! {
        #[test]
        fn every_float_survives(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            prop_assert_eq!(float(format!("{value:e}").as_bytes()), Some(value));
            prop_assert_eq!(float(format!("{value}").as_bytes()), Some(value));
        }

        #[test]
        fn what_survives_reads_back_as_the_same_decimal(text in "-?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,20})?") {
            let number = Number::parse(text.as_bytes()).expect("a number");
            if let (Some(value), Some(exact)) = (float(text.as_bytes()), number.scaled(18)) {
                let shortest = format!("{value:e}");
                let back = Number::parse(shortest.as_bytes()).expect("a number");
                prop_assert_eq!(back.scaled(18), Some(exact));
            }
        }

        #[test]
        fn every_integer_is_read(value: i64) {
            prop_assert_eq!(integer(value.to_string().as_bytes()), Some(value));
        }
    }
}
