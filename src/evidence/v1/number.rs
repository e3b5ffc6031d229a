//! Values as the file format holds them: numbers that read back to the same bits, and words for what JSON cannot hold.

use serde::{Serialize, Serializer};

/// A 64-bit float: a JSON number where finite, else `"NaN"`, `"+Inf"` or `"-Inf"`.
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

    proptest::proptest! {
        #[test]
        fn finite_values_read_back_to_the_same_bits(bits in proptest::prelude::any::<u64>()) {
            let value = f64::from_bits(bits);
            proptest::prop_assume!(value.is_finite());
            let read: f64 = serde_json::from_str(&written(value)).expect("a float");
            proptest::prop_assert_eq!(read.to_bits(), bits);
        }
    }
}
