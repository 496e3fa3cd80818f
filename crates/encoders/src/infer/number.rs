//! Facts about numbers.

use arrow::datatypes::DataType;

use crate::number::Number;

/// What is known of some numbers. The union of two is made fact by fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumberFacts {
    /// All are written as integers.
    integers: bool,
    /// All fit 64 bits with a sign, if they are integers.
    small: bool,
    /// All survive the way through an f64.
    survive: bool,
    integer_digits: u64,
    scale: u64,
}

/// Digits before the point that a decimal gets: steps, so that not each further digit widens it.
const STEPS: [u64; 4] = [10, 20, 28, 38];
/// Digits of the widest decimal that readers know.
const DIGITS: u64 = 38;

impl NumberFacts {
    pub(super) fn of(text: &[u8], number: &Number<'_>) -> Self {
        Self {
            integers: !number.float_form,
            small: crate::number::integer(text).is_some(),
            survive: crate::number::float(text).is_some(),
            integer_digits: number.integer_digits(),
            scale: number.scale(),
        }
    }

    /// Of a column of integers. They are taken to survive (see the exception in the module).
    pub(super) fn integers(digits: u64) -> Self {
        let small = digits < 20;
        Self {
            integers: true,
            small,
            survive: small,
            integer_digits: digits,
            scale: 0,
        }
    }

    /// Of a column of floats: as a decimal it would get room for integers of 64 bits.
    pub(super) fn floats() -> Self {
        let (integer_digits, scale) = (20, 18);
        Self {
            integers: false,
            small: true,
            survive: true,
            integer_digits,
            scale,
        }
    }

    pub(super) fn decimals(precision: u8, scale: i8) -> Self {
        let integer_digits = (i64::from(precision) - i64::from(scale)).unsigned_abs();
        let scale = u64::try_from(scale).unwrap_or_default();
        Self {
            integers: scale == 0,
            small: false,
            survive: false,
            integer_digits,
            scale,
        }
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self {
            integers: self.integers && other.integers,
            small: self.small && other.small,
            survive: self.survive && other.survive,
            integer_digits: self.integer_digits.max(other.integer_digits),
            scale: self.scale.max(other.scale),
        }
    }

    /// The type that holds them all exactly, if there is one.
    pub(super) fn data_type(&self) -> Option<DataType> {
        if self.integers && self.small {
            return Some(DataType::Int64);
        }
        if !self.integers && self.survive {
            return Some(DataType::Float64);
        }
        let digits = STEPS
            .into_iter()
            .find(|step| *step >= self.integer_digits)?;
        let precision = digits.saturating_add(self.scale);
        let fits = precision <= DIGITS;
        fits.then_some(DataType::Decimal128(precision as u8, self.scale as i8))
    }
}
