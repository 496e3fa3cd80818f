//! What the bytes of an object come to.

use std::fmt;
use std::str::FromStr;

use crc_fast::{CrcAlgorithm, Digest};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The CRC-64/NVME of an object's bytes, as S3 computes it for a whole object: it tells damage, not
/// forgery. As text, `crc64nvme:` and sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checksum(u64);

/// Takes an object's bytes in, piece after piece.
#[derive(Clone, Debug)]
pub struct ChecksumBuilder(Digest);

const NAME: &str = "crc64nvme:";

impl Checksum {
    /// That of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes))
    }
}

impl Default for ChecksumBuilder {
    fn default() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Nvme))
    }
}

impl ChecksumBuilder {
    /// Takes further bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// That of all bytes so far.
    pub fn checksum(&self) -> Checksum {
        Checksum(self.0.finalize())
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}{:016x}", self.0)
    }
}

impl FromStr for Checksum {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix(NAME).filter(|digits| digits.len() == 16);
        let value = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        value
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no checksum"))
    }
}

impl Serialize for Checksum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checksum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of the algorithm: a change would make all manifests differ.
    #[test]
    fn it_is_that_of_s3() {
        let checksum = Checksum::of(b"123456789");
        assert_eq!(checksum.to_string(), "crc64nvme:ae8b14860a799888");
        assert_eq!(checksum.to_string().parse(), Ok(checksum));
    }

    #[test]
    fn pieces_come_to_the_whole() {
        let mut builder = ChecksumBuilder::default();
        builder.update(b"1234");
        builder.update(b"56789");
        assert_eq!(builder.checksum(), Checksum::of(b"123456789"));
        assert_eq!(ChecksumBuilder::default().checksum(), Checksum::of(b""));
    }

    #[test]
    fn what_is_no_checksum_is_told() {
        for text in ["", "crc64nvme:", "crc64nvme:12", "md5:ae8b14860a799888"] {
            assert!(text.parse::<Checksum>().is_err(), "{text}");
        }
    }
}
