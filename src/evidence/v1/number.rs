//! Values in the file format: numbers that read back to the same bits, and words for what JSON cannot hold.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A 64-bit float: a JSON number if finite, otherwise `"NaN"`, `"+Inf"` or `"-Inf"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else if self.0.is_nan() {
            serializer.serialize_str("NaN")
        } else if self.0 > 0.0 {
            serializer.serialize_str("+Inf")
        } else {
            serializer.serialize_str("-Inf")
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, \"NaN\", \"+Inf\" or \"-Inf\"")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
        Ok(Number(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "such a number was not written here, and comparing reveals it"
    )]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "such a number was not written here, and comparing reveals it"
    )]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Number, E> {
        match word {
            "NaN" => Ok(Number(f64::NAN)),
            "+Inf" => Ok(Number(f64::INFINITY)),
            "-Inf" => Ok(Number(f64::NEG_INFINITY)),
            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: f64) -> String {
        serde_json::to_string(&Number(value)).expect("a number")
    }

    #[test]
    fn what_json_cannot_hold_is_a_word() {
        assert_eq!(written(f64::NAN), "\"NaN\"");
        assert_eq!(written(-f64::NAN), "\"NaN\"");
        assert_eq!(written(f64::INFINITY), "\"+Inf\"");
        assert_eq!(written(f64::NEG_INFINITY), "\"-Inf\"");
    }

    #[test]
    fn words_read_back_and_others_are_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let read: Number = serde_json::from_str(&written(value)).expect("a word");
            assert_eq!(written(read.0), written(value));
        }
        for other in ["\"Inf\"", "\"1\"", "null", "[1]"] {
            assert!(serde_json::from_str::<Number>(other).is_err(), "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn finite_values_read_back_to_the_same_bits(bits in proptest::prelude::any::<u64>()) {
            let value = f64::from_bits(bits);
            proptest::prop_assume!(value.is_finite());
            let read: Number = serde_json::from_str(&written(value)).expect("a float");
            proptest::prop_assert_eq!(read.0.to_bits(), bits);
        }
    }
}
